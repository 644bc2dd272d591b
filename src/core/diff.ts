// A difference as data: what reporters show, in the terms of the resource, computed once for all modules (engine/diff-change.ts).

/** One resource that differs. Secrets are gone, texts are as read from the host (reporters neutralise control characters). */
export interface Diff {
  /** `path:/etc/hosts`, `unit:docker.service`, or empty for effects. */
  readonly resource: string;
  /** Headings, as under Ansible: `before: /etc/hosts`. */
  readonly beforeHeader: string;
  readonly afterHeader: string;
  /** Whole texts (attributes as `key: value` lines, or file content); reporters make unified hunks of them. */
  readonly before: string;
  readonly after: string;
  /** What the texts are, where it is a path: its attributes as `key: value` lines, or its content. */
  readonly of?: 'attributes' | 'content';
  /** Not comparable as text: binary, too large, or hidden. */
  readonly note?: string;
}
