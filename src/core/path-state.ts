// What a path on a host is, in the one shape that all modules and probes share (resource `path:/absolute/path`).
import type { Content } from './content.ts';

/** Facts about a path that are told but never compared. In a predicted state they may be Unknown, which is no reason to end a bundle. */
export interface PathInfo {
  /** The absolute path, where what was asked was relative or held `~` or `$VAR`, which the host expands. */
  readonly path?: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since the epoch, with fraction where the host gives one. */
  readonly mtime: number;
  readonly atime: number;
  readonly ctime: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
  readonly blocks?: number;
  readonly blockSize?: number;
  readonly deviceType?: number;
  /** Whether the asking user may read, write, execute it. */
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly executable?: boolean;
  /** Digests that were asked for, hex. */
  readonly digests?: Readonly<Record<string, string>>;
  readonly mimetype?: string;
  readonly charset?: string;
  /** `lsattr` letters and version where asked for. */
  readonly flags?: string;
  readonly version?: string;
}

interface Attributes {
  /** Canonical: four octal digits, `0644`, `1777`. */
  readonly mode: string;
  /** Names; the number as text where the host has no name for it. */
  readonly owner: string;
  readonly group: string;
  /** SELinux context `user:role:type:level` where the host has SELinux. */
  readonly selinux?: string;
  readonly info: PathInfo;
}

/**
 * A path as lstat(2) sees it. `info` (of this and of any other state) is never compared.
 * A file's `content` is there when a probe asked for its digest or bytes. `real` of a link is what it leads to after all links, at `realPath`
 * (absent for a broken link, denied for a loop): modules that follow links change `real` in the state of the link.
 */
export type PathState =
  | { readonly kind: 'absent'; readonly info?: { readonly path?: string } }
  | ({ readonly kind: 'file'; readonly content?: Content } & Attributes)
  | ({ readonly kind: 'directory' } & Attributes)
  | ({
      readonly kind: 'link';
      readonly target: string;
      readonly realPath: string;
      readonly real: PathState;
    } & Attributes)
  | ({ readonly kind: 'other'; readonly type: 'fifo' | 'socket' | 'block' | 'char' } & Attributes)
  | { readonly kind: 'denied'; readonly message: string; readonly info?: { readonly path?: string } };
