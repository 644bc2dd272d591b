// How a host is reached by ssh: inventory settings over the words of ssh arguments over ssh_config over defaults, with all names expanded.
import { hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Algorithms } from 'ssh2';
import type { ConnectionSettings } from '../core/connection.ts';
import { ConnectionError } from '../core/error.ts';
import { chooseAlgorithms } from './algorithms.ts';
import type { HostKeyTarget } from './host-keys.ts';
import { parseSshArgs } from './ssh-args.ts';
import { expandHostName, readSshConfig } from './ssh-config.ts';

export interface TargetOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly knownHostsFiles: readonly string[] | undefined;
  readonly sshConfigFile: string | undefined;
  readonly keepalive: { readonly interval: number; readonly count: number } | undefined;
}

/** One stop on the way, as `[user@]host[:port]` says it. */
export interface Hop {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

export interface Target {
  /** Address to connect to. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFiles: readonly string[];
  readonly defaultKeyFiles: readonly string[];
  readonly agent: string | undefined;
  readonly identitiesOnly: boolean;
  readonly forwardAgent: string | undefined;
  /** Ways to log in that are switched off. */
  readonly without: ReadonlySet<'publickey' | 'password' | 'keyboard-interactive'>;
  readonly proxy:
    | { readonly kind: 'none' }
    | { readonly kind: 'jump'; readonly hops: readonly Hop[] }
    | { readonly kind: 'command'; readonly command: string };
  readonly connectTimeout: number;
  readonly keepaliveInterval: number;
  readonly keepaliveCountMax: number;
  readonly hostKey: HostKeyTarget;
  /** `types`: kinds of key known for the host, wanted first. */
  readonly algorithms: (types: readonly string[]) => Algorithms;
  readonly family: 0 | 4 | 6;
  readonly localAddress: string | undefined;
  /** What was left out, for the message when the login is refused. */
  readonly notes: readonly string[];
}

/** Raises ConnectionError where the configuration asks for what this transport cannot do. */
export function resolveTarget(settings: ConnectionSettings, options: TargetOptions): Target {
  const { environment } = options;
  const me = userInfo();
  const home = environment['HOME'] ?? me.homedir;
  const localUser = environment['USER'] ?? me.username;
  const args = parseSshArgs(settings.sshArgs ?? '');
  const configFile = args.configFile ?? options.sshConfigFile;
  const { values, problems } = readSshConfig({
    host: settings.host,
    user: settings.user,
    localUser,
    home,
    options: args.options,
    files:
      configFile === undefined
        ? [
            { path: join(home, '.ssh/config'), user: true },
            { path: '/etc/ssh/ssh_config', user: false },
          ]
        : configFile === 'none'
          ? []
          : [{ path: configFile, user: true }],
  });
  const fatal = problems.find((problem) => problem.fatal);
  if (fatal !== undefined)
    throw new ConnectionError(`${settings.name}: ${fatal.at}: ${fatal.text}`, {
      hint: 'Set ansible_connection: openssh to have the system ssh take it.',
    });

  const first = (name: string) => values.get(name)?.[0];
  const on = (name: string) => /^(yes|true|on|1)$/i.test(first(name) ?? '');
  const off = (name: string) => /^(no|false|off|0)$/i.test(first(name) ?? '');
  const host = expandHostName(first('hostname'), settings.host);
  const port = settings.port ?? number(first('port'), 'Port', settings.name) ?? 22;
  const user = first('user') ?? localUser;
  // OpenSSH refuses the same: they would reach a shell by way of ProxyCommand.
  if (/[\s'"`$\\;&<>|(){}]|^-/.test(host) || host === '')
    throw new ConnectionError(`${settings.name}: "${host}" cannot be the name of a host`);
  if (/['`";&<>|(){}\s\\$]|^-/.test(user))
    throw new ConnectionError(`${settings.name}: "${user}" cannot be the name of a user for ssh`);

  const alias = first('hostkeyalias');
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: host,
    n: settings.host,
    p: String(port),
    r: user,
    u: localUser,
    d: home,
    i: String(me.uid),
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
    k: alias ?? settings.host,
    j: first('proxyjump') ?? '',
  };
  const expand = (text: string) => text.replaceAll(/%(.)/g, (token, letter: string) => tokens[letter] ?? token);
  const file = (text: string) => {
    const expanded = expand(text).replaceAll(
      /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
      (_, name: string) => environment[name] ?? '',
    );
    return expanded === '~'
      ? home
      : expanded.startsWith('~/')
        ? join(home, expanded.slice(2))
        : isAbsolute(expanded) || expanded === 'none'
          ? expanded
          : join(process.cwd(), expanded);
  };

  const named = [
    ...(settings.privateKeyFile === undefined ? [] : [settings.privateKeyFile]),
    ...(values.get('identityfile') ?? []),
  ]
    .map(file)
    .filter((name) => name !== 'none');
  const agentWord = first('identityagent') ?? 'SSH_AUTH_SOCK';
  const agentName =
    agentWord === 'none'
      ? undefined
      : agentWord === 'SSH_AUTH_SOCK'
        ? environment['SSH_AUTH_SOCK']
        : agentWord.startsWith('$')
          ? environment[agentWord.replace(/^\$\{?|\}$/g, '')]
          : file(agentWord);
  const agent = agentName === '' ? undefined : agentName;
  const forward = first('forwardagent') ?? 'no';

  const preferred = first('preferredauthentications')?.split(',');
  const without = new Set<'publickey' | 'password' | 'keyboard-interactive'>();
  for (const [kind, keyword] of [
    ['publickey', 'pubkeyauthentication'],
    ['password', 'passwordauthentication'],
    ['keyboard-interactive', 'kbdinteractiveauthentication'],
  ] as const)
    if (off(keyword) || (preferred !== undefined && !preferred.includes(kind))) without.add(kind);

  const jump = first('proxyjump');
  const command = first('proxycommand');
  const proxy: Target['proxy'] =
    jump !== undefined && jump !== 'none'
      ? { kind: 'jump', hops: jump.split(',').map(parseHop) }
      : command !== undefined && command !== 'none'
        ? { kind: 'command', command: expand(command) }
        : { kind: 'none' };

  return {
    host,
    port,
    user,
    keyFiles: named,
    // With a file named for the host the defaults are not tried, as OpenSSH does.
    defaultKeyFiles:
      named.length > 0 ? [] : ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, '.ssh', name)),
    agent,
    identitiesOnly: on('identitiesonly'),
    forwardAgent:
      off('forwardagent') || forward === 'no'
        ? undefined
        : on('forwardagent')
          ? agent
          : forward.startsWith('$')
            ? environment[forward.slice(1)]
            : file(forward),
    without,
    proxy,
    connectTimeout: number(first('connecttimeout'), 'ConnectTimeout', settings.name) ?? settings.connectTimeout,
    keepaliveInterval:
      number(first('serveraliveinterval'), 'ServerAliveInterval', settings.name) ?? options.keepalive?.interval ?? 15,
    keepaliveCountMax:
      number(first('serveralivecountmax'), 'ServerAliveCountMax', settings.name) ?? options.keepalive?.count ?? 4,
    hostKey: {
      host: alias ?? host,
      port: alias === undefined ? port : 22,
      policy: hostKeyPolicy(settings.hostKeyChecking, first('stricthostkeychecking')),
      files:
        options.knownHostsFiles ??
        [
          ...(first('userknownhostsfile')?.split(/\s+/) ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
          ...(first('globalknownhostsfile')?.split(/\s+/) ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
        ]
          .map(file)
          .filter((name) => name !== 'none'),
      hashed: on('hashknownhosts'),
    },
    algorithms: (types) =>
      chooseAlgorithms(
        {
          ciphers: first('ciphers'),
          kex: first('kexalgorithms'),
          macs: first('macs'),
          hostKeys: first('hostkeyalgorithms'),
        },
        types,
      ),
    family: first('addressfamily') === 'inet' ? 4 : first('addressfamily') === 'inet6' ? 6 : 0,
    localAddress: first('bindaddress'),
    notes: problems.map((problem) => `${problem.at}: ${problem.text}`),
  };
}

/** The inventory's word wins where it switches checking off or eases it; else ssh_config may. */
function hostKeyPolicy(
  setting: ConnectionSettings['hostKeyChecking'],
  configured: string | undefined,
): HostKeyTarget['policy'] {
  if (setting !== 'yes') return setting;
  switch (configured?.toLowerCase()) {
    case 'no':
    case 'off':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    case 'yes':
      return 'strict';
    default:
      return 'ask';
  }
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`; an IPv6 address stands in brackets. */
export function parseHop(text: string): Hop {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^@:[\]]+))(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new ConnectionError(`"${text}" in ProxyJump is not [user@]host[:port]`);
  return { host, user, port: port === undefined ? undefined : Number(port) };
}

function number(text: string | undefined, keyword: string, name: string): number | undefined {
  if (text === undefined || text === 'none') return undefined;
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };
  const [, digits, unit = ''] = /^(\d+)([smhSMH]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new ConnectionError(`${name}: "${text}" is no number for ${keyword}`);
  return Number(digits) * (units[unit.toLowerCase()] ?? 1);
}
