// package: installed or not, by whichever package manager the host has.
import { bool, choice, field, int, list, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { VbxError } from '../core/error.ts';
import { defineModule } from '../core/module.ts';
import {
  aptFailure,
  aptProbes,
  aptSteps,
  cacheArgs,
  planApt,
  refreshFields,
  type AptObserved,
  type AptValues,
} from './apt.ts';
import { dnfProbes, dnfSteps, planDnf, type DnfValues } from './dnf.ts';
import type { PackageWish } from './package-plan.ts';
import { planSmall, smallProbes, smallSteps, type SmallManager } from './small-package-managers.ts';

export const packageModule = defineModule<PackageShape, AptObserved>({
  name: 'ansible.builtin.package',
  summary: 'Install or remove packages, whichever package manager the host has',
  args: packageArgs(),
  backendFact: 'pkg_mgr',
  fromVariables: { use: 'ansible_package_use' },
  example: `
- ansible.builtin.package:
    name: hello
    state: present
`,
  rounds: true,
  probe: (args, basics) => {
    const manager = managerOf(args.use, basics);
    if (manager === 'apt') return aptProbes(aptValues(args));
    return manager === 'dnf'
      ? dnfProbes(dnfValues(args))
      : smallProbes({ ...args, state: wishOf(args.state) }, manager);
  },
})({
  plan: (args, observed, basics) => {
    const manager = managerOf(args.use, basics);
    if (manager === 'apt') return planApt(aptValues(args), observed);
    return manager === 'dnf'
      ? planDnf(dnfValues(args), observed)
      : planSmall({ ...args, state: wishOf(args.state) }, observed, manager);
  },
  apply: (args, change, basics) => {
    const manager = managerOf(args.use, basics);
    if (manager === 'apt') return aptSteps({ ...args, ...aptValues(args) }, change);
    return manager === 'dnf'
      ? dnfSteps(dnfValues(args), change)
      : smallSteps({ ...args, state: wishOf(args.state) }, change, manager);
  },
  result: (args, { effects }, done, basics) =>
    managerOf(args.use, basics) === 'apt' ? refreshFields(aptValues(args), effects, done) : {},
  failure: aptFailure,
});

function packageArgs() {
  return {
    name: field(list(str()), { aliases: ['pkg', 'package'] })
      .default([])
      .describe(
        'Packages, as the manager of the host names them; without any only the lists of packages are refreshed.',
      ),
    state: choice('present', 'installed', 'absent', 'removed', 'latest')
      .default('present')
      .describe('present installs, absent removes, latest upgrades too.'),
    use: str().default('auto').describe('The package manager: auto, apt, dnf, apk, zypper, pacman.'),
    ...cacheArgs(),
    purge: bool().default(false).describe('apt: remove configuration files too.'),
    autoremove: bool().default(false).describe('apt, dnf: also remove what nothing needs any more.'),
    install_recommends: bool().optional().describe('apt: whether to install recommended packages.'),
    default_release: str().optional().describe('apt: release to prefer.'),
    only_upgrade: bool().default(false).describe('apt: leave out packages that are not installed.'),
    force: bool().default(false).describe('apt: also do what it warns of.'),
    allow_downgrade: bool().default(false).describe('apt, dnf: go back to an older version.'),
    enablerepo: list(str()).default([]).describe('dnf: repositories to use though they are disabled.'),
    disablerepo: list(str()).default([]).describe('dnf: repositories not to use.'),
    disable_gpg_check: bool().default(false).describe('dnf: do not check signatures.'),
    exclude: list(str()).default([]).describe('dnf: packages to leave as they are.'),
    allowerasing: bool().default(false).describe('dnf: remove packages that are in the way.'),
    lock_timeout: int().default(60).describe('Seconds to wait for other users of the package database.'),
  };
}
type PackageShape = ReturnType<typeof packageArgs>;

function managerOf(use: string, basics: Basics): 'apt' | 'dnf' | SmallManager {
  const manager = use === 'auto' ? basics.packageManager : use.replace(/^.*\./, '');
  switch (manager) {
    case 'apt':
    case 'apk':
    case 'pacman':
    case 'zypper':
    case 'dnf':
      return manager;
    case 'dnf5':
    case 'yum':
      return 'dnf';
    default:
      throw new VbxError(`Could not find a matching action for the "${manager}" package manager.`, {
        hint: 'package knows apt, dnf, yum, apk, zypper and pacman.',
      });
  }
}

function wishOf(state: 'present' | 'installed' | 'absent' | 'removed' | 'latest'): PackageWish {
  return state === 'installed' ? 'present' : state === 'removed' ? 'absent' : state;
}

interface PackageValues {
  readonly name: readonly string[];
  readonly state: 'present' | 'installed' | 'absent' | 'removed' | 'latest';
  readonly update_cache?: boolean | undefined;
  readonly cache_valid_time: number;
  readonly purge: boolean;
  readonly autoremove: boolean;
  readonly install_recommends?: boolean | undefined;
  readonly default_release?: string | undefined;
  readonly only_upgrade: boolean;
  readonly force: boolean;
  readonly allow_downgrade: boolean;
  readonly enablerepo: readonly string[];
  readonly disablerepo: readonly string[];
  readonly disable_gpg_check: boolean;
  readonly exclude: readonly string[];
  readonly allowerasing: boolean;
  readonly lock_timeout: number;
}

function aptValues(args: PackageValues): AptValues {
  return {
    ...args,
    state: wishOf(args.state),
    upgrade: 'no',
    clean: false,
    autoclean: false,
    allow_unauthenticated: false,
    allow_change_held_packages: false,
    dpkg_options: 'force-confdef,force-confold',
    fail_on_autoremove: false,
  };
}
function dnfValues(args: PackageValues): DnfValues {
  return {
    ...args,
    update_cache: args.update_cache === true,
    installroot: '/',
    skip_broken: false,
    update_only: false,
    security: false,
    bugfix: false,
    enable_plugin: [],
    disable_plugin: [],
    validate_certs: true,
    sslverify: true,
    download_only: false,
    install_weak_deps: true,
    cacheonly: false,
  };
}
