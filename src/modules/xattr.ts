// community.general.xattr: an extended attribute of a path in the user's namespace (or another).
import { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe } from '../core/probe.ts';
import type { Step } from '../core/step.ts';
import { cleanPath } from '../probes/path.ts';
import { pathWord } from '../probes/path-script.ts';
import { quote } from '../core/quote.ts';

const args = {
  path: field(path(), { aliases: ['name'] }).describe('The file or folder'),
  namespace: str().default('user').describe('Namespace of the attribute'),
  key: str().optional().describe('Name of the attribute'),
  value: str().optional().describe('Its value'),
  state: choice('absent', 'all', 'keys', 'present', 'read')
    .default('read')
    .describe('present and absent change it; read tells one, all tells all, keys their names'),
  follow: bool().default(true).describe('Take what a link leads to'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Attributes {
  readonly kind: 'attributes' | 'absent' | 'no-tool';
  /** By name, in order: an attribute that goes is seen as a difference. */
  readonly values: readonly { readonly name: string; readonly value: string }[];
}

export const xattr = defineModule<typeof args, { readonly attributes: Attributes }>({
  name: 'community.general.xattr',
  summary: 'Sets extended attributes of files',
  args,
  check: (given) => {
    if ((given.state === 'present' || given.state === 'absent') && given.key === undefined)
      return `${given.state} needs the argument "key"`;
    return given.state === 'present' && given.value === undefined ? 'present needs the argument "value"' : undefined;
  },
  example: `
- name: Note where the file comes from
  community.general.xattr:
    path: /etc/vbx-example-xattr
    key: origin
    value: here
    state: present
`,
  exampleSetup: `
- name: A file
  ansible.builtin.copy:
    content: x
    dest: /etc/vbx-example-xattr
- name: The tools
  ansible.builtin.package:
    name: attr
`,
  probe: (given) => ({
    attributes: scriptProbe<Attributes>(
      `xattr:${cleanPath(given.path)}`,
      `p=${pathWord(cleanPath(given.path))}
command -v getfattr >/dev/null 2>&1 || { echo no-tool; exit; }
if [ ! -e "$p" ]; then echo absent; exit; fi
echo attributes
getfattr${given.follow ? '' : ' -h'} --absolute-names -d -m - -e base64 -- "$p" 2>/dev/null`,
      (answer) => {
        const [kind, ...lines] = answer.stdout.toString().split('\n');
        if (kind === 'no-tool' || kind === 'absent') return { kind, values: [] };
        const values = lines.flatMap((line) => {
          const [, name, value] = /^([^#=][^=]*)(?:=0s(.*))?$/.exec(line) ?? [];
          return name === undefined ? [] : [{ name, value: Buffer.from(value ?? '', 'base64').toString('utf8') }];
        });
        return { kind: 'attributes', values: sorted(values) };
      },
      { touches: [cleanPath(given.path)] },
    ),
  }),
})({
  plan: (given, { attributes }) => {
    if (attributes.kind === 'no-tool')
      return { failed: 'Failed to find required executable "getfattr"', hint: 'Install the package attr.' };
    if (attributes.kind === 'absent') return { failed: 'path not found or not accessible!' };
    const name = nameOf(given);
    if (name === undefined || (given.state !== 'present' && given.state !== 'absent')) return { after: {} };
    const others = attributes.values.filter((one) => one.name !== name);
    return {
      after: {
        attributes: {
          kind: 'attributes',
          values: sorted(given.state === 'absent' ? others : [...others, { name, value: given.value ?? '' }]),
        },
      },
    };
  },
  apply: (given): readonly Step[] => {
    const name = quote(nameOf(given) ?? '');
    const flag = given.follow ? '' : ' -h';
    const script =
      given.state === 'absent'
        ? `setfattr${flag} -x ${name} -- "$p"`
        : `setfattr${flag} -n ${name}${(given.value ?? '') === '' ? '' : ` -v ${quote(`0s${Buffer.from(given.value ?? '').toString('base64')}`)}`} -- "$p"`;
    return [{ kind: 'script', script: `p=${pathWord(cleanPath(given.path))}; ${script}` }];
  },
  result: (given, { before, after }) => {
    const name = nameOf(given);
    if (given.state === 'keys')
      return { msg: 'returning existing keys', xattr: before.attributes.values.map((one) => one.name) };
    const shown = Object.fromEntries(
      after.attributes.values
        .filter((one) => given.state !== 'read' || name === undefined || one.name === name)
        .map((one) => [one.name, one.value]),
    );
    return {
      msg:
        given.state === 'all' || given.state === 'read'
          ? 'dumping all'
          : given.state === 'present'
            ? `${given.key ?? ''} set to ${given.value ?? ''}`
            : `${given.key ?? ''} removed`,
      xattr: shown,
    };
  },
});

function sorted(
  values: readonly { readonly name: string; readonly value: string }[],
): { readonly name: string; readonly value: string }[] {
  return [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOf(given: Args): string | undefined {
  if (given.key === undefined) return undefined;
  return /^(user|system|trusted|security)\./.test(given.key) ? given.key : `${given.namespace}.${given.key}`;
}
