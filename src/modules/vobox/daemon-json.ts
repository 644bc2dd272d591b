// daemon.json as data: keys merged into what is there, and what each change costs (reload or restart).
import { isObject, parseJson, type Json } from '../../probes/json.ts';

export const DAEMON_JSON = '/etc/docker/daemon.json';

/** Keys that dockerd takes over on SIGHUP (docs.docker.com/reference/cli/dockerd, "Configuration reload behavior"); every other key needs a restart. */
const RELOADABLE = new Set([
  'debug',
  'labels',
  'live-restore',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'default-runtime',
  'runtimes',
  'authorization-plugin',
  'insecure-registries',
  'registry-mirrors',
  'shutdown-timeout',
  'features',
]);

/** The parsed file; undefined where the text is no JSON object. Empty text counts as an empty object. */
export function parseDaemonJson(text: string): Json | undefined {
  if (text.trim() === '') return {};
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : undefined;
}

/** `wanted` over `has`: objects are merged member by member, everything else is replaced; `remove` names keys that go. Log options become text, as dockerd demands. */
export function mergeDaemonJson(has: Json, wanted: Json, remove: readonly string[] = []): Json {
  const kept = Object.fromEntries(Object.entries(has).filter(([key]) => !remove.includes(key)));
  return merge(kept, { ...wanted, ...(isObject(wanted['log-opts']) ? { 'log-opts': texts(wanted['log-opts']) } : {}) });
}

function merge(has: Json, wanted: Json): Json {
  const result: Record<string, unknown> = { ...has };
  for (const [key, value] of Object.entries(wanted))
    result[key] = isObject(value) && isObject(has[key]) ? merge(has[key], value) : value;
  return result;
}

function texts(options: Json): Json {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Top-level keys whose values differ, sorted. */
export function changedKeys(before: Json, after: Json): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.filter((key) => canonical(before[key]) !== canonical(after[key])).sort();
}

/** JSON with sorted keys, so that order does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join(',')}}`;
  return JSON.stringify(value) ?? 'undefined';
}

export function needRestart(keys: readonly string[]): string[] {
  return keys.filter((key) => !RELOADABLE.has(key));
}

export function daemonJsonText(config: Json): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}
