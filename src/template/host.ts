// What lookups and file tests may ask of the controller: all I/O of templates goes through this interface.

import type { Value } from '../core/value.ts';

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'other';
  readonly device: number;
  readonly inode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** Name of its owner; the number as text where there is no name. */
  readonly owner: () => string;
}

export interface RunResult {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly timeoutSeconds: number;
  readonly validateCertificates: boolean;
  readonly followRedirects: boolean;
}

/** The controller's side of lookups. Paths are absolute or relative to `cwd()`. */
export interface LookupHost {
  /** A file's bytes; undefined when it does not exist or cannot be read. */
  readFile(path: string): Uint8Array | undefined;
  /** Writes a file with mode 0600, making its directory. */
  writeFile(path: string, content: string): void;
  /** Follows links; undefined when there is nothing. */
  status(path: string): FileStatus | undefined;
  /** Whether the path itself is a symbolic link; undefined when there is nothing. */
  isLink(path: string): boolean | undefined;
  isMount(path: string): boolean;
  realPath(path: string): string;
  /** Paths that match a shell pattern (`*`, `?`, `[...]`), sorted. */
  glob(pattern: string): string[];
  /** Runs a command line with /bin/sh. */
  run(command: string, cwd: string): RunResult;
  env(name: string): string | undefined;
  fetch(request: FetchRequest): { readonly status: number; readonly body: string };
  cwd(): string;
  home(user?: string): string;
  /** Seconds since the epoch. */
  now(): number;
  /** A number from 0 to below 1, good enough for passwords. */
  random(): number;
  hostname(): string;
  /** A setting by Ansible's name, such as DEFAULT_FORKS: null where it is not set, undefined where there is no such setting. */
  setting?(name: string): Value | undefined;
  user(): string;
}
