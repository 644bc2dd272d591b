// group: a group is there with its number, or is not there.
import { bool, choice, int, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { Unknown } from '../core/value.ts';
import { groupProbe, type GroupState } from '../probes/group.ts';

export const group = defineModule<GroupShape, { readonly group: GroupState }>({
  name: 'ansible.builtin.group',
  summary: 'Add, change, remove groups',
  args: groupArgs(),
  check: ({ name, non_unique, gid, local, force, gid_min, gid_max }) => {
    if (!/^[^-\s:,/][^\s:,/]*$/.test(name)) return `${name} cannot be the name of a group`;
    if (local && gid_min !== undefined) return "'gid_min' can not be used with 'local'";
    if (local && gid_max !== undefined) return "'gid_max' can not be used with 'local'";
    if (local && force)
      return 'force is not a valid option for local, force=True and local=True are mutually exclusive';
    return non_unique && gid === undefined ? 'non_unique goes only with gid' : undefined;
  },
  example: `
- ansible.builtin.group:
    name: operators
    gid: 2100
`,
  dropsShells: true,
  probe: ({ name, local }) => ({ group: groupProbe(name, local) }),
})({
  plan: (args, { group: now }) => {
    if (args.state === 'absent') return { after: now.kind === 'absent' ? {} : { group: { kind: 'absent' } } };
    if (now.kind === 'absent')
      return {
        after: {
          group: {
            kind: 'group',
            gid: args.gid ?? new Unknown(`the number of group ${args.name}`),
            info: { name: args.name, members: [] },
          },
        },
      };
    return { after: args.gid === undefined || args.gid === now.gid ? {} : { group: { ...now, gid: args.gid } } };
  },
  apply: (args, { before, after }) => {
    const { name } = args;
    if (after.group.kind === 'absent') {
      if (before.group.kind === 'absent') return [];
      // `groupdel --force` removes a user's primary group too; BusyBox has the commands of Alpine.
      return [
        {
          kind: 'script',
          script: `if command -v groupdel >/dev/null; then groupdel ${args.force ? '-f ' : ''}-- ${quote(name)}; else delgroup ${quote(name)}; fi`,
        },
      ];
    }
    const number = args.gid === undefined ? [] : ['-g', String(args.gid)];
    if (before.group.kind === 'absent') {
      const limits = [
        ...(args.gid_min === undefined ? [] : ['-K', `GID_MIN=${args.gid_min}`]),
        ...(args.gid_max === undefined ? [] : ['-K', `GID_MAX=${args.gid_max}`]),
      ];
      const words = [
        ...number,
        ...(args.non_unique ? ['-o'] : []),
        ...(args.system ? ['-r'] : []),
        ...limits,
        '--',
        name,
      ];
      const busybox = [...number, ...(args.system ? ['-S'] : []), name];
      return [
        {
          kind: 'script',
          script: `if command -v groupadd >/dev/null; then groupadd ${quoteAll(words)}; else addgroup ${quoteAll(busybox)}; fi && { getent group ${quote(name)} 2>/dev/null || grep ${quote(`^${name}:`)} /etc/group; }`,
        },
      ];
    }
    if (before.group.gid === after.group.gid) return [];
    return [
      {
        kind: 'script',
        script: `command -v groupmod >/dev/null || { echo 'changing the number of a group needs groupmod (package shadow)' >&2; exit 1; }\ngroupmod ${quoteAll([...number, ...(args.non_unique ? ['-o'] : []), '--', name])}`,
      },
    ];
  },
  result: (args, { before, after }, done) => {
    const printed = Number(done.at(-1)?.stdout.trim().split('\n').at(-1)?.split(':')[2]);
    const gid =
      after.group.kind !== 'group'
        ? undefined
        : after.group.gid instanceof Unknown && Number.isInteger(printed)
          ? printed
          : after.group.gid;
    return {
      name: args.name,
      state: args.state,
      ...(before.group.kind === 'group' || after.group.kind === 'group' ? { system: args.system } : {}),
      ...(gid === undefined ? {} : { gid }),
    };
  },
});

function groupArgs() {
  return {
    name: str().describe('Name of the group.'),
    gid: int().optional().describe('Its number.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
    force: bool().default(false).describe('Remove it even if it is the primary group of a user.'),
    system: bool().default(false).describe("Take a number of the system's range."),
    local: bool().default(false).describe('Look only into /etc/group, not into directory services.'),
    non_unique: bool().default(false).describe('The number may be taken already.'),
    gid_min: int().optional().describe('Lowest number to choose.'),
    gid_max: int().optional().describe('Highest number to choose.'),
  };
}
type GroupShape = ReturnType<typeof groupArgs>;
