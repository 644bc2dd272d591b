// The task that gathers facts at the start of a play, made of the play's own settings.
import type { Play, Task } from '../core/play.ts';
import { Dict, type Value } from '../core/value.ts';
import { toBool } from './run-context.ts';
import type { RunOptions } from './run-options.ts';

/** The facts task of a play, or undefined where none are to be gathered. */
export function gatherTask(
  play: Play,
  setting: (name: string) => Value | undefined,
  options: RunOptions,
): Task | undefined {
  const wanted = setting('gather_facts');
  if (wanted === undefined || wanted === null ? options.gathering === 'explicit' : !toBool(wanted)) return undefined;
  const args = new Dict();
  const subset =
    setting('gather_subset') ?? (options.gatherSubset === undefined ? undefined : [...options.gatherSubset]);
  if (subset !== undefined && subset !== null) args.set('gather_subset', subset);
  for (const [name, arg] of [
    ['gather_timeout', 'gather_timeout'],
    ['fact_path', 'fact_path'],
  ] as const) {
    const value = setting(name) ?? (name === 'gather_timeout' ? options.gatherTimeout : undefined);
    if (value !== undefined && value !== null) args.set(arg, value);
  }
  const origin = play.settings['gather_facts']?.origin ?? play.origin;
  return {
    kind: 'task',
    id: `${play.id}:facts`,
    origin,
    name: 'Gathering Facts',
    action: 'ansible.builtin.setup',
    writtenAction: 'gather_facts',
    actionOrigin: origin,
    args,
    argOrigin: () => origin,
    when: play.when ?? [],
    notify: [],
    tags: [...play.tags, 'always'],
    keywords: without(play.keywords, ['run_once', 'delegate_to']),
    environment: play.environment,
    vars: [],
    moduleDefaults: play.moduleDefaults,
    collections: play.collections,
    listen: [],
    isHandler: false,
    includedFrom: [],
  };
}

function without<T extends object>(record: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name))) as T;
}
