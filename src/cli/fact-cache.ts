// The cache of facts that the settings name, emptied first where the command line says so.
import { UsageError } from '../core/error.ts';
import { JsonFactCache } from '../engine/variables/json-fact-cache.ts';
import type { FactCache } from '../engine/variables/host-state.ts';
import type { Controller } from './controller.ts';

/** The kept facts (`fact_caching = jsonfile`), or undefined for those of this run alone. `flush`: hosts whose facts are to be forgotten. Errors: UsageError. */
export function factCacheOf(controller: Controller, flush: Iterable<string> | undefined): FactCache | undefined {
  const { factCaching, factCachingConnection, factCachingPrefix, factCachingTimeout } = controller.settings.values;
  const kind = factCaching.replace(/^(ansible\.builtin|community\.general)\./, '');
  if (kind === 'memory') return undefined;
  if (kind !== 'jsonfile') {
    controller.warn(
      `facts are not kept between runs: the cache "${factCaching}" (fact_caching) is not known; known are memory and jsonfile`,
    );
    return undefined;
  }
  if (factCachingConnection === undefined)
    throw new UsageError('fact_caching = jsonfile needs a folder', {
      hint: 'set fact_caching_connection (ANSIBLE_CACHE_PLUGIN_CONNECTION)',
    });
  const cache = new JsonFactCache({
    folder: factCachingConnection,
    prefix: factCachingPrefix,
    timeout: factCachingTimeout,
  });
  for (const host of flush ?? []) cache.delete(host);
  return cache;
}
