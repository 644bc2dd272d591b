// Makes and keeps the machines of a run: resolves how each is reached, starts connections by the ramp, retries what a busy server dropped.
import { userInfo } from 'node:os';
import type { ConnectionSettings, Connector, Machine } from '../core/connection.ts';
import { ConnectionError, Interrupted } from '../core/error.ts';
import type { Link } from './channel.ts';
import { localLink } from './local-link.ts';
import { RemoteMachine } from './machine.ts';
import { Ramp } from './ramp.ts';
import { dial, type DialTarget, Dropped } from './ssh2-dial.ts';

export interface HostKeyRow {
  /** Name as known_hosts would have it: `host` or `[host]:port`. */
  readonly name: string;
  readonly type: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
}

/** People that can be asked; the connector never asks two things at once. */
export interface Prompt {
  /** A passphrase, or an answer to a server's question; not echoed. */
  secret(text: string): Promise<string>;
  /** All new host keys in one table; true to trust them. */
  confirmHostKeys(rows: readonly HostKeyRow[]): Promise<boolean>;
}

export interface ConnectionStateEvent {
  readonly host: string;
  readonly transport: ConnectionSettings['transport'];
  readonly address: string;
  readonly state: 'connecting' | 'ready' | 'lost' | 'closed';
  readonly seconds?: number;
  readonly message?: string;
}

export interface ConnectorOptions {
  /** Instead of ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts; new keys are written to the first. */
  readonly knownHostsFiles?: readonly string[];
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly sshConfigFile?: string;
  readonly ramp?: { readonly start?: number; readonly most?: number };
  readonly prompt?: Prompt;
  /** Seconds between keepalives and how many may be missed, where ssh_config does not say; 0 switches them off. */
  readonly keepalive?: { readonly interval: number; readonly count: number };
  /** Ends everything. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ConnectionStateEvent) => void;
  readonly onWarning?: (message: string) => void;
  /** HOME, USER, SSH_AUTH_SOCK and what local processes get; default that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export class RemoteConnector implements Connector {
  readonly #options: ConnectorOptions;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #machines = new Map<string, RemoteMachine>();
  readonly #ramp: Ramp;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#environment = options.environment ?? process.env;
    this.#ramp = new Ramp(options.ramp);
  }

  machine(settings: ConnectionSettings): Machine {
    const user = settings.user ?? this.#environment['USER'] ?? userInfo().username;
    const key = settings.transport === 'local' ? 'local' : `${settings.transport}:${user}@${settings.host}:${settings.port ?? 22}`;
    const existing = this.#machines.get(key);
    if (existing !== undefined) return existing;
    const address = settings.transport === 'local' ? 'localhost' : settings.host;
    const machine = new RemoteMachine({
      key,
      settings,
      connect: (signal) => this.#connect(settings, user, signal),
      onState: (state, more) => this.#options.onEvent?.({ host: settings.name, transport: settings.transport, address, state, ...more }),
    });
    this.#machines.set(key, machine);
    return machine;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machine) => machine.close()));
    this.#machines.clear();
  }

  async #connect(settings: ConnectionSettings, user: string, signal: AbortSignal | undefined): Promise<Link> {
    if (settings.transport === 'local') return localLink({ user: userInfo().username, environment: this.#environment });
    const home = this.#environment['HOME'] ?? userInfo().homedir;
    const target: DialTarget = {
      host: settings.host,
      port: settings.port ?? 22,
      user,
      connectTimeout: settings.connectTimeout,
      keepaliveInterval: this.#options.keepalive?.interval ?? 15,
      keepaliveCountMax: this.#options.keepalive?.count ?? 4,
      algorithms: {},
      agentForward: undefined,
      login: {
        user,
        keyFiles: settings.privateKeyFile === undefined ? [] : [settings.privateKeyFile],
        defaultKeyFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${home}/.ssh/${name}`),
        agent: this.#environment['SSH_AUTH_SOCK'],
        identitiesOnly: false,
        password: settings.password,
        passphrase: settings.privateKeyPassphrase,
        ask: this.#options.prompt === undefined ? undefined : (text) => this.#options.prompt?.secret(text) ?? Promise.resolve(''),
      },
      verify: () => Promise.resolve(),
      through: undefined,
    };
    return this.#dial(target, signal);
  }

  /** Attempts by the ramp until one works; only what was dropped before it began is tried again. */
  async #dial(target: DialTarget, signal: AbortSignal | undefined): Promise<Link> {
    for (let attempt = 1; ; attempt++) {
      const leave = await this.#ramp.enter(signal);
      try {
        const link = await dial(target, signal);
        this.#ramp.succeeded();
        return link;
      } catch (error) {
        if (!(error instanceof Dropped)) throw error;
        this.#ramp.dropped();
        if (attempt >= ATTEMPTS) throw new ConnectionError(`${error.message}, ${ATTEMPTS} times`, { cause: error, hint: 'Is it refusing many connections at once (MaxStartups, PerSourcePenalties)?' });
      } finally {
        leave();
      }
      await pause(Math.min(5000, 250 * 1.6 ** attempt) * (0.5 + Math.random()), signal);
    }
  }
}

const ATTEMPTS = 10;

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(new Interrupted('interrupted while connecting'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
