// The command lines of apk, pacman and zypper: all that their modules (and `package` on such hosts) need beyond package-plan.
import type { Change, Effect, Plan } from '../core/module.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import type { Database } from '../probes/package.ts';
import {
  packageChanges,
  packageProbes,
  planPackages,
  refreshEffect,
  specOf,
  type PackagesObserved,
  type PackageWish,
} from './package-plan.ts';

export type SmallManager = 'apk' | 'pacman' | 'zypper';

export interface SmallValues {
  readonly name?: readonly string[] | undefined;
  readonly state?: 'present' | 'absent' | 'latest' | 'installed' | 'removed' | undefined;
  readonly update_cache?: boolean | undefined;
  /** Words of the user's for the program. */
  readonly extra?: readonly string[];
  readonly upgrade?: boolean;
  /** pacman: refresh lists that are fresh too, and remove what others need. */
  readonly force?: boolean;
}

const DATABASES: Readonly<Record<SmallManager, Database>> = { apk: 'apk', pacman: 'pacman', zypper: 'rpm' };
const COMMANDS: Readonly<
  Record<
    SmallManager,
    {
      readonly refresh: string;
      readonly install: readonly string[];
      readonly latest: readonly string[];
      readonly remove: readonly string[];
      readonly upgrade: readonly string[];
      readonly equals: (name: string, version: string) => string;
    }
  >
> = {
  apk: {
    refresh: 'apk update',
    install: ['apk', 'add'],
    latest: ['apk', 'add', '--upgrade'],
    remove: ['apk', 'del'],
    upgrade: ['apk', 'upgrade'],
    equals: (name, version) => `${name}=${version}`,
  },
  pacman: {
    refresh: 'pacman --noconfirm -Sy',
    install: ['pacman', '--noconfirm', '--needed', '-S'],
    latest: ['pacman', '--noconfirm', '--needed', '-S'],
    remove: ['pacman', '--noconfirm', '-R'],
    upgrade: ['pacman', '--noconfirm', '-Su'],
    equals: (name, version) => `${name}=${version}`,
  },
  zypper: {
    refresh: 'zypper --non-interactive refresh',
    install: ['zypper', '--non-interactive', 'install', '--auto-agree-with-licenses'],
    latest: ['zypper', '--non-interactive', 'install', '--auto-agree-with-licenses'],
    remove: ['zypper', '--non-interactive', 'remove'],
    upgrade: ['zypper', '--non-interactive', 'update', '--auto-agree-with-licenses'],
    equals: (name, version) => `${name}=${version}`,
  },
};

function wishOf(state: SmallValues['state']): PackageWish {
  return state === 'latest' ? 'latest' : state === 'absent' || state === 'removed' ? 'absent' : 'present';
}

export function smallProbes(args: SmallValues, manager: SmallManager) {
  return packageProbes(
    (args.name ?? []).filter((name) => name !== '*').map(specOf),
    wishOf(args.state),
    DATABASES[manager],
  );
}

export function planSmall(
  args: SmallValues,
  observed: PackagesObserved,
  manager: SmallManager,
): Plan<PackagesObserved> {
  const names = (args.name ?? []).filter((name) => name !== '*');
  const upgrade = args.upgrade === true || (args.state === 'latest' && (args.name ?? []).includes('*'));
  const effects: Effect[] = [
    ...(args.update_cache === true ? [refreshEffect(names.length === 0 && !upgrade)] : []),
    ...(upgrade ? [{ kind: 'upgrade', text: 'upgrade all packages' }] : []),
  ];
  const plan = planPackages(names.map(specOf), wishOf(args.state), observed, DATABASES[manager]);
  return 'after' in plan ? { ...plan, effects } : plan;
}

export function smallSteps(
  args: SmallValues,
  { before, after, effects }: Change<PackagesObserved>,
  manager: SmallManager,
): Step[] {
  const commands = COMMANDS[manager];
  const { install, remove } = packageChanges(before, after);
  const specs = new Map((args.name ?? []).map(specOf).map((spec) => [spec.name, spec]));
  const words = install.map((name) => {
    const spec = specs.get(name);
    return spec?.version !== undefined && spec.operator === '=' ? commands.equals(name, spec.version) : name;
  });
  const parts = [
    ...(effects.some(({ kind }) => kind === 'refresh')
      ? [args.force === true ? `${commands.refresh}y` : commands.refresh]
      : []),
    ...(effects.some(({ kind }) => kind === 'upgrade') ? [quoteAll(commands.upgrade)] : []),
    ...(words.length > 0
      ? [quoteAll([...(args.state === 'latest' ? commands.latest : commands.install), ...(args.extra ?? []), ...words])]
      : []),
    ...(remove.length > 0
      ? [quoteAll([...commands.remove, ...(args.force === true ? ['--nodeps', '--nodeps'] : []), ...remove])]
      : []),
  ];
  return parts.length === 0 ? [] : [{ kind: 'script', script: `set -e\n${parts.join('\n')}`, long: true }];
}
