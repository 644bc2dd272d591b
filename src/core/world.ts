// The model of a host in a dry run: predicted states laid over what was observed, by resource, with what follows for paths.
import type { PathState } from './path-state.ts';

interface Prediction {
  readonly state: unknown;
  readonly task: string;
}

const CLOUDED = /^path:\/(etc|usr|lib|opt|srv|var)\//;

/** Predictions of one machine. Empty outside of dry runs. */
export class World {
  readonly #predictions = new Map<string, Prediction>();
  /** Non-absent predicted paths, for the folders that they imply. */
  readonly #paths = new Set<string>();
  #cloud: string | undefined;
  #last: string | undefined;

  /** The task whose change was predicted last, if any was: a later failure may come from it. */
  get lastPrediction(): string | undefined {
    return this.#last;
  }

  /** The task whose footprint cannot be named (a package, an archive): what is absent below /etc, /usr, ... may be there afterwards. */
  get cloud(): string | undefined {
    return this.#cloud;
  }

  /** Lays `state` over the resource; `task` is the name of the task that would make it so. */
  predict(resource: string, state: unknown, task: string): void {
    this.#last = task;
    this.#predictions.set(resource, { state, task });
    if (/^(package|archive|repository):/.test(resource)) this.#cloud = task;
    if (!resource.startsWith('path:')) return;
    const kind = (state as { kind?: string } | null)?.kind;
    if (kind === 'absent') {
      for (const known of [...this.#predictions.keys()]) if (known.startsWith(`${resource}/`)) this.#predictions.delete(known);
      this.#paths.delete(resource);
    } else this.#paths.add(resource);
  }

  /** Notes a predicted action without a nameable state (an effect, an unknown command). */
  note(task: string): void {
    this.#last = task;
  }

  /** What a resource would be: the prediction, what follows from those around it, or what was observed. */
  over(resource: string, observed: unknown): unknown {
    if (this.#last === undefined) return observed;
    const own = this.#predictions.get(resource);
    if (own !== undefined) return own.state;
    if (!resource.startsWith('path:')) return observed;
    for (let folder = resource; (folder = folder.slice(0, folder.lastIndexOf('/'))) !== 'path:' && folder.startsWith('path:/'); ) {
      const above = this.#predictions.get(folder)?.state as PathState | undefined;
      if (above !== undefined && above.kind !== 'directory' && above.kind !== 'link') return { kind: 'absent' } satisfies PathState;
    }
    if ((observed as PathState | undefined)?.kind !== 'absent') return observed;
    for (const below of this.#paths) {
      if (below.startsWith(`${resource}/`)) return impliedFolder();
    }
    return observed;
  }

  /** Whether the absence of a resource cannot be relied on; the task that clouds it. */
  clouded(resource: string): string | undefined {
    if (this.#cloud === undefined || this.#predictions.has(resource)) return undefined;
    return CLOUDED.test(resource) || resource.startsWith('unit:') || resource.startsWith('user:') || resource.startsWith('group:') ? this.#cloud : undefined;
  }
}

function impliedFolder(): PathState {
  return { kind: 'directory', mode: '0755', owner: 'root', group: 'root', info: { uid: 0, gid: 0, size: 4096, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 2 } };
}
