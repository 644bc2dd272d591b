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
      return `${given.state} needs a key parameter`;
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
    const wish = wishOf(given);
    if (name === undefined || wish === 'read') return { after: {} };
    const others = attributes.values.filter((one) => one.name !== name);
    return {
      after: {
        attributes: {
          kind: 'attributes',
          values: sorted(wish === 'absent' ? others : [...others, { name, value: given.value ?? '' }]),
        },
      },
    };
  },
  apply: (given): readonly Step[] => {
    const name = quote(nameOf(given) ?? '');
    const flag = given.follow ? '' : ' -h';
    const script =
      wishOf(given) === 'absent'
        ? `setfattr${flag} -x ${name} -- "$p"`
        : `setfattr${flag} -n ${name}${(given.value ?? '') === '' ? '' : ` -v ${quote(`0s${Buffer.from(given.value ?? '').toString('base64')}`)}`} -- "$p"`;
    return [{ kind: 'script', script: `p=${pathWord(cleanPath(given.path))}; ${script}` }];
  },
  // Told is what was there before, as the names of the tool that lists them: those of users alone where none is asked for.
  result: (given, { before: { attributes } }) => {
    const name = nameOf(given);
    const wish = wishOf(given);
    const told = attributes.values.filter((one) =>
      name === undefined || (wish === 'read' && given.state !== 'read')
        ? one.name.startsWith('user.')
        : one.name === name,
    );
    return {
      msg:
        wish === 'present'
          ? `${name ?? ''} set to ${given.value ?? ''}`
          : wish === 'absent'
            ? `${name ?? ''} removed`
            : given.state === 'keys'
              ? 'returning all keys'
              : given.state === 'all'
                ? 'dumping all'
                : `returning ${name ?? 'None'}`,
      xattr: Object.fromEntries(
        told.map((one) => [one.name, given.state === 'keys' && wish === 'read' ? '' : one.value]),
      ),
    };
  },
});

function sorted(
  values: readonly { readonly name: string; readonly value: string }[],
): { readonly name: string; readonly value: string }[] {
  return [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A value that is written is a wish, whatever the state says. */
function wishOf(given: Args): 'present' | 'absent' | 'read' {
  if (given.key !== undefined && (given.state === 'present' || given.value !== undefined)) return 'present';
  return given.state === 'absent' ? 'absent' : 'read';
}

function nameOf(given: Args): string | undefined {
  if (given.key === undefined) return undefined;
  return given.namespace === '' || (given.namespace === 'user' && given.key.startsWith('user.'))
    ? given.key
    : `${given.namespace}.${given.key}`;
}
