// apt: which packages a Debian-like host has, upgrades, and the lists they come from.
import { bool, choice, field, int, list, path, str } from '../core/args.ts';
import { defineModule, type Change, type Effect, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import type { Step, StepResult } from '../core/step.ts';
import { quote } from '../core/quote.ts';
import { Unknown } from '../core/value.ts';
import { aptNamesProbe, isAptPattern, type AptNamesState } from '../probes/apt-names.ts';
import { aptListsProbe, aptUpgradesProbe, autoremovableProbe } from '../probes/package.ts';
import { aptScript, aptRefreshScript, NOTHING_NEW, type AptOptions } from './apt-script.ts';
import { compareDebian } from '../probes/version.ts';
import { debProbe, type DebState } from './deb-file.ts';
import { lines } from './command-result.ts';
import {
  packageChanges,
  packageProbes,
  planPackages,
  refreshEffect,
  specOf,
  type PackagesObserved,
} from './package-plan.ts';

export interface AptObserved extends PackagesObserved {
  readonly deb?: DebState;
  readonly autoremovable?: import('../probes/package.ts').UpgradesState;
  /** By pattern among the names. */
  readonly [names: `names:${string}`]: AptNamesState;
}

export const apt = defineModule<AptShape, AptObserved>({
  name: 'ansible.builtin.apt',
  summary: 'Install, upgrade, remove packages on Debian and its kin',
  args: aptArgs(),
  check: (args) => {
    const names = args.name ?? [];
    if (names.length > 0 && args.deb !== undefined) return 'parameters are mutually exclusive: deb|package|upgrade';
    if (args.upgrade !== 'no' && names.length > 0) return 'parameters are mutually exclusive: deb|package|upgrade';
    if (args.deb !== undefined && args.state !== 'present') return 'deb goes only with state: present';
    return undefined;
  },
  example: `
- ansible.builtin.apt:
    name: hello
    state: present
    install_recommends: false
`,
  rounds: true,
  probe: (args) => ({
    ...aptProbes(args),
    ...(upgradeMode(args) === undefined
      ? {}
      : { upgrades: aptUpgradesProbe(upgradeMode(args) ?? 'upgrade', args.default_release) }),
    ...(args.deb === undefined ? {} : { deb: debProbe(args.deb) }),
    ...(args.autoremove && specsOf(args).length === 0 && args.upgrade === 'no'
      ? { autoremovable: autoremovableProbe('dpkg', args.purge) }
      : {}),
  }),
})({
  plan: planApt,
  apply: aptSteps,
  failure: aptFailure,
  result: (args, { before, after, effects }, done) => {
    const [only] = done;
    if (onlyRefresh(args))
      return {
        cache_update_time: only === undefined ? (after.lists?.info.refreshed ?? 0) : Math.floor(only.end / 1000),
        ...refreshFields(args, effects, done),
      };
    // An upgrade tells what apt says of it, one that has nothing to do as well.
    const said = only?.stdout ?? (before.upgrades ?? before.autoremovable)?.info?.said;
    const stderr = only?.stderr ?? '';
    const lists = after.lists?.info;
    return {
      cache_updated: effects.some(({ kind }) => kind === 'refresh'),
      cache_update_time:
        only !== undefined && effects.some(({ kind }) => kind === 'refresh')
          ? Math.floor(only.end / 1000)
          : (lists?.refreshed ?? 0),
      ...(said === undefined ? {} : { stdout: said, stdout_lines: lines(said), stderr, stderr_lines: lines(stderr) }),
      ...(args.upgrade !== 'no' && said !== undefined ? { msg: said } : {}),
    };
  },
});

function aptArgs() {
  return {
    name: field(list(str()), { aliases: ['package', 'pkg'] })
      .optional()
      .describe('Packages: `nginx`, `nginx=1.22*`, `nginx>=1.22`, `libc6:i386`; with state latest `*` means all.'),
    state: choice('absent', 'build-dep', 'latest', 'present', 'fixed')
      .default('present')
      .describe('absent removes, latest upgrades, build-dep installs what building needs, fixed repairs dependencies.'),
    ...cacheArgs(),
    purge: bool().default(false).describe('Remove configuration files too.'),
    default_release: field(str(), { aliases: ['default-release'] })
      .optional()
      .describe('Release to prefer: `bookworm-backports`.'),
    install_recommends: field(bool(), { aliases: ['install-recommends'] })
      .optional()
      .describe('Whether to install recommended packages; otherwise as the host is set up.'),
    force: bool()
      .default(false)
      .describe('Also do what apt warns of: unsigned packages, downgrades, changes of held and essential packages.'),
    clean: bool().default(false).describe('Remove downloaded package files.'),
    allow_unauthenticated: field(bool(), { aliases: ['allow-unauthenticated'] })
      .default(false)
      .describe('Install unsigned packages.'),
    allow_downgrade: field(bool(), { aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'] })
      .default(false)
      .describe('Go back to an older version where the named one is older.'),
    allow_change_held_packages: bool().default(false).describe('Change packages on hold.'),
    upgrade: choice('dist', 'full', 'no', 'safe', 'yes')
      .default('no')
      .describe('Upgrade everything: dist and full may remove packages, safe and yes do not.'),
    dpkg_options: str().default('force-confdef,force-confold').describe('Options for dpkg, separated by commas.'),
    deb: path().optional().describe('A package file on the host, or its URL.'),
    autoremove: bool().default(false).describe('Also remove packages that nothing needs any more.'),
    autoclean: bool().default(false).describe('Remove downloaded package files that can be downloaded no more.'),
    policy_rc_d: int()
      .optional()
      .describe('Keep services from starting during the installation: what /usr/sbin/policy-rc.d exits with (101).'),
    only_upgrade: bool().default(false).describe('Leave out packages that are not installed.'),
    fail_on_autoremove: bool().default(false).describe('Fail rather than remove a package.'),
    force_apt_get: bool().default(false).describe('Taken for compatibility: apt-get is always used.'),
    lock_timeout: int().default(60).describe('Seconds to wait for other users of the package database.'),
  };
}
type AptShape = ReturnType<typeof aptArgs>;

export function cacheArgs() {
  return {
    update_cache: field(bool(), { aliases: ['update-cache'] })
      .optional()
      .describe(
        'Refresh the lists first, unless that was done less than cache_valid_time (at least 60) seconds ago and no source has changed since.',
      ),
    update_cache_retries: int().default(5).describe('How often to try to refresh.'),
    update_cache_retry_max_delay: int().default(12).describe('Longest pause between tries, seconds.'),
    cache_valid_time: int().default(0).describe('Seconds that lists stay good for; implies update_cache.'),
  };
}

export interface AptValues extends AptOptions {
  readonly name?: readonly string[] | undefined;
  readonly state: 'absent' | 'build-dep' | 'latest' | 'present' | 'fixed';
  readonly update_cache?: boolean | undefined;
  readonly cache_valid_time: number;
  readonly clean: boolean;
  readonly autoclean: boolean;
  readonly upgrade: 'dist' | 'full' | 'no' | 'safe' | 'yes';
  readonly deb?: string | undefined;
}

/** Of the packages named and the lists that they come from. */
export function aptProbes(args: AptValues) {
  return {
    ...(args.state === 'build-dep' || args.state === 'fixed'
      ? {}
      : packageProbes(plainSpecs(args), args.state, 'dpkg', args.default_release)),
    ...(Object.fromEntries(
      patternsOf(args).map((pattern) => [`names:${pattern}`, aptNamesProbe(pattern, args.state === 'latest')]),
    ) as { [names: `names:${string}`]: Probe<AptNamesState> }),
    ...(refreshes(args) ? { lists: aptListsProbe } : {}),
  };
}

function specsOf(args: AptValues) {
  return (args.name ?? []).filter((name) => name.trim() !== '' && name.trim() !== '*').map(specOf);
}
/** Patterns whose packages are to be installed; removing looks among the installed ones alone. */
function patternsOf(args: AptValues): string[] {
  return args.state === 'present' || args.state === 'latest'
    ? specsOf(args)
        .map(({ name }) => name)
        .filter(isAptPattern)
    : [];
}
function plainSpecs(args: AptValues) {
  const patterns = patternsOf(args);
  return specsOf(args).filter(({ name }) => !patterns.includes(name));
}
function refreshes(args: AptValues): boolean {
  return args.update_cache === true || args.cache_valid_time > 0;
}
function upgradeMode(args: AptValues): 'upgrade' | 'dist-upgrade' | undefined {
  if (args.upgrade === 'no') return args.state === 'latest' && (args.name ?? []).includes('*') ? 'upgrade' : undefined;
  return args.upgrade === 'dist' || args.upgrade === 'full' ? 'dist-upgrade' : 'upgrade';
}
/** Where nothing but the lists is asked for: whether they were refreshed, which is no change where there was nothing new. */
export function refreshFields(
  args: AptValues,
  effects: readonly Effect[],
  done: readonly StepResult[],
): Record<string, unknown> {
  if (!onlyRefresh(args)) return {};
  const stale = done.some(({ stdout }) => stdout.includes(NOTHING_NEW));
  return {
    cache_updated: !stale && effects.some(({ kind }) => kind === 'refresh'),
    ...(stale ? { changed: false } : {}),
  };
}

/** Nothing but the lists is asked for. */
function onlyRefresh(args: AptValues): boolean {
  return (
    (args.name ?? []).length === 0 &&
    args.upgrade === 'no' &&
    args.deb === undefined &&
    !args.autoremove &&
    !args.autoclean &&
    !args.clean &&
    args.state !== 'fixed'
  );
}

export function planApt(args: AptValues, observed: AptObserved): Plan<AptObserved> {
  const effects: Effect[] = [];
  const lists = observed.lists?.info;
  if (lists !== undefined && (lists.outdated || lists.age > Math.max(args.cache_valid_time, 60)))
    effects.push(refreshEffect(onlyRefresh(args)));
  if (args.clean) effects.push({ kind: 'clean', text: 'remove downloaded package files', quiet: !onlyClean(args) });
  if (args.autoclean) effects.push({ kind: 'autoclean', text: 'remove outdated package files', quiet: true });
  if (args.state === 'build-dep')
    effects.push({
      kind: 'build-dep',
      text: `install what building ${specsOf(args)
        .map(({ text }) => text)
        .join(', ')} needs`,
    });
  if (args.state === 'fixed') effects.push({ kind: 'fixed', text: 'repair the dependencies of packages' });
  const plan =
    args.state === 'build-dep' || args.state === 'fixed'
      ? { after: {} }
      : planPackages(plainSpecs(args), args.state, observed, 'dpkg', {
          purge: args.purge,
          onlyUpgrade: args.only_upgrade,
          allowDowngrade: args.allow_downgrade,
        });
  if (!('after' in plan)) return plan;
  const named = planNames(
    args,
    observed,
    effects.some(({ kind }) => kind === 'refresh'),
  );
  if ('failed' in named) return named;
  const after: Partial<AptObserved> = { ...plan.after, ...named, ...deb(args, observed) };
  const { upgrades, autoremovable, deb: file } = observed;
  if (file?.kind === 'missing') return { failed: `${args.deb ?? ''}: ${file.message}` };
  const withUpgrades =
    upgrades !== undefined && !(upgrades.pending instanceof Unknown) && upgrades.pending.length > 0
      ? { upgrades: { kind: 'upgrades' as const, pending: [] } }
      : {};
  const withRemovals =
    autoremovable !== undefined && !(autoremovable.pending instanceof Unknown) && autoremovable.pending.length > 0
      ? { autoremovable: { kind: 'upgrades' as const, pending: [] } }
      : {};
  if ('upgrades' in withUpgrades && upgrades !== undefined && !(upgrades.pending instanceof Unknown))
    effects.push({ kind: 'upgrade', text: `upgrade ${upgrades.pending.length} packages` });
  return { after: { ...after, ...withUpgrades, ...withRemovals }, effects };
}

/** What patterns stand for, installed or brought up to date; `refreshing`: with lists that are about to be read, names may come yet. */
function planNames(
  args: AptValues,
  observed: AptObserved,
  refreshing: boolean,
): Record<`names:${string}`, AptNamesState> | { readonly failed: string } {
  const after: Record<`names:${string}`, AptNamesState> = {};
  for (const pattern of patternsOf(args)) {
    const state = observed[`names:${pattern}`];
    if (state === undefined) continue;
    const names = Object.entries(state.packages);
    if (names.length === 0 && !refreshing) return { failed: `No package(s) matching '${pattern}' available` };
    const changed = names
      .filter(([name, is]) =>
        is.kind === 'absent' ? args.only_upgrade !== true : isOutdated(is.version, state.info.candidates[name]),
      )
      .map(([name]) => name);
    if (changed.length === 0) continue;
    const installed = changed.map((name) => [
      name,
      { kind: 'installed' as const, version: state.info.candidates[name] ?? new Unknown(`the version of ${name}`) },
    ]);
    after[`names:${pattern}`] = { ...state, packages: { ...state.packages, ...Object.fromEntries(installed) } };
  }
  return after;
}

function isOutdated(version: string | Unknown, candidate: string | undefined): boolean {
  return typeof version === 'string' && candidate !== undefined && compareDebian(candidate, version) > 0;
}

/** The packages that patterns stand for and that are to be installed. */
function namesToInstall(before: AptObserved, after: AptObserved): string[] {
  const keys = Object.keys(after).filter((key): key is `names:${string}` => key.startsWith('names:'));
  return keys.flatMap((key) =>
    Object.entries(after[key]?.packages ?? {})
      .filter(([name, state]) => state !== before[key]?.packages[name])
      .map(([name]) => name),
  );
}

function onlyClean(args: AptValues): boolean {
  return (args.name ?? []).length === 0 && args.upgrade === 'no' && args.deb === undefined;
}

function deb(args: AptValues, { deb: file }: AptObserved): { deb?: DebState } {
  if (file?.kind !== 'deb' || args.deb === undefined) return {};
  if (file.installed !== file.info.version && (file.newer || args.allow_downgrade || args.force))
    return { deb: { ...file, installed: file.info.version, newer: false } };
  return {};
}

export function aptSteps(
  args: AptValues & { update_cache_retries: number; update_cache_retry_max_delay: number },
  { before, after, effects }: Change<AptObserved>,
): Step[] {
  const has = (kind: string) => effects.some((effect) => effect.kind === kind);
  const parts: string[] = [];
  if (has('refresh'))
    parts.push(
      aptRefreshScript(
        args.update_cache_retries,
        args.update_cache_retry_max_delay,
        args.lock_timeout,
        onlyRefresh(args),
      ),
    );
  if (has('clean')) parts.push('apt-get clean');
  const { install, remove } = packageChanges(before, after);
  const byName = new Map(plainSpecs(args).map((spec) => [spec.name, spec]));
  const words = install.map((name) => {
    const spec = byName.get(name);
    return spec?.operator === '=' && spec.version !== undefined ? `${name}=${spec.version}` : name;
  });
  words.push(...namesToInstall(before, after));
  // With fresh lists a named package may have become newer than what was seen: `latest` asks for all of them then.
  const latest =
    args.state === 'latest' && has('refresh')
      ? [...byName.keys()].filter((name) => !words.includes(name) && !install.includes(name))
      : [];
  if (words.length + latest.length > 0) parts.push(aptScript(args, 'install', [...words, ...latest]));
  if (remove.length > 0) parts.push(aptScript(args, 'remove', remove));
  if (has('build-dep'))
    parts.push(
      aptScript(
        args,
        'build-dep',
        specsOf(args).map(({ text }) => text),
      ),
    );
  if (has('fixed'))
    parts.push(
      aptScript(
        args,
        'install --fix-broken',
        specsOf(args).map(({ text }) => text),
      ),
    );
  if (has('upgrade'))
    parts.push(aptScript(args, upgradeMode(args) === 'dist-upgrade' ? 'dist-upgrade' : 'upgrade --with-new-pkgs', []));
  if (before.deb?.kind === 'deb' && after.deb?.kind === 'deb' && before.deb.installed !== after.deb.installed)
    parts.push(debInstall(args, before.deb));
  if (after.autoremovable !== undefined && before.autoremovable !== after.autoremovable)
    parts.push(aptScript(args, 'autoremove', []));
  if (has('autoclean')) parts.push('apt-get -q -y autoclean');
  if (parts.length === 0) return [];
  return [
    {
      kind: 'script',
      script: `export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none\nset -e\n${parts.join('\n')}`,
      long: true,
    },
  ];
}

/** Ansible's words for packages that there are not, which playbooks look for. */
export function aptFailure({ stderr }: StepResult): { msg: string } | undefined {
  const [, unknown] =
    /^E: (?:Unable to locate package |Package ')([^\s']+)(?:' has no installation candidate)?$/m.exec(stderr) ?? [];
  if (unknown !== undefined) return { msg: `No package matching '${unknown}' is available` };
  const [, version, name] = /^E: Version '([^']*)' for '([^']*)' was not found$/m.exec(stderr) ?? [];
  return name === undefined ? undefined : { msg: `no available installation candidate for ${name}=${version}` };
}

function debInstall(args: AptValues, file: Extract<DebState, { kind: 'deb' }>): string {
  const install = (name: string) =>
    aptScript({ ...args, allow_downgrade: args.allow_downgrade || args.force }, 'install', [name], true);
  if (file.info.url === undefined) return install(quote(file.info.path));
  // apt takes only absolute paths or ./names for files, and its sandbox user must be able to read them.
  return `d=$(mktemp -d)\ntrap 'rm -rf "$d"' EXIT\nchmod 755 "$d"\n${file.info.download}\n${install('"$d/package.deb"')}`;
}
