// What paths on a host are: all questions of an exchange are answered by one script, with one `stat` for all of them and one digest process an algorithm.
import { posix } from 'node:path';
import type { PathState } from '../core/path-state.ts';
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';
import { parsePaths } from './path-answer.ts';
import { pathScript } from './path-script.ts';

/** Files above this size (bytes) are not read for their bytes. */
export const MOST_CONTENT = 5 * 1024 * 1024;

/** Content that is only wanted for a diff is not read above this size (bytes). */
export const MOST_DIFF = 1024 * 1024;

/** What is asked of a path beside what lstat(2) says. Of a link, all of it is asked of what the link leads to. */
export interface PathFacets {
  /**
   * `digest`: the sha256 of a file. `bytes`: all of it, up to MOST_CONTENT. `unless`: its digest where the size is that of the wanted
   * content (otherwise it differs anyway), and its bytes, up to MOST_DIFF, where it is not the wanted content.
   */
  readonly content?: 'digest' | 'bytes' | { readonly unless: { readonly sha256: string; readonly size: number } };
  /** Further digests, of those in DIGESTS. */
  readonly digests?: readonly string[];
  /** `lsattr` letters and version. */
  readonly flags?: boolean;
  readonly mime?: boolean;
}

export interface PathQuery {
  /** As the user wrote it: absolute, relative to the login folder, or with `~`, `~user`, `$VAR`. */
  readonly path: string;
  readonly facets: readonly PathFacets[];
}

export const pathFamily: ProbeFamily<PathQuery, PathState> = {
  name: 'path',
  script: (queries) => pathScript(mergeQueries(queries)),
  parse: (answer, queries) => {
    const states = parsePaths(answer, mergeQueries(queries));
    return queries.map(
      (query) => states.get(query.path) ?? { kind: 'denied', message: 'the host gave no answer about it' },
    );
  },
};

/** The state of a path. `costly`: a digest that takes long is asked for (a wanted file of more than 64 MB). */
export function pathProbe(path: string, facets: PathFacets = {}): Probe<PathState> {
  const clean = cleanPath(path);
  const wanted = typeof facets.content === 'object' ? facets.content.unless.size : 0;
  const query: PathQuery = { path: clean, facets: Object.keys(facets).length === 0 ? [] : [facets] };
  return probeOf(pathFamily, `path:${clean}`, query, {
    touches: [clean],
    ...(wanted > 64 * 1024 * 1024 ? { costly: true } : {}),
  });
}

/** The path without empty and `.` parts and without a slash at its end; `..` stays, since what it means depends on links. */
export function cleanPath(path: string): string {
  const parts = path.split('/').filter((part, index) => (part !== '' && part !== '.') || (index === 0 && part === ''));
  const clean = parts.join('/');
  return path.startsWith('/')
    ? clean === ''
      ? '/'
      : clean.startsWith('/')
        ? clean
        : `/${clean}`
    : clean === ''
      ? '.'
      : clean;
}

/** The absolute path that an observation is about, as far as the host had to expand it. */
export function absolutePath(path: string, state: PathState): string {
  return state.info?.path ?? cleanPath(path);
}

/** The folder that a path lies in. */
export function parentOf(path: string): string {
  return posix.dirname(cleanPath(path));
}

/** One query a path, with all that anybody asks of it. */
export function mergeQueries(queries: readonly PathQuery[]): PathQuery[] {
  const byPath = new Map<string, PathFacets[]>();
  for (const { path, facets } of queries) {
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [...facets]);
    else known.push(...facets);
  }
  return [...byPath].map(([path, facets]) => ({ path, facets }));
}
