// The model of a host in a dry run: predicted states laid over what was observed, by resource, with what follows for paths.
import type { PathState } from './path-state.ts';
import { Unknown } from './value.ts';

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
    const link = state as PathState;
    // What is done through a link is done to what it leads to.
    if (
      kind === 'link' &&
      link.kind === 'link' &&
      typeof link.realPath === 'string' &&
      link.realPath.startsWith('/') &&
      !(link.real instanceof Unknown) &&
      link.real.kind !== 'denied' &&
      `path:${link.realPath}` !== resource
    ) {
      this.predict(`path:${link.realPath}`, link.real, task);
    }
    if (kind === 'absent') {
      for (const known of [...this.#predictions.keys()])
        if (known.startsWith(`${resource}/`)) this.#predictions.delete(known);
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
    if (own !== undefined)
      return resource.startsWith('path:')
        ? this.#throughLink(withFacets(own.state as PathState, observed as PathState | undefined))
        : own.state;
    if (!resource.startsWith('path:')) return observed;
    for (
      let folder = resource;
      (folder = folder.slice(0, folder.lastIndexOf('/'))) !== 'path:' && folder.startsWith('path:/');
    ) {
      const above = this.#predictions.get(folder)?.state as PathState | undefined;
      if (above !== undefined && above.kind !== 'directory' && above.kind !== 'link')
        return { kind: 'absent' } satisfies PathState;
    }
    if ((observed as PathState | undefined)?.kind !== 'absent') return this.#throughLink(observed as PathState);
    for (const below of this.#paths) {
      if (below.startsWith(`${resource}/`)) return impliedFolder();
    }
    return observed;
  }

  /** A link with what would be where it leads. */
  #throughLink(state: PathState | undefined): PathState | undefined {
    if (state?.kind !== 'link' || typeof state.realPath !== 'string') return state;
    const real = this.#predictions.get(`path:${state.realPath}`)?.state as PathState | undefined;
    return real === undefined || real instanceof Unknown || real.kind === 'link'
      ? state
      : { ...state, real: state.real instanceof Unknown ? real : withFacets(real, state.real) };
  }

  /** Whether the absence of a resource cannot be relied on; the task that clouds it. */
  clouded(resource: string): string | undefined {
    if (this.#cloud === undefined || this.#predictions.has(resource)) return undefined;
    return CLOUDED.test(resource) ||
      resource.startsWith('unit:') ||
      resource.startsWith('user:') ||
      resource.startsWith('group:')
      ? this.#cloud
      : undefined;
  }
}

/** The predicted state with what the task that predicted it had not asked for and did not change: the content, digests. */
function withFacets(predicted: PathState, observed: PathState | undefined): PathState {
  if (
    predicted.kind !== 'file' ||
    observed?.kind !== 'file' ||
    predicted.info instanceof Unknown ||
    predicted.info.inode !== observed.info.inode
  )
    return predicted;
  if (predicted.content !== undefined && predicted.content.sha256 !== observed.content?.sha256) return predicted;
  const content = predicted.content?.bytes === undefined ? (observed.content ?? predicted.content) : predicted.content;
  const digests = predicted.info.digests ?? observed.info.digests;
  // The same object where nothing is missing: whoever holds it knows it for a prediction.
  if (content === predicted.content && digests === predicted.info.digests) return predicted;
  return {
    ...predicted,
    ...(content === undefined ? {} : { content }),
    info: { ...predicted.info, ...(digests === undefined ? {} : { digests }) },
  };
}

function impliedFolder(): PathState {
  return {
    kind: 'directory',
    mode: '0755',
    owner: 'root',
    group: 'root',
    info: { uid: 0, gid: 0, size: 4096, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 2 },
  };
}
