// All that is asked of one path, as the script and the parser both need it.
import type { PathQuery } from './path.ts';

export interface PathWish {
  readonly path: string;
  /** Algorithms whose digest is asked for, sha256 for content included. */
  readonly digests: readonly string[];
  readonly bytes: boolean;
  /** Bytes are wanted unless the content is one of these. */
  readonly unless: readonly { readonly sha256: string; readonly size: number }[];
  readonly flags: boolean;
  readonly mime: boolean;
}

/** Digests by their names in Python's hashlib, with those of OpenSSL. */
export const DIGESTS: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sha3_224: 'sha3-224',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  sha3_512: 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
};

export function wishOf(query: PathQuery): PathWish {
  const contents = query.facets.flatMap((facets) => (facets.content === undefined ? [] : [facets.content]));
  const bytes = contents.includes('bytes');
  const digests = new Set(query.facets.flatMap((facets) => facets.digests ?? []));
  if (contents.includes('digest')) digests.add('sha256');
  return {
    path: query.path,
    digests: [...digests].filter((algorithm) => DIGESTS[algorithm] !== undefined).sort(),
    bytes,
    unless: bytes ? [] : contents.flatMap((content) => (typeof content === 'object' ? [content.unless] : [])),
    flags: query.facets.some((facets) => facets.flags === true),
    mime: query.facets.some((facets) => facets.mime === true),
  };
}

/** Whether a name can stand in the output of stat and of digest tools and still be read line by line. */
export function isPlainName(path: string): boolean {
  return !/[\n\\]/.test(path);
}

/** Whether the host must work out what the path means. */
export function needsExpansion(path: string): boolean {
  return !path.startsWith('/') || path.includes('$');
}
