// How a wish about packages becomes a plan, whichever package manager the host has; shared by package, apt, dnf, apk, zypper, pacman.
import type { Effect, Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { Unknown } from '../core/value.ts';
import {
  candidateProbe,
  packageProbe,
  type AptListsState,
  type CandidateState,
  type Database,
  type PackageState,
  type UpgradesState,
} from '../probes/package.ts';
import { compareDebian, compareRpm } from '../probes/version.ts';

/** A package as the user names it: `nginx`, `nginx=1.2*`, `nginx>=1.2`, for rpm `nginx-1.2` and `nginx >= 1.2` too. */
export interface PackageSpec {
  readonly text: string;
  readonly name: string;
  readonly operator?: '=' | '>=' | '<=' | '>' | '<';
  readonly version?: string;
}

export function specOf(text: string): PackageSpec {
  const match = /^([^=<>\s]+)\s*(==?|>=|<=|>|<)\s*(.+)$/.exec(text.trim());
  if (match?.[1] === undefined || match[3] === undefined) return { text: text.trim(), name: text.trim() };
  const operator = match[2] === '==' ? '=' : match[2];
  return {
    text: text.trim(),
    name: match[1],
    operator: operator === '=' || operator === '>=' || operator === '<=' || operator === '>' ? operator : '<',
    version: match[3].trim(),
  };
}

export interface PackagesObserved {
  readonly [name: `package:${string}`]: PackageState;
  readonly [name: `candidate:${string}`]: CandidateState;
  readonly lists?: AptListsState;
  readonly upgrades?: UpgradesState;
}

export type PackageWish = 'present' | 'absent' | 'latest';

/** Probes for what is installed, and for candidates where `latest` needs them. */
export function packageProbes(
  specs: readonly PackageSpec[],
  wish: PackageWish,
  database: Database,
  release?: string,
): { [name: `package:${string}`]: Probe<PackageState>; [name: `candidate:${string}`]: Probe<CandidateState> } {
  return Object.fromEntries([
    ...specs.map(({ name }) => [`package:${name}`, packageProbe(name, database)]),
    ...(wish === 'latest'
      ? specs
          .filter(({ version }) => version === undefined)
          .map(({ name }) => [`candidate:${name}`, candidateProbe(name, database, release)])
      : []),
  ]) as { [name: `package:${string}`]: Probe<PackageState>; [name: `candidate:${string}`]: Probe<CandidateState> };
}

export interface PackageOptions {
  readonly purge?: boolean;
  readonly onlyUpgrade?: boolean;
  readonly allowDowngrade?: boolean;
}

/** `after` has the packages that would change. */
export function planPackages(
  specs: readonly PackageSpec[],
  wish: PackageWish,
  observed: PackagesObserved,
  database: Database,
  options: PackageOptions = {},
): Plan<PackagesObserved> {
  const after: Record<`package:${string}`, PackageState> = {};
  for (const spec of specs) {
    const state = observed[`package:${spec.name}`];
    if (state === undefined) continue;
    if (state.kind === 'unavailable') return { failed: `The packages of the host cannot be read: ${state.message}` };
    const wanted =
      wish === 'absent'
        ? removed(state, options)
        : installed(spec, wish, state, observed[`candidate:${spec.name}`], database, options);
    if (wanted !== undefined) after[`package:${spec.name}`] = wanted;
  }
  return { after };
}

function removed(state: PackageState, options: PackageOptions): PackageState | undefined {
  if (state.kind === 'installed')
    return {
      kind: 'absent',
      ...(options.purge === true ? { residual: false } : { residual: new Unknown('whether configuration files stay') }),
    };
  return state.kind === 'absent' && state.residual === true && options.purge === true
    ? { kind: 'absent', residual: false }
    : undefined;
}

function installed(
  spec: PackageSpec,
  wish: PackageWish,
  state: PackageState,
  candidate: CandidateState | undefined,
  database: Database,
  options: PackageOptions,
): PackageState | undefined {
  if (state.kind !== 'installed') {
    if (options.onlyUpgrade === true) return undefined;
    return {
      kind: 'installed',
      version:
        spec.operator === '=' && spec.version !== undefined && !/[*?]/.test(spec.version)
          ? spec.version
          : new Unknown(`the version of ${spec.name}`),
      info: {},
    };
  }
  if (state.version instanceof Unknown) return undefined;
  if (spec.version !== undefined && !satisfies(state.version, spec, database)) {
    return {
      ...state,
      version:
        spec.operator === '=' && !/[*?]/.test(spec.version) ? spec.version : new Unknown(`the version of ${spec.name}`),
    };
  }
  const newest = candidate?.info.version;
  if (wish !== 'latest' || newest === undefined || newest === state.version || state.info.provider !== undefined)
    return undefined;
  const newer =
    database === 'dpkg'
      ? compareDebian(newest, state.version)
      : database === 'rpm'
        ? compareRpm(newest, state.version)
        : 1;
  return newer > 0 || options.allowDowngrade === true ? { ...state, version: newest } : undefined;
}

/** Whether an installed version is what the user asked for; `=` takes wildcards, and rpm versions without their release. */
export function satisfies(
  installedVersion: string,
  { operator, version = '' }: PackageSpec,
  database: Database,
): boolean {
  if (operator === '=') {
    const pattern = new RegExp(
      `^${version
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
    return (
      pattern.test(installedVersion) ||
      (database === 'rpm' && pattern.test(installedVersion.replace(/^\d+:/, ''))) ||
      (database !== 'dpkg' && pattern.test(installedVersion.replace(/^\d+:/, '').replace(/-[^-]*$/, '')))
    );
  }
  const order = (database === 'dpkg' ? compareDebian : compareRpm)(installedVersion, version);
  return operator === '>=' ? order >= 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order < 0;
}

/** Packages that differ, by what has to be done to them. */
export function packageChanges(
  before: PackagesObserved,
  after: PackagesObserved,
): { readonly install: readonly string[]; readonly remove: readonly string[] } {
  const install: string[] = [];
  const remove: string[] = [];
  for (const key of Object.keys(after) as (keyof PackagesObserved & string)[]) {
    if (!key.startsWith('package:')) continue;
    const name = key.slice(8);
    const [was, wanted] = [before[`package:${name}`], after[`package:${name}`]];
    if (wanted === undefined || was === wanted) continue;
    if (
      wanted.kind === 'absent' &&
      (was?.kind === 'installed' || (was?.kind === 'absent' && was.residual !== wanted.residual))
    )
      remove.push(name);
    if (wanted.kind === 'installed' && (was?.kind !== 'installed' || was.version !== wanted.version))
      install.push(name);
  }
  return { install, remove };
}

/** A refresh of the lists of packages: a change only where the task is for nothing else, as under Ansible. */
export function refreshEffect(alone: boolean): Effect {
  return { kind: 'refresh', text: 'refresh the lists of packages', ...(alone ? {} : { quiet: true }) };
}
