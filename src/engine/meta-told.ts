// What a meta task is told to have done, in Ansible's words, as scripts look for them.
import type { Task } from '../core/play.ts';

/** Words of meta whose conditions count for all hosts of a round, by the first of them. */
export const FOR_ALL_HOSTS: ReadonlySet<string> = new Set([
  'refresh_inventory',
  'clear_facts',
  'clear_host_errors',
  'end_batch',
  'end_play',
]);

const DONE: Readonly<Record<string, (host: string, role: string) => string>> = {
  flush_handlers: (host) => `triggered running handlers for ${host}`,
  refresh_inventory: () => 'inventory successfully refreshed',
  clear_facts: () => 'facts cleared',
  clear_host_errors: () => 'cleared host errors',
  end_batch: () => 'ending batch',
  end_play: () => 'ending play',
  end_host: (host) => `ending play for ${host}`,
  end_role: (host, role) => `ending role ${role} for ${host}`,
  reset_connection: () => 'reset connection',
};

const NOT_DONE: Readonly<Record<string, (host: string, role: string) => string>> = {
  flush_handlers: (host) => `, not running handlers for ${host}`,
  clear_facts: (host) => `, not clearing facts and fact cache for ${host}`,
  clear_host_errors: (host) => `, not clearing host error state for ${host}`,
  end_batch: () => ', continuing current batch',
  end_play: () => ', continuing play',
  end_host: (host) => `, continuing execution for ${host}`,
  end_role: (host, role) => `continuing role ${role} for ${host}`,
};

/** The sentence for one host; `skipped` where the condition did not hold. */
export function metaTold(word: string, host: string, { role }: Task, skipped: boolean): string {
  const name = role === undefined ? '' : (role.fqcn ?? role.name);
  return skipped
    ? `${word} conditional evaluated to False${NOT_DONE[word]?.(host, name) ?? ''}`
    : (DONE[word]?.(host, name) ?? word);
}
