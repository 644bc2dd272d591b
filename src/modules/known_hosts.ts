// known_hosts: the key of a host is known, or is not. Names may stand hashed in the file.
import { createHash, createHmac } from 'node:crypto';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { absolutePath } from '../probes/path.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

export const known_hosts = defineModule<KnownShape, Editable>({
  name: 'ansible.builtin.known_hosts',
  summary: 'Say which keys hosts have',
  args: knownArgs(),
  check: (args) => {
    if (args.state === 'present' && args.key === undefined) return 'No key specified when adding a host';
    if (args.key === undefined) return undefined;
    if (/\S\s*,/.test(args.name))
      return 'Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.';
    const fields = fieldsOf(args.key);
    if (fields === undefined) return 'key must be a line of known_hosts: names, type and key';
    return matches(fields.names, args.name)
      ? undefined
      : 'Host parameter does not match hashed host field in supplied key';
  },
  example: `
- ansible.builtin.known_hosts:
    path: /etc/ssh/vbx_known_hosts
    name: git.example.org
    key: git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVueGFtcGxla2V5Zm9ydmJ4ZXhhbXBsZXNvbmx5MDEy
`,
  probe: (args) => textProbes(args.path),
})({
  plan: (args, observed, basics) =>
    planText(
      { path: args.path, mode: modeOf(observed), mayMiss: args.state === 'absent' },
      observed,
      basics,
      edit(args),
    ),
  apply: (args, change, basics) =>
    applyText({ path: args.path, mode: modeOf(change.before), mayMiss: args.state === 'absent' }, change, basics),
  result: (args, { before, after }) => ({
    name: args.name,
    key: args.key ?? null,
    path: args.path,
    state: args.state,
    hash_host: args.hash_host,
    diff: {
      before_header: before.at.kind === 'absent' ? '/dev/null' : absolutePath(args.path, before.at),
      after_header: absolutePath(args.path, after.at),
      before: textOf(before.at),
      after: textOf(after.at),
    },
  }),
});

function knownArgs() {
  return {
    name: field(str(), { aliases: ['host'] }).describe('The host: a name, an address, `[name]:port`.'),
    key: str().optional().describe('Its key as a whole line: names, type, key.'),
    path: path().default('~/.ssh/known_hosts').describe('The file.'),
    hash_host: bool().default(false).describe('Write the name hashed.'),
    state: choice('absent', 'present')
      .default('present')
      .describe('present: this is its key of this type. absent: no key, or not this one.'),
  };
}
type KnownShape = ReturnType<typeof knownArgs>;

/** The file's text; empty where there is none. */
function textOf(at: PathState): string {
  const state = at.kind === 'link' ? at.real : at;
  return state.kind === 'file' ? (state.content?.bytes?.toString('utf8') ?? '') : '';
}

function modeOf(observed: Editable): string {
  const state = observed.at.kind === 'link' ? observed.at.real : observed.at;
  return state.kind === 'file' ? state.mode : '0600';
}

interface Fields {
  readonly marker: string;
  readonly names: string;
  readonly type: string;
  readonly data: string;
}

function fieldsOf(text: string): Fields | undefined {
  const words = text.trim().split(/\s+/);
  if (words[0] === undefined || words[0].startsWith('#')) return undefined;
  const marker = words[0].startsWith('@') ? (words.shift() ?? '') : '';
  const [names, type, data] = words;
  return names === undefined || type === undefined || data === undefined ? undefined : { marker, names, type, data };
}

function isSameKey(one: Fields, other: Fields): boolean {
  return one.marker === other.marker && one.type === other.type && one.data === other.data;
}

/** `|1|salt|digest` is HMAC-SHA1 of the name (ssh-keygen -H). */
function matches(names: string, name: string): boolean {
  const wanted = name.toLowerCase();
  return names.split(',').some((entry) => {
    const [, version, salt, digest] = entry.split('|');
    if (entry.startsWith('|') && version === '1' && salt !== undefined && digest !== undefined)
      return createHmac('sha1', Buffer.from(salt, 'base64')).update(wanted).digest('base64') === digest;
    return entry.toLowerCase() === wanted;
  });
}

/** The salt comes from name and key, so that the same wish always writes the same line. */
function hashed(name: string, data: string): string {
  const salt = createHash('sha1').update(`${name} ${data}`).digest();
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name.toLowerCase()).digest('base64')}`;
}

function edit(args: {
  readonly name: string;
  readonly key?: string | undefined;
  readonly state: string;
  readonly hash_host: boolean;
}): LinesEdit {
  const key = args.key === undefined ? undefined : fieldsOf(args.key);
  return (lines) => {
    const ours = (text: string) => {
      const fields = fieldsOf(text);
      return fields !== undefined && matches(fields.names, args.name) ? fields : undefined;
    };
    if (args.state === 'absent') {
      return lines.filter((text) => {
        const fields = ours(text);
        return fields === undefined || (key !== undefined && !isSameKey(fields, key));
      });
    }
    if (key === undefined) return lines;
    const right = lines.findIndex((text) => {
      const fields = ours(text);
      const hashes = args.hash_host || key.names.startsWith('|');
      return (
        fields !== undefined &&
        isSameKey(fields, key) &&
        (hashes ? fields.names.startsWith('|') : fields.names === key.names)
      );
    });
    // One key of a type a host: others of that type are out of date. Lines that mark a key (as an authority, or revoked) stand beside them.
    const kept = lines.filter((text, at) => {
      const fields = ours(text);
      return (
        at === right ||
        fields === undefined ||
        (fields.marker === '' && key.marker === '' ? fields.type !== key.type : !isSameKey(fields, key))
      );
    });
    const wanted = args.hash_host
      ? `${key.marker === '' ? '' : `${key.marker} `}${hashed(args.name, key.data)} ${key.type} ${key.data}`
      : line((args.key ?? '').trim());
    return right >= 0 ? kept : [...kept, wanted];
  };
}
