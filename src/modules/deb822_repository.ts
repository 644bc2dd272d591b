// deb822_repository: a repository of apt in its new form (NAME.sources), with its key beside it.
import { bool, choice, int, list, mode, str } from '../core/args.ts';
import { contentOf } from '../core/content.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import type { Step } from '../core/step.ts';
import { fetchProbe, type FetchedState } from '../probes/download.ts';
import { pathProbe } from '../probes/path.ts';
import { isArmored } from './openpgp.ts';
import type { Editable } from './parts/edit-file.ts';
import { fileAfter } from './parts/file-attributes.ts';
import { fileSteps } from './parts/file-steps.ts';
import { applyText, line, planText, textProbes } from './parts/text-edit.ts';

interface Observed extends Editable {
  /** The key files that may be there, and their folder. */
  readonly asc: PathState;
  readonly gpg: PathState;
  readonly keyrings: PathState;
  readonly key?: FetchedState;
}

export const deb822_repository = defineModule<DebShape, Observed>({
  name: 'ansible.builtin.deb822_repository',
  summary: 'Add and remove repositories of apt, each with its own key',
  args: debArgs(),
  check: (args) =>
    args.state === 'present' && ((args.uris ?? []).length === 0 || (args.suites ?? []).length === 0)
      ? 'uris and suites are required with state: present'
      : slugOf(args.name) === ''
        ? 'name must hold letters or digits'
        : undefined,
  example: `
- ansible.builtin.deb822_repository:
    name: vbx-example
    uris: [https://deb.example.org/debian]
    suites: [stable]
    components: [main]
    enabled: false
`,
  probe: (args): { [K in keyof Observed]: Probe<NonNullable<Observed[K]>> } =>
    ({
      ...textProbes(fileOf(args.name)),
      asc: pathProbe(keyFile(args.name, 'asc'), { content: 'digest' }),
      gpg: pathProbe(keyFile(args.name, 'gpg'), { content: 'digest' }),
      keyrings: pathProbe('/etc/apt/keyrings'),
      ...(isUrl(args.signed_by) ? { key: fetchProbe(args.signed_by ?? '') } : {}),
    }) as { [K in keyof Observed]: Probe<NonNullable<Observed[K]>> },
})({
  plan: (args, observed, basics): Plan<Observed> => {
    if (args.state === 'absent') {
      const gone = (key: 'at' | 'asc' | 'gpg') =>
        observed[key].kind === 'absent' ? {} : { [key]: { kind: 'absent' } };
      return { after: { ...gone('at'), ...gone('asc'), ...gone('gpg') } };
    }
    if (observed.key !== undefined && observed.key.info.bytes === undefined)
      return { failed: `Could not fetch signed_by key: ${observed.key.info.message}` };
    const plan = planText({ path: fileOf(args.name), mode: args.mode }, observed, basics, () =>
      linesFor(args, observed.key),
    );
    const bytes = observed.key?.info.bytes;
    if (!('after' in plan) || bytes === undefined) return plan;
    const which = isArmored(bytes) ? 'asc' : 'gpg';
    const folder =
      observed.keyrings.kind === 'absent'
        ? {
            keyrings: {
              kind: 'directory' as const,
              mode: '0755',
              owner: 'root',
              group: 'root',
              info: { uid: 0, gid: 0, size: 0, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 },
            },
          }
        : {};
    return {
      ...plan,
      after: {
        ...plan.after,
        ...folder,
        [which]: fileAfter(observed[which], contentOf(bytes), { mode: '0644' }, basics, observed.keyrings),
      },
    };
  },
  apply: (args, change, basics) => {
    const { before, after } = change;
    if (args.state === 'absent') {
      return (['at', 'asc', 'gpg'] as const).flatMap((key): Step[] =>
        before[key].kind !== 'absent' && after[key].kind === 'absent'
          ? [{ kind: 'remove', path: key === 'at' ? fileOf(args.name) : keyFile(args.name, key), guard: before[key] }]
          : [],
      );
    }
    const folder: Step[] =
      before.keyrings.kind === 'absent' && after.keyrings.kind === 'directory'
        ? [{ kind: 'run', argv: ['mkdir', '-p', '-m', '0755', '/etc/apt/keyrings'] }]
        : [];
    const keys = (['asc', 'gpg'] as const).flatMap((key) =>
      before[key] === after[key]
        ? []
        : fileSteps(keyFile(args.name, key), before[key], after[key], { mode: '0644' }, basics),
    );
    return [...folder, ...keys, ...applyText({ path: fileOf(args.name), mode: args.mode }, change, basics)];
  },
  result: (args, { after }) => ({
    repo: args.state === 'absent' ? null : `${linesFor(args, after.key).join('\n')}\n`,
    dest: fileOf(args.name),
    key_filename:
      after.asc.kind === 'file'
        ? keyFile(args.name, 'asc')
        : after.gpg.kind === 'file'
          ? keyFile(args.name, 'gpg')
          : null,
  }),
});

function debArgs() {
  return {
    name: str().describe('Name of the repository; its file is named after it.'),
    uris: list(str()).optional().describe('Where it is.'),
    suites: list(str()).optional().describe('Releases of it, or paths that end with a slash.'),
    components: list(str()).optional().describe('Parts of it: main, contrib.'),
    types: list(choice('deb', 'deb-src')).default(['deb']).describe('Packages, sources, or both.'),
    architectures: list(str()).optional().describe('Only these.'),
    signed_by: str()
      .optional()
      .describe('Its key: a URL, a file of the host, the armored key itself, or a fingerprint.'),
    enabled: bool().optional().describe('Whether apt uses it.'),
    trusted: bool().optional().describe('Take its packages without a signature.'),
    allow_downgrade_to_insecure: bool().optional().describe('Allow-Downgrade-To-Insecure.'),
    allow_insecure: bool().optional().describe('Allow-Insecure.'),
    allow_weak: bool().optional().describe('Allow-Weak.'),
    by_hash: bool().optional().describe('By-Hash.'),
    check_date: bool().optional().describe('Check-Date.'),
    check_valid_until: bool().optional().describe('Check-Valid-Until.'),
    date_max_future: int().optional().describe('Date-Max-Future, seconds.'),
    inrelease_path: str().optional().describe('InRelease-Path.'),
    languages: list(str()).optional().describe('Languages.'),
    pdiffs: bool().optional().describe('PDiffs.'),
    targets: list(str()).optional().describe('Targets.'),
    mode: mode().default('0644').describe('Mode of the file.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  };
}
type DebShape = ReturnType<typeof debArgs>;

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '');
}
function fileOf(name: string): string {
  return `/etc/apt/sources.list.d/${slugOf(name)}.sources`;
}
function keyFile(name: string, extension: 'asc' | 'gpg'): string {
  return `/etc/apt/keyrings/${slugOf(name)}.${extension}`;
}
function isUrl(value: string | undefined): boolean {
  return value !== undefined && /^[a-z]+:\/\//.test(value);
}

/** Fields in alphabetical order of the arguments, as Ansible writes them; texts of several lines are indented, blank lines in them a dot. */
function linesFor(
  args: Readonly<Record<string, unknown>> & { readonly name: string },
  key: FetchedState | undefined,
): string[] {
  const names: Readonly<Record<string, string>> = { name: 'X-Repolib-Name', uris: 'URIs' };
  return Object.entries(args)
    .filter(([name, value]) => value !== undefined && name !== 'mode' && name !== 'state')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      const bytes = key?.info.bytes;
      const text =
        typeof value === 'boolean'
          ? value
            ? 'yes'
            : 'no'
          : Array.isArray(value)
            ? value.join(' ')
            : name === 'signed_by' && bytes !== undefined
              ? keyFile(args.name, isArmored(bytes) ? 'asc' : 'gpg')
              : String(value);
      const field =
        names[name] ??
        name
          .split('_')
          .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
          .join('-');
      const parts = text.trim().split('\n');
      return parts.length === 1
        ? [`${field}: ${line(text.trim())}`]
        : [`${field}: `, ...parts.map((part) => `    ${line(part.trim() === '' ? '.' : part.trim())}`)];
    });
}
