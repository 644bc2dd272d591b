// authorized_key: a public key may log in as an account, or may not.
import { bool, choice, path, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import { parentOf } from '../probes/path.ts';
import { userProbe, type UserState } from '../probes/user.ts';
import { formatKey, optionList, parseKey, type KeyLine } from './key-lines.ts';
import type { Editable } from './parts/edit-file.ts';
import { targetOf } from './parts/file-steps.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

interface Observed extends Editable {
  readonly user: UserState;
  /** The keys of a URL, as the host downloads them. */
  readonly remote?: { readonly kind: 'keys'; readonly info: { readonly text: string | undefined } };
}

export const authorized_key = defineModule<KeyShape, Observed>({
  name: 'ansible.posix.authorized_key',
  summary: 'Say which public keys may log in as an account',
  args: keyArgs(),
  check: (args) => {
    if (isUrl(args.key)) return undefined;
    const wrong = args.key
      .split('\n')
      .find((text) => text.trim() !== '' && !text.trim().startsWith('#') && parseKey(text) === undefined);
    return wrong === undefined ? undefined : `invalid key specified: ${wrong.slice(0, 60)}`;
  },
  example: `
- ansible.posix.authorized_key:
    user: root
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVueGFtcGxla2V5Zm9ydmJ4ZXhhbXBsZXNvbmx5MDEy ops@example.org
    path: /root/.ssh/vbx_example_keys
`,
  probe: (args) => ({
    ...textProbes(fileOf(args)),
    user: userProbe(args.user),
    ...(isUrl(args.key) ? { remote: urlProbe(args.key, args.validate_certs) } : {}),
  }),
})({
  plan: (args, observed, basics): Plan<Observed> => {
    if (observed.user.kind === 'absent')
      return {
        failed: `Failed to lookup user ${args.user}: there is no such account`,
        hint: 'Add it first with the module user.',
      };
    const text = isUrl(args.key) ? observed.remote?.info.text : args.key;
    if (text === undefined) return { failed: `the keys of ${args.key} cannot be downloaded` };
    const wanted = text
      .split('\n')
      .map(parseKey)
      .filter((key) => key !== undefined);
    if (wanted.length === 0 && text.trim() !== '')
      return { failed: `there is no public key in ${isUrl(args.key) ? args.key : 'key'}` };
    const owner = ownerOf(args.user, observed.user, basics);
    const plan = planText(
      { path: fileOf(args), mode: keepMode(observed), mayMiss: args.state === 'absent' && !args.exclusive, ...owner },
      observed,
      basics,
      edit(args, wanted),
    );
    if (!('after' in plan) || observed.parent.kind !== 'absent' || plan.after.parent?.kind !== 'directory') return plan;
    // Without manage_dir the folder is made all the same, as folders are made that are nobody's in particular.
    if (!args.manage_dir) return plan;
    return { ...plan, after: { ...plan.after, parent: { ...plan.after.parent, mode: '0700', ...owner } } };
  },
  apply: (args, { before, after, effects }, basics) => {
    const file = {
      path: fileOf(args),
      mode: keepMode(before),
      mayMiss: args.state === 'absent',
      ...(after.user.kind === 'user' ? ownerOf(args.user, after.user, basics) : {}),
    };
    const folder = parentOf(targetOf(file.path, before.at, true).path);
    const made: Step[] =
      args.manage_dir &&
      before.parent.kind === 'absent' &&
      after.parent.kind === 'directory' &&
      before.at.kind === 'absent' &&
      after.at.kind !== 'absent'
        ? [
            {
              kind: 'script',
              script: `mkdir -p -m 0700 -- ${quote(folder)} && chown -- ${quote(`${args.user}:`)} ${quote(folder)}`,
            },
          ]
        : [];
    // The folder is made above, with its own owner and mode; what is left is the file.
    const there = made.length > 0 ? { ...before, parent: after.parent } : before;
    return [...made, ...applyText(file, { before: there, after, effects }, basics)];
  },
  result: (args, { after }) => ({
    user: args.user,
    key: args.key,
    key_options: args.key_options ?? null,
    path: args.path ?? null,
    keyfile: targetOf(fileOf(args), after.at, true).path,
    state: args.state,
    exclusive: args.exclusive,
    manage_dir: args.manage_dir,
    validate_certs: args.validate_certs,
    comment: args.comment ?? null,
    follow: args.follow,
  }),
});

function keyArgs() {
  return {
    user: str().describe('The account.'),
    key: str().describe(
      'The public key, several of them on lines of their own, or the URL of such lines (`https://github.com/NAME.keys`).',
    ),
    path: path().optional().describe('Another file than `.ssh/authorized_keys` of the account.'),
    manage_dir: bool().default(true).describe('Make the folder of the file where it is missing.'),
    state: choice('absent', 'present').default('present').describe('Whether the key may log in.'),
    key_options: str().optional().describe('Options in front of the key: `no-port-forwarding,from="10.0.1.1"`.'),
    exclusive: bool().default(false).describe('Remove all other keys of the file.'),
    validate_certs: bool().default(true).describe('Check the certificate of a URL.'),
    comment: str().optional().describe('Another comment for the key.'),
    follow: bool()
      .default(false)
      .describe('Taken for compatibility: the file that a link leads to is the one that is changed.'),
  };
}
type KeyShape = ReturnType<typeof keyArgs>;

function isUrl(key: string): boolean {
  return /^(https?|ftp|file):\/\//.test(key);
}
function fileOf(args: { readonly user: string; readonly path?: string | undefined }): string {
  return args.path ?? `~${args.user}/.ssh/authorized_keys`;
}
/** sshd refuses files that others may write: a new one is 0600, one that is there keeps its mode. */
function keepMode(observed: Editable): string {
  const state: PathState = observed.at.kind === 'link' ? observed.at.real : observed.at;
  return state.kind === 'file' ? state.mode : '0600';
}
function ownerOf(
  name: string,
  user: Extract<UserState, { kind: 'user' }>,
  basics: Basics,
): { owner?: string; group?: string } {
  if (basics.uid !== 0) return {};
  return { owner: name, ...(user.group instanceof Unknown ? {} : { group: user.group }) };
}

function urlProbe(url: string, check: boolean): Probe<NonNullable<Observed['remote']>> {
  const script = `if command -v curl >/dev/null; then curl -fsSL --max-time 60 ${check ? '' : '-k '}-- ${quote(url)}; else wget -q -T 60 ${check ? '' : '--no-check-certificate '}-O - -- ${quote(url)}; fi`;
  return scriptProbe(
    `url:${url}`,
    script,
    (answer) => ({ kind: 'keys', info: { text: answer.rc === 0 ? answer.stdout.toString('utf8') : undefined } }),
    { costly: true },
  );
}

function edit(
  args: {
    readonly state: string;
    readonly key_options?: string | undefined;
    readonly exclusive: boolean;
    readonly comment?: string | undefined;
  },
  keys: readonly KeyLine[],
): LinesEdit {
  const wanted = keys.map((key) => ({
    ...key,
    options: line(args.key_options ?? key.options),
    comment: line(args.comment ?? key.comment),
  }));
  return (lines) => {
    const present = new Set<KeyLine>();
    const kept = lines.flatMap((text) => {
      const known = parseKey(text);
      if (known === undefined) return [text];
      const match = wanted.find((key) => key.data === known.data && key.type === known.type);
      if (args.state === 'absent') return match === undefined ? [text] : [];
      if (match === undefined) return args.exclusive ? [] : [text];
      if (present.has(match)) return [];
      present.add(match);
      const same =
        optionList(known.options).join(',') === optionList(match.options).join(',') && known.comment === match.comment;
      return [same ? text : formatKey(match)];
    });
    return args.state === 'absent' ? kept : [...kept, ...wanted.filter((key) => !present.has(key)).map(formatKey)];
  };
}
