// npm: packages of Node.js in a folder or for the whole host, by npm of the host.
import { bool, choice, path, str } from '../core/args.ts';
import { defineModule, type Effect } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import type { z } from 'zod';

interface PackagesState {
  readonly kind: 'packages' | 'missing' | 'unreadable';
  /** Versions by name; of what is wanted there and is not, or is another version, nothing. */
  readonly installed: Readonly<Record<string, string>>;
  readonly info: { readonly broken: readonly string[]; readonly outdated: boolean };
}

const shape = {
  name: str().optional().describe('The package; without it those that package.json names.'),
  version: str().optional().describe('Its version.'),
  path: path().optional().describe('Folder that they are installed in.'),
  global: bool().default(false).describe('Install for the whole host, not in path.'),
  state: choice('present', 'absent', 'latest').default('present').describe('Whether it is there; latest also updates.'),
  executable: path().optional().describe('The npm to use, with arguments.'),
  registry: str().optional().describe('Where packages come from.'),
  production: bool().default(false).describe('Leave out what only development needs.'),
  ci: bool().default(false).describe('Install what package-lock.json says; a change each time.'),
  ignore_scripts: bool().default(false).describe('Run no scripts of packages.'),
  unsafe_perm: bool().default(false).describe('Run scripts of packages as root where npm is.'),
  no_optional: bool().default(false).describe('Leave out optional packages.'),
  no_bin_links: bool().default(false).describe('Make no links to programs.'),
  force: bool().default(false).describe('Go on where npm would stop.'),
};
type Args = z.output<z.ZodObject<typeof shape>>;

export const npm = defineModule<typeof shape, { readonly packages: PackagesState }>({
  name: 'community.general.npm',
  summary: 'Install, update or remove packages of Node.js',
  args: shape,
  check: (args) =>
    args.state === 'absent' && args.name === undefined
      ? 'state is absent but all of the following are missing: name'
      : !args.global && args.path === undefined
        ? 'global is False but all of the following are missing: path'
        : undefined,
  example: `
- community.general.npm:
    name: left-pad
    path: /opt/app
`,
  probe: (args): { packages: Probe<PackagesState> } => ({
    packages: scriptProbe(
      `npm:${args.global ? 'global' : (args.path ?? '')}`,
      listScript(args),
      (answer) => parsePackages(answer),
      { costly: true },
    ),
  }),
})({
  plan: (args, { packages: now }) => {
    if (now.kind === 'missing')
      return { failed: `Failed to find required executable "${args.executable ?? 'npm'}" on the host` };
    if (args.ci) return { after: {}, effects: [{ kind: 'ci', text: 'npm ci' }] };
    if (now.kind === 'unreadable') return { failed: 'Failed to parse NPM output' };
    const { name } = args;
    if (args.state === 'absent') {
      if (name === undefined || now.installed[name] === undefined) return { after: {} };
      const { [name]: _gone, ...installed } = now.installed;
      return { after: { packages: { ...now, installed } } };
    }
    const effects: Effect[] =
      args.state === 'latest' && now.info.outdated
        ? [{ kind: 'update', text: `npm update${name === undefined ? '' : ` ${name}`}` }]
        : [];
    if (!lacks(args, now)) return { after: {}, effects };
    // Without a name it is package.json that says what is missing.
    if (name === undefined) return { after: {}, effects: [{ kind: 'install', text: 'npm install' }, ...effects] };
    const wanted =
      now.installed[name] !== undefined && (args.version === undefined || now.installed[name] === args.version)
        ? undefined
        : (args.version ?? 'newest');
    // What else is broken in the folder is mended along.
    return wanted === undefined
      ? { after: {}, effects: [{ kind: 'install', text: `npm install ${name}` }, ...effects] }
      : {
          after: {
            packages: { ...now, installed: { ...now.installed, [name]: wanted }, info: { ...now.info, broken: [] } },
          },
          effects,
        };
  },
  apply: (args, { before: { packages: was }, after: { packages: is }, effects }) => {
    const doing = (kind: string): boolean => effects.some((effect) => effect.kind === kind);
    if (doing('ci')) return [npmStep(args, 'ci')];
    if (args.state === 'absent') return was === is ? [] : [npmStep(args, 'uninstall')];
    return [
      ...(was !== is || doing('install') ? [npmStep(args, 'install')] : []),
      ...(doing('update') ? [npmStep(args, 'update')] : []),
    ];
  },
});

/** As the module of Ansible sees it: something is missing or another version, or nothing is there at all. */
function lacks(args: Args, now: PackagesState): boolean {
  if (now.info.broken.length > 0 || Object.keys(now.installed).length === 0) return true;
  return (
    args.name !== undefined &&
    (now.installed[args.name] === undefined ||
      (args.version !== undefined && now.installed[args.name] !== args.version))
  );
}

function commandWords(args: Args, verb: readonly string[], named: boolean): string {
  const target =
    args.name === undefined
      ? []
      : [
          args.version !== undefined && args.version !== '' && args.state !== 'absent'
            ? `${args.name}@${args.version}`
            : args.name,
        ];
  const words = [
    ...verb,
    ...(args.global ? ['--global'] : []),
    ...(args.production && ['install', 'update', 'ci'].includes(verb[0] ?? '') ? ['--production'] : []),
    ...(args.ignore_scripts ? ['--ignore-scripts'] : []),
    ...(args.unsafe_perm ? ['--unsafe-perm'] : []),
    ...(named ? target : []),
    ...(args.registry === undefined ? [] : ['--registry', args.registry]),
    ...(args.no_optional ? ['--no-optional'] : []),
    ...(args.no_bin_links ? ['--no-bin-links'] : []),
    ...(args.force ? ['--force'] : []),
  ];
  return quoteAll([...(args.executable === undefined ? ['npm'] : args.executable.split(' ')), ...words]);
}

const SEARCH = 'PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin';
/** The folder as a word of the shell. */
const folderWord = (folder: string): string =>
  folder.startsWith('~/') ? `"$HOME"${quote(folder.slice(1))}` : quote(folder);

function npmStep(args: Args, verb: string): Step {
  const folder =
    args.path === undefined ? [] : [`mkdir -p -- ${folderWord(args.path)} && cd -- ${folderWord(args.path)} || exit 1`];
  return { kind: 'script', script: [SEARCH, ...folder, commandWords(args, [verb], true)].join('\n'), long: true };
}

/** A folder that is not there holds nothing. */
function listScript(args: Args): string {
  const program = args.executable === undefined ? 'npm' : (args.executable.split(' ')[0] ?? '');
  const folder =
    args.path === undefined ? '' : `cd -- ${folderWord(args.path)} 2>/dev/null || { echo '{}'; exit 0; }\n`;
  return `${SEARCH}
command -v ${quote(program)} >/dev/null || { echo @@missing; exit 0; }
${folder}${commandWords(args, ['list', '--json', '--long'], false)} 2>/dev/null
echo
echo @@outdated
${args.state === 'latest' ? `${commandWords(args, ['outdated'], true)} 2>/dev/null` : ''}
:`;
}

export function parsePackages(answer: Answer): PackagesState {
  const [list = '', outdated = ''] = answer.stdout.toString('utf8').split('@@outdated\n');
  const info = { broken: [] as string[], outdated: outdated.trim() !== '' };
  if (list.startsWith('@@missing')) return { kind: 'missing', installed: {}, info };
  let told: { dependencies?: Record<string, { version?: string; missing?: unknown; invalid?: unknown }> };
  try {
    told = JSON.parse(list.trim() === '' ? '{}' : list) as typeof told;
  } catch {
    return { kind: 'unreadable', installed: {}, info };
  }
  const installed: Record<string, string> = {};
  for (const [name, { version, missing, invalid }] of Object.entries(told.dependencies ?? {})) {
    if (isSet(missing) || isSet(invalid)) info.broken.push(name);
    else installed[name] = version ?? '';
  }
  return { kind: 'packages', installed, info };
}
const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== '';
