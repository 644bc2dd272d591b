// Algorithms for a connection: OpenSSH's lists (with `+`, `-`, `^`) cut to what ssh2 has; host key types that known_hosts has come first.
import { createRequire } from 'node:module';
import type { Algorithms } from 'ssh2';
import { ConnectionError } from '../core/error.ts';
import { matchesPattern } from './known-hosts.ts';

export interface AlgorithmLists {
  readonly ciphers: string | undefined;
  readonly kex: string | undefined;
  readonly macs: string | undefined;
  readonly hostKeys: string | undefined;
}

type Constants = Readonly<
  Record<`${'DEFAULT' | 'SUPPORTED'}_${'KEX' | 'CIPHER' | 'MAC' | 'SERVER_HOST_KEY'}`, readonly string[]>
>;

/** Raises ConnectionError when nothing of a list is left. */
export function chooseAlgorithms(lists: AlgorithmLists, knownTypes: readonly string[]): Algorithms {
  const constants = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as Constants;
  const hostKeys = choose(
    'HostKeyAlgorithms',
    lists.hostKeys,
    constants.DEFAULT_SERVER_HOST_KEY,
    constants.SUPPORTED_SERVER_HOST_KEY,
  );
  const known = new Set(
    knownTypes.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type])),
  );
  const chosen = {
    ...(lists.ciphers === undefined
      ? {}
      : { cipher: choose('Ciphers', lists.ciphers, constants.DEFAULT_CIPHER, constants.SUPPORTED_CIPHER) }),
    ...(lists.kex === undefined
      ? {}
      : { kex: choose('KexAlgorithms', lists.kex, constants.DEFAULT_KEX, constants.SUPPORTED_KEX) }),
    ...(lists.macs === undefined
      ? {}
      : { hmac: choose('MACs', lists.macs, constants.DEFAULT_MAC, constants.SUPPORTED_MAC) }),
    serverHostKey: [...hostKeys.filter((name) => known.has(name)), ...hostKeys.filter((name) => !known.has(name))],
  };
  return chosen as Algorithms;
}

function choose(
  keyword: string,
  list: string | undefined,
  usual: readonly string[],
  supported: readonly string[],
): readonly string[] {
  if (list === undefined) return usual;
  const how = /^[+^-]/.exec(list)?.[0];
  const patterns = (how === undefined ? list : list.slice(1)).split(',');
  const named = patterns.flatMap((pattern) => supported.filter((name) => matchesPattern(pattern, name)));
  const chosen =
    how === '+'
      ? [...usual, ...named]
      : how === '^'
        ? [...named, ...usual]
        : how === '-'
          ? usual.filter((name) => !patterns.some((pattern) => matchesPattern(pattern, name)))
          : named;
  if (chosen.length === 0)
    throw new ConnectionError(`none of "${keyword} ${list}" is known to this transport`, {
      hint: 'Set ansible_connection: openssh.',
    });
  return [...new Set(chosen)];
}
