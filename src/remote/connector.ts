// Makes and keeps the machines of a run: resolves how each is reached, starts connections by the ramp, retries what a busy server dropped.
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ConnectionSettings, Connector, Machine } from '../core/connection.ts';
import { ConnectionError, Interrupted } from '../core/error.ts';
import { AnswerRoom } from './answer-room.ts';
import type { Link } from './channel.ts';
import { type HostKeyRow, HostKeys } from './host-keys.ts';
import { localLink } from './local-link.ts';
import { RemoteMachine } from './machine.ts';
import { OpensshMasters } from './openssh-link.ts';
import { proxyCommand } from './proxy-command.ts';
import { Ramp } from './ramp.ts';
import { dial, type DialTarget, Dropped } from './ssh2-dial.ts';
import type { Ssh2Link } from './ssh2-link.ts';
import { type Hop, resolveTarget, type Target } from './target.ts';

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
  /** Where commands on this machine start, default the folder that vbx was started in. */
  readonly folder?: string;
  /** HOME, USER, SSH_AUTH_SOCK and what local processes get; default that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export class RemoteConnector implements Connector {
  readonly #options: ConnectorOptions;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #machines = new Map<string, RemoteMachine>();
  readonly #ramp: Ramp;
  readonly #room = new AnswerRoom();
  readonly #hostKeys: HostKeys;
  /** Jump hosts, one connection each for all hosts behind it. */
  readonly #jumps = new Map<string, Promise<Ssh2Link>>();
  /** Passphrases by file and question: asked once a run. */
  readonly #secrets = new Map<string, Promise<string>>();
  readonly #stop = new AbortController();
  #asking: Promise<unknown> = Promise.resolve();
  /** Connections whose host key is not judged yet. */
  #unjudged = 0;
  #masters: OpensshMasters | undefined;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#environment = options.environment ?? process.env;
    this.#ramp = new Ramp(options.ramp);
    const { prompt } = options;
    this.#hostKeys = new HostKeys({
      confirm: prompt === undefined ? undefined : (rows) => this.#inTurn(() => prompt.confirmHostKeys(rows)),
      pending: () => this.#unjudged,
      onWarning: (message) => options.onWarning?.(message),
    });
    options.signal?.addEventListener('abort', () => this.#stop.abort(), { once: true });
    if (options.signal?.aborted === true) this.#stop.abort();
  }

  machine(settings: ConnectionSettings): Machine {
    const target = settings.transport === 'ssh' ? this.#target(settings) : undefined;
    const key = machineKey(settings, target instanceof Error ? undefined : target, this.#environment);
    const existing = this.#machines.get(key);
    if (existing !== undefined) return existing;
    const address =
      settings.transport === 'local'
        ? 'localhost'
        : target === undefined || target instanceof Error
          ? settings.host
          : target.host;
    const machine = new RemoteMachine({
      key,
      settings,
      room: this.#room,
      connect: (signal) =>
        this.#connect(
          settings,
          target,
          signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]),
        ),
      onState: (state, more) =>
        this.#options.onEvent?.({ host: settings.name, transport: settings.transport, address, state, ...more }),
    });
    this.#machines.set(key, machine);
    return machine;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#machines.values()].map((machine) => machine.close()));
    this.#machines.clear();
    for (const jump of this.#jumps.values()) await jump.then((link) => link.close()).catch(() => undefined);
    this.#jumps.clear();
    this.#masters?.close();
  }

  /** A configuration that cannot be used is told when the machine is connected to, as that host's error. */
  #target(settings: ConnectionSettings): Target | Error {
    try {
      return resolveTarget(settings, {
        environment: this.#environment,
        knownHostsFiles: this.#options.knownHostsFiles,
        sshConfigFile: this.#options.sshConfigFile,
        keepalive: this.#options.keepalive,
      });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #connect(settings: ConnectionSettings, target: Target | Error | undefined, signal: AbortSignal): Promise<Link> {
    if (target instanceof Error) throw target;
    switch (settings.transport) {
      case 'local':
        return localLink({ user: userInfo().username, environment: this.#environment, folder: this.#options.folder });
      case 'openssh': {
        this.#masters ??= new OpensshMasters(this.#environment, this.#options);
        const leave = await this.#ramp.enter(signal);
        try {
          return await this.#masters.connect(settings, signal);
        } finally {
          leave();
        }
      }
      case 'ssh':
        if (target === undefined) throw new ConnectionError(`${settings.name}: there is no address`);
        return this.#dial(settings, target, undefined, signal);
    }
  }

  /** Attempts by the ramp until one works; only what was dropped before it began is tried again. `via`: the hosts jumped over so far. */
  async #dial(
    settings: ConnectionSettings,
    target: Target,
    via: Ssh2Link | undefined,
    signal: AbortSignal,
  ): Promise<Ssh2Link> {
    const through =
      via === undefined ? await this.#through(settings, target, signal) : () => via.forward(target.host, target.port);
    let judged = false;
    this.#unjudged++;
    const settle = () => {
      if (judged) return;
      judged = true;
      this.#unjudged--;
      this.#hostKeys.settled();
    };
    try {
      for (let attempt = 1; ; attempt++) {
        const leave = await this.#ramp.enter(signal);
        try {
          const verify = async (key: Buffer) => {
            settle();
            // Waiting for people takes no other host's slot.
            await this.#hostKeys.check(target.hostKey, key, leave);
          };
          const link = await dial(this.#dialTarget(settings, target, verify, through), signal);
          this.#ramp.succeeded();
          return link;
        } catch (error) {
          if (!(error instanceof Dropped)) throw error;
          this.#ramp.dropped();
          if (attempt >= ATTEMPTS)
            throw new ConnectionError(`${error.message}, ${ATTEMPTS} times`, {
              cause: error,
              hint: 'Is it refusing many connections at once (MaxStartups, PerSourcePenalties)?',
            });
        } finally {
          leave();
        }
        await pause(Math.min(5000, 250 * 1.6 ** attempt) * (0.5 + Math.random()), signal);
      }
    } finally {
      settle();
    }
  }

  async #through(
    settings: ConnectionSettings,
    target: Target,
    signal: AbortSignal,
  ): Promise<(() => Promise<Duplex>) | undefined> {
    const { proxy } = target;
    switch (proxy.kind) {
      case 'none':
        return undefined;
      case 'command':
        return () => proxyCommand(proxy.command, this.#environment);
      case 'jump': {
        let link: Ssh2Link | undefined;
        let path = '';
        for (const hop of proxy.hops) {
          path += `${hop.user ?? ''}@${hop.host}:${hop.port ?? ''},`;
          link = await this.#jump(settings, hop, path, link, signal);
        }
        const last = link;
        return last === undefined ? undefined : () => last.forward(target.host, target.port);
      }
    }
  }

  /** A jump host is configured by ssh_config alone, as under OpenSSH; the host's own password and keys are not shown to it. */
  #jump(
    settings: ConnectionSettings,
    hop: Hop,
    path: string,
    via: Ssh2Link | undefined,
    signal: AbortSignal,
  ): Promise<Ssh2Link> {
    const existing = this.#jumps.get(path);
    if (existing !== undefined) return existing;
    const hopSettings: ConnectionSettings = {
      transport: 'ssh',
      name: `${hop.host} (jump host of ${settings.name})`,
      host: hop.host,
      hostKeyChecking: settings.hostKeyChecking,
      connectTimeout: settings.connectTimeout,
      ...(hop.port === undefined ? {} : { port: hop.port }),
      ...(hop.user === undefined ? {} : { user: hop.user }),
    };
    const target = this.#target(hopSettings);
    const opening =
      target instanceof Error ? Promise.reject(target) : this.#dial(hopSettings, target, via, this.#stop.signal);
    this.#jumps.set(path, opening);
    const forget = () => {
      if (this.#jumps.get(path) === opening) this.#jumps.delete(path);
    };
    opening.then((link) => link.onLost(forget), forget);
    return abortable(opening, signal);
  }

  #dialTarget(
    settings: ConnectionSettings,
    target: Target,
    verify: (key: Buffer) => Promise<void>,
    through: (() => Promise<Duplex>) | undefined,
  ): DialTarget {
    const { prompt } = this.#options;
    return {
      host: target.host,
      port: target.port,
      user: target.user,
      connectTimeout: target.connectTimeout,
      keepaliveInterval: target.keepaliveInterval,
      keepaliveCountMax: target.keepaliveCountMax,
      algorithms: target.algorithms(this.#hostKeys.types(target.hostKey)),
      agentForward: target.forwardAgent,
      family: target.family,
      localAddress: target.localAddress,
      login: {
        user: target.user,
        keyFiles: target.keyFiles,
        defaultKeyFiles: target.defaultKeyFiles,
        agent: target.agent,
        identitiesOnly: target.identitiesOnly,
        password: settings.password,
        passphrase: settings.privateKeyPassphrase,
        without: target.without,
        notes: target.notes,
        ask:
          prompt === undefined
            ? undefined
            : (text, once) =>
                once ? this.#askOnce(text, prompt) : this.#inTurn(() => prompt.secret(`${settings.name}: ${text}`)),
      },
      verify,
      through,
    };
  }

  #askOnce(text: string, prompt: Prompt): Promise<string> {
    const before = this.#secrets.get(text);
    if (before !== undefined) return before;
    const asked = this.#inTurn(() => prompt.secret(text));
    this.#secrets.set(text, asked);
    return asked;
  }

  /** People are asked one thing at a time. */
  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const mine = this.#asking.then(ask);
    this.#asking = mine.catch(() => undefined);
    return mine;
  }
}

/** Attempts at a server that drops connections before they begin: about half a minute. */
const ATTEMPTS = 12;

/** What makes two inventory names one machine. */
function machineKey(
  settings: ConnectionSettings,
  target: Target | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (settings.transport === 'local') return 'local';
  if (target === undefined)
    return `${settings.transport}:${settings.user ?? environment['USER'] ?? userInfo().username}@${settings.host}:${settings.port ?? 22} ${settings.sshArgs ?? ''}`.trimEnd();
  const { proxy } = target;
  const way =
    proxy.kind === 'none'
      ? ''
      : proxy.kind === 'command'
        ? ` by ${proxy.command}`
        : ` by ${proxy.hops.map((hop) => `${hop.user ?? ''}@${hop.host}:${hop.port ?? ''}`).join(',')}`;
  return `ssh:${target.user}@${target.host}:${target.port}${way}`;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return abortable(new Promise((resolve) => setTimeout(resolve, milliseconds)), signal);
}

/** Rejects with Interrupted as soon as the signal is aborted, whatever becomes of the promise. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Interrupted('interrupted while connecting'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
