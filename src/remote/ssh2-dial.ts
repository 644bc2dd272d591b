// Connects and logs in with ssh2: one attempt, whose failure says whether the server dropped it before it could begin (then it is worth another).
import { connect as tcpConnect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Algorithms, AnyAuthMethod, Client } from 'ssh2';
import { ConnectionError, Interrupted, VbxError } from '../core/error.ts';
import { loginMethods, type LoginMethods } from './login.ts';
import { ssh2 } from './ssh2-library.ts';
import { type Ssh2Link, ssh2Link } from './ssh2-link.ts';

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Seconds until the server's key must be there. */
  readonly connectTimeout: number;
  /** Seconds between keepalives, and how many may stay without an answer. */
  readonly keepaliveInterval: number;
  readonly keepaliveCountMax: number;
  readonly algorithms: Algorithms;
  readonly agentForward: string | undefined;
  readonly login: LoginMethods;
  /** Judges the server's key; raises to refuse it. It may wait for people. */
  readonly verify: (key: Buffer) => Promise<void>;
  readonly family: 0 | 4 | 6;
  readonly localAddress: string | undefined;
  /** Another way to the port than TCP: a jump host's channel or a ProxyCommand. */
  readonly through: (() => Promise<Duplex>) | undefined;
}

/** The server closed the connection before the key exchange: too many at once (MaxStartups, PerSourcePenalties), a restart. */
export class Dropped extends ConnectionError {}

/** One attempt. Raises Dropped, ConnectionError or Interrupted. */
export async function dial(target: DialTarget, signal: AbortSignal | undefined): Promise<Ssh2Link> {
  const { Client } = ssh2();
  signal?.throwIfAborted();
  const where = `${target.host}:${target.port}`;
  const sock = target.through === undefined ? await openSocket(target, signal) : await target.through();
  const client: Client = new Client();
  let refused: unknown;
  let handshake = false;
  return new Promise<Ssh2Link>((resolve, reject) => {
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (error: unknown) =>
      settle(() => {
        client.destroy();
        sock.destroy();
        reject(error);
      });
    const login = loginMethods(target.login, fail);
    const onAbort = () => fail(new Interrupted(`interrupted while connecting to ${where}`));
    const onTime = () => fail(new ConnectionError(`${where} did not speak SSH within ${target.connectTimeout} s`));
    let timer = setTimeout(onTime, target.connectTimeout * 1000);
    signal?.addEventListener('abort', onAbort, { once: true });

    client.on('handshake', () => {
      handshake = true;
    });
    client.on('ready', () =>
      settle(() => {
        client.removeAllListeners('error').removeAllListeners('close').removeAllListeners('end');
        resolve(ssh2Link(client, target.user));
      }),
    );
    client.on('error', (error: Error & { level?: string; code?: string }) => {
      if (refused !== undefined) fail(refused);
      else if (error.level === 'client-authentication') fail(login.refused(where));
      else if (!handshake && (error.level === 'client-socket' || /before handshake|reset/i.test(error.message)))
        fail(new Dropped(`${where} closed the connection before the key exchange`, { cause: error }));
      else
        fail(new ConnectionError(`${where}: ${error.message}`, { cause: error, hint: algorithmHint(error.message) }));
    });
    client.on('close', () =>
      fail(
        refused ??
          (handshake
            ? new ConnectionError(`${where} closed the connection during login`, {
                hint: 'Too many keys offered? Set IdentitiesOnly or ansible_ssh_private_key_file.',
              })
            : new Dropped(`${where} closed the connection before the key exchange`)),
      ),
    );

    let accepted: Buffer | undefined;
    client.connect({
      sock,
      username: target.user,
      readyTimeout: 0,
      keepaliveInterval: target.keepaliveInterval * 1000,
      keepaliveCountMax: target.keepaliveCountMax,
      algorithms: target.algorithms,
      ...(target.agentForward === undefined ? {} : { agent: target.agentForward, agentForward: true }),
      hostVerifier(key: Buffer, answer: (valid: boolean) => void) {
        clearTimeout(timer);
        // The same key at a later key exchange needs no new judgement; another one does.
        if (accepted?.equals(key) === true) return answer(true);
        target.verify(key).then(
          () => {
            accepted = key;
            // The login itself may ask people; sshd ends what takes too long (LoginGraceTime).
            if (!settled) timer = setTimeout(onTime, Math.max(target.connectTimeout, 120) * 1000);
            answer(true);
          },
          (error: unknown) => {
            refused = error;
            answer(false);
          },
        );
      },
      authHandler: (
        left: readonly string[] | null,
        partial: boolean | null,
        next: (method: AnyAuthMethod | false) => void,
      ) => {
        login.next(left ?? undefined, partial ?? false).then((method) => next(method ?? false), fail);
      },
    } as Parameters<Client['connect']>[0]);
  });
}

function openSocket(target: DialTarget, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const where = `${target.host}:${target.port}`;
    const socket = tcpConnect({
      host: target.host,
      port: target.port,
      family: target.family,
      noDelay: true,
      ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
    });
    const timer = setTimeout(
      () => end(new ConnectionError(`${where} did not answer within ${target.connectTimeout} s`)),
      target.connectTimeout * 1000,
    );
    const end = (error: VbxError) => {
      cleanUp();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => end(new Interrupted(`interrupted while connecting to ${where}`));
    const onError = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') end(new Dropped(`${where} reset the connection`, { cause: error }));
      else end(new ConnectionError(`${where}: ${reason(error)}`, { cause: error }));
    };
    const cleanUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => {
      cleanUp();
      resolve(socket);
    });
  });
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused (no SSH server on this port)';
    case 'ENOTFOUND':
      return 'no address for this name';
    case 'EAI_AGAIN':
      return 'the name service does not answer';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to it';
    case 'ETIMEDOUT':
      return 'it did not answer';
    default:
      return error.message === '' ? (error.code ?? 'failed') : error.message;
  }
}

function algorithmHint(message: string): string | undefined {
  return /no matching/i.test(message)
    ? 'The server and vbx share no algorithm of this kind; set KexAlgorithms, Ciphers, MACs or HostKeyAlgorithms in ssh_config, or ansible_connection: openssh.'
    : undefined;
}
