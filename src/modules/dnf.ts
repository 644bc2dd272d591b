// dnf: which packages a host with rpm has; speaks dnf, dnf5, microdnf and, where none of them is, yum.
import { bool, choice, field, int, list, path, str } from '../core/args.ts';
import { defineModule, type Change, type Effect, type Plan } from '../core/module.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import {
  autoremovableProbe,
  dnfUpgradesProbe,
  rpmFileProbe,
  rpmGroupProbe,
  type UpgradesState,
} from '../probes/package.ts';
import { lines } from './command-result.ts';
import {
  packageChanges,
  packageProbes,
  planPackages,
  specOf,
  type PackageSpec,
  type PackagesObserved,
  type PackageWish,
} from './package-plan.ts';

export interface DnfObserved extends PackagesObserved {
  readonly autoremovable?: UpgradesState;
}

export const dnf = defineModule<DnfShape, DnfObserved>({
  name: 'ansible.builtin.dnf',
  aliases: ['ansible.builtin.yum', 'ansible.builtin.dnf5'],
  summary: 'Install, upgrade, remove packages on Red Hat and its kin',
  args: dnfArgs(),
  check: (args) =>
    (args.name ?? []).length === 0 && !args.autoremove && !args.update_cache
      ? 'name is required'
      : args.state === 'latest' && args.autoremove
        ? 'autoremove goes only with state: absent'
        : undefined,
  example: `
- ansible.builtin.dnf:
    name: hello
    state: present
  when: ansible_facts.os_family | default('') == 'RedHat'
`,
  probe: dnfProbes,
})({
  plan: planDnf,
  apply: dnfSteps,
  result: (_args, { before, after }, done) => {
    const { install, remove } = packageChanges(before, after);
    const [only] = done;
    return {
      msg: install.length + remove.length === 0 ? 'Nothing to do' : '',
      rc: only?.rc ?? 0,
      results: [...install.map((name) => `Installed: ${name}`), ...remove.map((name) => `Removed: ${name}`)],
      ...(only === undefined ? {} : { stdout: only.stdout, stdout_lines: lines(only.stdout) }),
    };
  },
});

export function dnfArgs() {
  return {
    name: field(list(str()), { aliases: ['pkg'] })
      .default([])
      .describe(
        'Packages: `nginx`, `nginx-1.20*`, `nginx >= 1.20`, `@group`, a path or URL of an rpm; `*` with state latest means all.',
      ),
    state: choice('absent', 'present', 'installed', 'removed', 'latest')
      .optional()
      .describe('present unless autoremove is set.'),
    enablerepo: list(str()).default([]).describe('Repositories to use for this task though they are disabled.'),
    disablerepo: list(str()).default([]).describe('Repositories not to use for this task.'),
    conf_file: path().optional().describe('Configuration file of dnf to use.'),
    disable_gpg_check: bool().default(false).describe('Do not check signatures.'),
    installroot: path().default('/').describe('Another root to install into.'),
    releasever: str().optional().describe('Release to take packages of.'),
    autoremove: bool().default(false).describe('Remove packages that nothing needs any more.'),
    exclude: list(str()).default([]).describe('Packages to leave as they are.'),
    skip_broken: bool().default(false).describe('Leave out packages that cannot be installed.'),
    update_cache: field(bool(), { aliases: ['expire-cache'] })
      .default(false)
      .describe('Refresh the lists of packages first.'),
    update_only: bool().default(false).describe('With latest: leave out packages that are not installed.'),
    security: bool().default(false).describe('With latest: only updates that fix security problems.'),
    bugfix: bool().default(false).describe('With latest: only updates that fix problems.'),
    enable_plugin: list(str()).default([]).describe('Plugins of dnf to use.'),
    disable_plugin: list(str()).default([]).describe('Plugins of dnf not to use.'),
    disable_excludes: str().optional().describe('Excludes of the configuration to ignore: all, main, or a repository.'),
    validate_certs: bool().default(true).describe('Check certificates of https servers.'),
    sslverify: bool().default(true).describe('Check certificates of repositories.'),
    allow_downgrade: bool().default(false).describe('Go back to an older version where the named one is older.'),
    install_repoquery: bool().default(true).describe('Taken for compatibility.'),
    download_only: bool().default(false).describe('Download and do not install.'),
    download_dir: path().optional().describe('Where downloads go.'),
    lock_timeout: int().default(30).describe('Seconds to wait for other users of the package database.'),
    install_weak_deps: bool().default(true).describe('Also install what packages recommend.'),
    allowerasing: bool().default(false).describe('Remove packages that are in the way.'),
    nobest: bool().optional().describe('Take older versions where the newest cannot be installed.'),
    best: bool().optional().describe('Take the newest versions or fail.'),
    cacheonly: bool().default(false).describe('Use only lists that are on the host.'),
    use_backend: field(str(), { aliases: ['use'] })
      .default('auto')
      .describe('Taken for compatibility: the program that the host has is used.'),
  };
}
export type DnfShape = ReturnType<typeof dnfArgs>;

export interface DnfValues {
  readonly name: readonly string[];
  readonly state?: 'absent' | 'present' | 'installed' | 'removed' | 'latest' | undefined;
  readonly enablerepo: readonly string[];
  readonly disablerepo: readonly string[];
  readonly conf_file?: string | undefined;
  readonly disable_gpg_check: boolean;
  readonly installroot: string;
  readonly releasever?: string | undefined;
  readonly autoremove: boolean;
  readonly exclude: readonly string[];
  readonly skip_broken: boolean;
  readonly update_cache: boolean;
  readonly update_only: boolean;
  readonly security: boolean;
  readonly bugfix: boolean;
  readonly enable_plugin: readonly string[];
  readonly disable_plugin: readonly string[];
  readonly disable_excludes?: string | undefined;
  readonly validate_certs: boolean;
  readonly sslverify: boolean;
  readonly allow_downgrade: boolean;
  readonly download_only: boolean;
  readonly download_dir?: string | undefined;
  readonly install_weak_deps: boolean;
  readonly allowerasing: boolean;
  readonly nobest?: boolean | undefined;
  readonly best?: boolean | undefined;
  readonly cacheonly: boolean;
}

function wishOf(args: DnfValues): PackageWish {
  return args.state === 'latest'
    ? 'latest'
    : args.state === 'absent' || args.state === 'removed' || (args.state === undefined && args.autoremove)
      ? 'absent'
      : 'present';
}
function isFile(name: string): boolean {
  return name.includes('://') || (name.endsWith('.rpm') && name.includes('/'));
}
/** Packages by name; files, URLs, groups and `*` are asked about in their own ways. */
function specsOf(args: DnfValues): PackageSpec[] {
  return args.name
    .filter((name) => name !== '*' && name !== '')
    .map((name) => (isFile(name) || name.startsWith('@') ? { text: name, name } : specOf(name)));
}
function upgradesAll(args: DnfValues): boolean {
  return args.state === 'latest' && (args.name.includes('*') || (args.name.length === 0 && !args.update_cache));
}

export function dnfProbes(args: DnfValues) {
  const specs = specsOf(args);
  const special = specs.filter(({ name }) => isFile(name) || name.startsWith('@'));
  return {
    ...packageProbes(
      specs.filter((spec) => !special.includes(spec)),
      wishOf(args),
      'rpm',
    ),
    ...Object.fromEntries(
      special.map(({ name }) => [`package:${name}`, name.startsWith('@') ? rpmGroupProbe(name) : rpmFileProbe(name)]),
    ),
    ...(upgradesAll(args) ? { upgrades: dnfUpgradesProbe(repositoryFlags(args)) } : {}),
    ...(args.autoremove && specs.length === 0 ? { autoremovable: autoremovableProbe('rpm', false) } : {}),
  };
}

export function planDnf(args: DnfValues, observed: DnfObserved): Plan<DnfObserved> {
  const effects: Effect[] = args.update_cache
    ? [{ kind: 'refresh', text: 'refresh the lists of packages', quiet: true }]
    : [];
  const plan = planPackages(specsOf(args), wishOf(args), observed, 'rpm', {
    onlyUpgrade: args.update_only,
    allowDowngrade: args.allow_downgrade,
  });
  if (!('after' in plan)) return plan;
  const pending = (state: UpgradesState | undefined) =>
    state !== undefined && !(state.pending instanceof Unknown) && state.pending.length > 0;
  if (pending(observed.upgrades)) effects.push({ kind: 'upgrade', text: 'upgrade all packages' });
  return {
    after: {
      ...plan.after,
      ...(pending(observed.upgrades) ? { upgrades: { kind: 'upgrades', pending: [] } } : {}),
      ...(pending(observed.autoremovable) ? { autoremovable: { kind: 'upgrades', pending: [] } } : {}),
    },
    effects,
  };
}

function repositoryFlags(args: DnfValues): string[] {
  return [
    ...args.disablerepo.map((repo) => `--disablerepo=${repo}`),
    ...args.enablerepo.map((repo) => `--enablerepo=${repo}`),
    ...args.exclude.map((name) => `--exclude=${name}`),
    ...(args.conf_file === undefined ? [] : ['-c', args.conf_file]),
    ...(args.releasever === undefined ? [] : [`--releasever=${args.releasever}`]),
    ...(args.installroot === '/' ? [] : [`--installroot=${args.installroot}`]),
    ...(args.security ? ['--security'] : []),
    ...(args.bugfix ? ['--bugfix'] : []),
    ...(args.cacheonly ? ['-C'] : []),
    ...args.enable_plugin.map((name) => `--enableplugin=${name}`),
    ...args.disable_plugin.map((name) => `--disableplugin=${name}`),
    ...(args.disable_excludes === undefined ? [] : [`--disableexcludes=${args.disable_excludes}`]),
    ...(args.sslverify && args.validate_certs ? [] : ['--setopt=sslverify=0']),
  ];
}

export function dnfSteps(args: DnfValues, { before, after, effects }: Change<DnfObserved>): Step[] {
  const flags = [
    ...repositoryFlags(args),
    ...(args.disable_gpg_check ? ['--nogpgcheck'] : []),
    ...(args.skip_broken ? ['--skip-broken'] : []),
    ...(args.allowerasing ? ['--allowerasing'] : []),
    ...(args.nobest === true || args.best === false
      ? ['--nobest']
      : args.best === true || args.nobest === false
        ? ['--best']
        : []),
    ...(args.install_weak_deps ? [] : ['--setopt=install_weak_deps=False']),
    ...(args.download_only ? ['--downloadonly'] : []),
    ...(args.download_dir === undefined ? [] : [`--downloaddir=${args.download_dir}`]),
  ];
  const call = (command: readonly string[], words: readonly string[] = []) =>
    `"$d" -y ${quoteAll([...flags, ...command])}${words.length === 0 ? '' : ` -- ${quoteAll(words)}`}`;
  const { install, remove } = packageChanges(before, after);
  const specs = new Map(specsOf(args).map((spec) => [spec.name, spec]));
  const word = (name: string) => {
    const spec = specs.get(name);
    return spec?.version === undefined
      ? name
      : spec.operator === '='
        ? `${name}-${spec.version}`
        : `${name} ${spec.operator ?? '='} ${spec.version}`;
  };
  const isUpgrade = (name: string) =>
    before[`package:${name}`]?.kind === 'installed' && specs.get(name)?.version === undefined;
  const parts: string[] = [];
  if (effects.some(({ kind }) => kind === 'refresh')) parts.push(call(['makecache']));
  const [upgraded, added] = [install.filter(isUpgrade), install.filter((name) => !isUpgrade(name))];
  if (added.length > 0)
    parts.push(
      args.allow_downgrade
        ? `${call(['install'], added.map(word))} && ${call(['downgrade'], added.map(word))} || ${call(['install'], added.map(word))}`
        : call(['install'], added.map(word)),
    );
  if (upgraded.length > 0) parts.push(call(['upgrade'], upgraded));
  if (remove.length > 0) parts.push(call([args.autoremove ? 'autoremove' : 'remove'], remove));
  if (effects.some(({ kind }) => kind === 'upgrade')) parts.push(call(['upgrade']));
  if (after.autoremovable !== undefined && after.autoremovable !== before.autoremovable)
    parts.push(call(['autoremove']));
  if (parts.length === 0) return [];
  return [
    {
      kind: 'script',
      script: `set -e\nfor d in dnf dnf5 microdnf yum; do command -v "$d" >/dev/null && break; done\n${parts.join('\n')}`,
      long: true,
    },
  ];
}
