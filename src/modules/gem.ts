// gem: packages of Ruby, by gem of the host.
import type { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { Unknown } from '../core/value.ts';
import { isSince } from '../probes/version.ts';

interface GemState {
  readonly kind: 'gem' | 'missing' | 'failed';
  readonly versions: readonly (string | Unknown)[];
  /** The newest that there is elsewhere, where it was asked for; and the version of gem itself. */
  readonly info: { readonly newest?: string; readonly tool: string; readonly failed?: Failed };
}

/** What gem said where it could not list. */
interface Failed {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

const args = {
  name: str().describe('The gem.'),
  state: choice('present', 'absent', 'latest').default('present').describe('Whether it is there.'),
  version: str().optional().describe('Its version.'),
  gem_source: path().optional().describe('File on the host to install it from.'),
  repository: field(str(), { aliases: ['source'] })
    .optional()
    .describe('Where gems come from.'),
  include_dependencies: bool().default(true).describe('Install what it needs too.'),
  user_install: bool().default(true).describe("Install it in the user's home, not for the whole host."),
  install_dir: path().optional().describe('Folder to install it in.'),
  bindir: path().optional().describe('Folder for its programs.'),
  executable: path().optional().describe('The gem program to use, with arguments.'),
  norc: bool().default(true).describe("Do not read the user's settings."),
  pre_release: bool().default(false).describe('Take versions that are not released yet.'),
  include_doc: bool().default(false).describe('Install its documentation.'),
  env_shebang: bool().default(false).describe('Let its programs find Ruby by env.'),
  build_flags: str().optional().describe('Words for what it builds.'),
  force: bool().default(false).describe('Go on where gem would stop.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const gem = defineModule<typeof args, { readonly gem: GemState }>({
  name: 'community.general.gem',
  summary: 'Install or remove packages of Ruby',
  args,
  check: (given) => {
    if (given.gem_source !== undefined && given.repository !== undefined)
      return 'parameters are mutually exclusive: gem_source|repository';
    if (given.gem_source !== undefined && given.version !== undefined)
      return 'parameters are mutually exclusive: gem_source|version';
    if (given.version !== undefined && given.state === 'latest') return 'Cannot specify version when state=latest';
    if (given.gem_source !== undefined && given.state === 'latest')
      return 'Cannot maintain state=latest when installing from local source';
    return given.user_install && given.install_dir !== undefined
      ? 'install_dir requires user_install=false'
      : undefined;
  },
  example: `
- community.general.gem:
    name: rake
    user_install: false
`,
  probe: (given): { gem: Probe<GemState> } => ({
    gem: scriptProbe(`gem:${given.name}`, queryScript(given), parseGem, { costly: true, stderr: true }),
  }),
})({
  plan: (given, { gem: now }) => {
    if (now.kind === 'missing')
      return { failed: `Failed to find required executable "${given.executable ?? 'gem'}" in paths` };
    if (now.info.failed !== undefined)
      return { failed: now.info.failed.stderr.trimEnd() || 'gem failed', fields: { ...now.info.failed } };
    const version = given.state === 'latest' ? now.info.newest : given.version;
    const there = version === undefined ? now.versions.length > 0 : now.versions.includes(version);
    if (given.state === 'absent')
      return {
        after: there
          ? { gem: { ...now, versions: version === undefined ? [] : now.versions.filter((one) => one !== version) } }
          : {},
      };
    return {
      after: there
        ? {}
        : { gem: { ...now, versions: [version ?? new Unknown(`the version of ${given.name}`), ...now.versions] } },
    };
  },
  apply: (given, { before: { gem: was }, after: { gem: is } }) => {
    if (was === is) return [];
    const words = given.state === 'absent' ? removeWords(given, was.info.tool) : installWords(given, was.info);
    return [{ kind: 'script', script: `${environment(given)}${words}`, long: true }];
  },
  result: (given, { before: { gem: now } }) => {
    const version = given.state === 'latest' ? now.info.newest : given.version;
    return { name: given.name, state: given.state, ...(version === undefined ? {} : { version }) };
  },
});

const programOf = (given: Args): string[] => (given.executable === undefined ? ['gem'] : given.executable.split(' '));
const environment = (given: Args): string =>
  `PATH=$PATH:/usr/local/bin\n${given.install_dir === undefined ? '' : `export GEM_HOME=${quote(given.install_dir)}\n`}`;
const common = (given: Args, tool: string): string[] => (given.norc && isSince(tool, 2, 5, 2) ? ['--norc'] : []);

/** What is asked of gem itself decides whether it knows --norc; both are asked, as it costs a second to ask. */
function queryScript(given: Args): string {
  const list = (norc: string, more: readonly string[]): string =>
    `${quoteAll(programOf(given))} list${norc} ${quoteAll([...more, `^${given.name}$`])} || failed`;
  const norc = given.norc ? ' $norc' : '';
  const remote =
    given.state === 'latest'
      ? `echo @@remote\n${list(norc, ['--remote', ...(given.repository === undefined ? [] : ['--source', given.repository])])}\n`
      : '';
  return `${environment(given)}command -v ${quote(programOf(given)[0] ?? '')} >/dev/null || { echo @@missing; exit 0; }
failed() { echo "@@failed $?"; exit 0; }
v=$(${quoteAll(programOf(given))} --version) || failed
echo "@@version $v"
case $v in 0.*|1.*|2.[0-4].*|2.5.[01]) norc= ;; *) norc=--norc ;; esac
${list(norc, [])}
${remote}:`;
}

export function parseGem(answer: Answer): GemState {
  const text = answer.stdout.toString('utf8');
  if (text.startsWith('@@missing')) return { kind: 'missing', versions: [], info: { tool: '' } };
  const failed = /^@@failed (\d+)$/m.exec(text);
  if (failed !== null) {
    const stdout = text.slice(0, failed.index).replace(/^@@.*\n/gm, '');
    const info = { tool: '', failed: { rc: Number(failed[1]), stdout, stderr: answer.stderr.toString('utf8') } };
    return { kind: 'failed', versions: [], info };
  }
  const [local = '', remote] = text.split('@@remote\n');
  const versions = (part: string): string[] =>
    part
      .split('\n')
      .flatMap((line) => /^[^\s@]\S*\s+\((?:default: )?(.+)\)/.exec(line)?.[1]?.split(', ') ?? [])
      .map((version) => version.replace(/^default: /, '').split(' ')[0] ?? '');
  const newest = remote === undefined ? undefined : versions(remote)[0];
  return {
    kind: 'gem',
    versions: versions(local),
    info: { tool: /^@@version (\S+)/m.exec(local)?.[1] ?? '', ...(newest === undefined ? {} : { newest }) },
  };
}

function installWords(given: Args, { tool, newest }: GemState['info']): string {
  const old = !isSince(tool, 2, 0, 0);
  const version = given.state === 'latest' ? newest : given.version;
  return quoteAll([
    ...programOf(given),
    'install',
    ...common(given, tool),
    ...(version === undefined ? [] : ['--version', version]),
    ...(given.repository === undefined ? [] : ['--source', given.repository]),
    ...(given.include_dependencies ? (old ? ['--include-dependencies'] : []) : ['--ignore-dependencies']),
    given.user_install ? '--user-install' : '--no-user-install',
    ...(given.install_dir === undefined ? [] : ['--install-dir', given.install_dir]),
    ...(given.bindir === undefined ? [] : ['--bindir', given.bindir]),
    ...(given.pre_release ? ['--pre'] : []),
    ...(given.include_doc ? [] : old ? ['--no-rdoc', '--no-ri'] : ['--no-document']),
    ...(given.env_shebang ? ['--env-shebang'] : []),
    // Behind `--` all is for what is built.
    ...(given.force ? ['--force'] : []),
    given.gem_source ?? given.name,
    ...(given.build_flags === undefined ? [] : ['--', given.build_flags]),
  ]);
}

function removeWords(given: Args, tool: string): string {
  return quoteAll([
    ...programOf(given),
    'uninstall',
    ...common(given, tool),
    ...(given.install_dir === undefined ? [] : ['--install-dir', given.install_dir]),
    ...(given.bindir === undefined ? [] : ['--bindir', given.bindir]),
    ...(given.version === undefined ? ['--all'] : ['--version', given.version]),
    '--executable',
    ...(given.force ? ['--force'] : []),
    given.name,
  ]);
}
