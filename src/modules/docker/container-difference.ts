// How a container's settings are compared with what a task asks for: field by field, by the rules of docker_container's `comparisons`.
import type { Settings } from '../../probes/docker-container.ts';
import { isObject } from '../../probes/json.ts';
import { UPDATABLE, WHOLE_BY_DEFAULT } from './container-wish.ts';

export interface Difference {
  readonly setting: string;
  readonly observed: unknown;
  readonly wanted: unknown;
  /** Docker changes it without making the container anew. */
  readonly updatable: boolean;
}

type Mode = 'strict' | 'ignore' | 'allow_more_present';

/** Arguments that stand for settings of another name. */
const ARGUMENT_OF: Readonly<Record<string, string>> = { binds: 'volumes' };
const ALIASES: Readonly<Record<string, string>> = {
  ports: 'published_ports',
  exposed: 'exposed_ports',
  expose: 'exposed_ports',
  log_opt: 'log_options',
  env_file: 'env',
};

/** The comparison of an argument: what the task says of it, else of `*`, else the default of its kind. */
export function comparisonOf(
  argument: string,
  comparisons: Readonly<Record<string, Mode>> | undefined,
  fallback: Mode,
): Mode {
  const named = Object.entries(comparisons ?? {}).find(([name]) => (ALIASES[name] ?? name) === argument)?.[1];
  return named ?? comparisons?.['*'] ?? fallback;
}

/** Every setting that is not as wanted. Settings that the observation does not have (a predicted container) agree. */
export function settingDifferences(
  observed: Settings,
  wanted: Settings,
  comparisons: Readonly<Record<string, Mode>> | undefined,
): Difference[] {
  return Object.keys(wanted).flatMap((setting): Difference[] => {
    const has = observed[setting];
    const wants = wanted[setting];
    const isList = Array.isArray(wants) || isObject(wants);
    const fallback: Mode =
      setting === 'stop_timeout'
        ? 'ignore'
        : isList && !WHOLE_BY_DEFAULT.has(setting)
          ? 'allow_more_present'
          : 'strict';
    const mode = comparisonOf(ARGUMENT_OF[setting] ?? setting, comparisons, fallback);
    if (setting === 'kind' || mode === 'ignore' || has === undefined || agrees(setting, has, wants, mode === 'strict'))
      return [];
    return [{ setting, observed: has, wanted: wants, updatable: Object.hasOwn(UPDATABLE, setting) }];
  });
}

function agrees(setting: string, has: unknown, wants: unknown, whole: boolean): boolean {
  if (Array.isArray(wants)) {
    const list = Array.isArray(has) ? has : [];
    return whole
      ? list.length === wants.length && wants.every((item, index) => item === list[index])
      : wants.every((item) => list.includes(item));
  }
  if (isObject(wants)) {
    const map = isObject(has) ? has : {};
    const contained = Object.entries(wants).every(
      ([key, value]) =>
        Object.hasOwn(map, key) && (Array.isArray(value) ? agrees(key, map[key], value, true) : map[key] === value),
    );
    // A health check without a test has nothing else that counts.
    if (setting === 'healthcheck') return contained;
    return contained && (!whole || Object.keys(map).length === Object.keys(wants).length);
  }
  if (setting === 'pids_limit') return unlimited(has) === unlimited(wants);
  return has === wants || (wants === null && Array.isArray(has) && has.length === 0);
}

/** No limit is null, 0 or -1. */
function unlimited(limit: unknown): unknown {
  return limit === null || limit === 0 || limit === -1 ? 0 : limit;
}

/** A difference in few words, values cut short: `memory: 0 -> 536870912`, `env: A=1 is missing`. Values of variables are not told. */
export function describeDifference({ setting, observed, wanted }: Difference): string {
  if (isObject(wanted) && isObject(observed)) {
    const changed = Object.keys(wanted).filter((key) => JSON.stringify(observed[key]) !== JSON.stringify(wanted[key]));
    const extra = Object.keys(observed).filter((key) => !Object.hasOwn(wanted, key));
    const parts = [
      ...changed.map((key) => (Object.hasOwn(observed, key) ? `${short(key)} differs` : `${short(key)} is missing`)),
      ...(changed.length === 0 ? extra.map((key) => `${short(key)} is too much`) : []),
    ];
    return `${setting}: ${parts.join(', ')}`;
  }
  return `${setting}: ${short(JSON.stringify(observed))} -> ${short(JSON.stringify(wanted))}`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
