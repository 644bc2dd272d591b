// OpenSSH's client configuration (ssh_config(5)): what it says of one host. The first value of a keyword counts; nothing that decides how a host is reached is passed over in silence.
import { globSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { matchesPattern } from './known-hosts.ts';

export interface SshQuery {
  /** The name as given, which `Host` patterns meet. */
  readonly host: string;
  /** From the command line or inventory; `%r` and `Match user` need it. */
  readonly user: string | undefined;
  readonly localUser: string;
  readonly home: string;
  /** Options before all files (`-o`), in order, names in any case. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** Files in order; `user` says how relative includes are meant. */
  readonly files: readonly { readonly path: string; readonly user: boolean }[];
}

export interface SshProblem {
  /** `file:line`, or the option. */
  readonly at: string;
  readonly text: string;
  /** The host must not be connected to as if it were not there. */
  readonly fatal: boolean;
}

/** All values of the host by keyword in lower case, in order of appearance: for most only the first counts. */
export interface SshValues {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly SshProblem[];
}

/** Keywords that may be given several times, each adding to those before. */
const ADDING = new Set([
  'identityfile',
  'certificatefile',
  'sendenv',
  'setenv',
  'localforward',
  'remoteforward',
  'dynamicforward',
]);

/** Reads what applies to the host. */
export function readSshConfig(query: SshQuery): SshValues {
  const values = new Map<string, string[]>();
  const problems: SshProblem[] = [];
  const set = (name: string, value: string) => {
    const key = ALIASES.get(name.toLowerCase()) ?? name.toLowerCase();
    // Of ProxyJump and ProxyCommand the first one counts.
    const taken = key === 'proxycommand' ? 'proxyjump' : key === 'proxyjump' ? 'proxycommand' : undefined;
    if (taken !== undefined && values.has(taken)) return;
    const before = values.get(key);
    if (before === undefined) values.set(key, [value]);
    else if (ADDING.has(key)) before.push(value);
  };
  if (query.user !== undefined) set('user', query.user);
  for (const [name, value] of query.options) {
    judgeKeyword(name, value, `-o ${name}`, problems);
    set(name, value);
  }
  for (const { path, user } of query.files)
    readFile({ path, user, depth: 0, active: true, query, values, problems, set });
  return { values, problems };
}

interface Reading {
  readonly path: string;
  readonly user: boolean;
  readonly depth: number;
  readonly active: boolean;
  readonly query: SshQuery;
  readonly values: Map<string, string[]>;
  readonly problems: SshProblem[];
  readonly set: (name: string, value: string) => void;
}

function readFile(reading: Reading): void {
  let text: string;
  try {
    text = readFileSync(reading.path, 'utf8');
  } catch {
    return;
  }
  let active = reading.active;
  for (const [index, line] of text.split('\n').entries()) {
    const at = `${reading.path}:${index + 1}`;
    const parsed = splitLine(line);
    if (parsed === undefined) continue;
    const { name, words, rest } = parsed;
    switch (name.toLowerCase()) {
      case 'host':
        active = reading.active && matchesList(words, reading.query.host);
        break;
      case 'match':
        active = reading.active && matches(words, reading, at);
        break;
      case 'include':
        if (active)
          for (const file of words.flatMap((word) => included(word, reading)))
            readFile({ ...reading, path: file, depth: reading.depth + 1, active });
        break;
      default:
        if (!active) break;
        judgeKeyword(name, rest, at, reading.problems);
        reading.set(name, rest);
    }
  }
}

function included(word: string, { user, query, depth, path, problems }: Reading): string[] {
  if (depth >= 16) {
    problems.push({ at: path, text: 'includes too many files, one in the other', fatal: true });
    return [];
  }
  const expanded = word.startsWith('~/') ? join(query.home, word.slice(2)) : word;
  const full = isAbsolute(expanded) ? expanded : join(user ? join(query.home, '.ssh') : '/etc/ssh', expanded);
  return /[*?[]/.test(full) ? globSync(full).toSorted() : [full];
}

/** `Match` criteria; all must hold. */
function matches(words: readonly string[], { query, values, problems }: Reading, at: string): boolean {
  const rest = [...words];
  let holds = true;
  while (rest.length > 0) {
    const word = rest.shift() ?? '';
    const negated = word.startsWith('!');
    const [criterion = '', attached] = (negated ? word.slice(1) : word).split('=', 2);
    const patterns = () => (attached ?? rest.shift() ?? '').split(',');
    let result: boolean;
    switch (criterion.toLowerCase()) {
      case 'all':
        result = true;
        break;
      // Names are never made canonical and there is one pass.
      case 'canonical':
      case 'final':
        result = false;
        break;
      case 'host':
        result = matchesList(patterns(), expandHostName(values.get('hostname')?.[0], query.host));
        break;
      case 'originalhost':
        result = matchesList(patterns(), query.host);
        break;
      case 'user':
        result = matchesList(patterns(), values.get('user')?.[0] ?? query.localUser);
        break;
      case 'localuser':
        result = matchesList(patterns(), query.localUser);
        break;
      default:
        // What a failed criterion before it would not have had run is no problem.
        if (holds) problems.push({ at, text: `"Match ${criterion}" is not supported`, fatal: true });
        return false;
    }
    if (result === negated) holds = false;
  }
  return holds;
}

/** A list of patterns: one must match, none of the negated may. */
function matchesList(patterns: readonly string[], name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

/** `%h` of HostName is the name as given. */
export function expandHostName(hostName: string | undefined, given: string): string {
  return hostName === undefined ? given : hostName.replaceAll(/%[%h]/g, (token) => (token === '%h' ? given : '%'));
}

/** Keyword and what is behind it: `Port 22`, `Port=22`, with quotes and a comment at the end; undefined for an empty line. */
function splitLine(line: string): { name: string; words: string[]; rest: string } | undefined {
  const found = /^\s*([^\s=#"]+)(?:\s*=\s*|\s+)(.*)$/.exec(line.replace(/\r$/, ''));
  const [, name, raw] = found ?? [];
  if (name === undefined || raw === undefined) return undefined;
  // A proxy's command is the rest of the line, as it is.
  if (/^(proxycommand|localcommand|remotecommand|knownhostscommand)$/i.test(name))
    return { name, words: [raw.trim()], rest: raw.trim() };
  const words: string[] = [];
  for (const [whole, quoted, plain] of raw.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (whole.startsWith('#')) break;
    words.push(quoted ?? plain ?? '');
  }
  return { name, words, rest: words.join(' ') };
}

const ALIASES = new Map([
  ['challengeresponseauthentication', 'kbdinteractiveauthentication'],
  ['skeyauthentication', 'kbdinteractiveauthentication'],
  ['pubkeyacceptedkeytypes', 'pubkeyacceptedalgorithms'],
  ['dsaauthentication', 'ignored'],
  ['cipher', 'ignored'],
  ['protocol', 'ignored'],
]);

/** What this transport honours (see target.ts), and what changes nothing for commands run over it. */
const HONOURED = `hostname user port identityfile identitiesonly identityagent proxyjump proxycommand connecttimeout serveraliveinterval serveralivecountmax
  stricthostkeychecking userknownhostsfile globalknownhostsfile hostkeyalias forwardagent ciphers kexalgorithms macs hostkeyalgorithms hashknownhosts addressfamily
  bindaddress preferredauthentications passwordauthentication pubkeyauthentication kbdinteractiveauthentication connectionattempts batchmode`;
const HARMLESS = `compression controlmaster controlpath controlpersist tcpkeepalive loglevel sendenv ignoreunknown checkhostip escapechar requesttty visualhostkey
  updatehostkeys addkeystoagent forwardx11 forwardx11trusted forwardx11timeout xauthlocation localcommand permitlocalcommand nohostauthenticationforlocalhost
  localforward remoteforward dynamicforward gatewayports exitonforwardfailure clearallforwardings fingerprinthash ipqos rekeylimit tunnel tunneldevice
  streamlocalbindmask streamlocalbindunlink stdinnull forkafterauthentication usekeychain numberofpasswordprompts pubkeyacceptedalgorithms casignaturealgorithms
  hostbasedacceptedalgorithms canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames rsaminsize requiredrsasize syslogfacility
  logverbose enablesshkeysign gssapidelegatecredentials gssapikeyexchange gssapitrustdns gssapirenewalforcesrekey gssapiserveridentity gssapiclientidentity
  gssapikexalgorithms enableescapecommandline obscurekeystroketiming channeltimeout warnweakcrypto refuseconnection versionaddendum ignored tag setenv useroaming
  rhostsrsaauthentication rsaauthentication useprivilegedport`;
const KNOWN = new Set(`${HONOURED} ${HARMLESS}`.split(/\s+/));

/** Says what is wrong with a keyword for this transport; nothing for what it honours. */
function judgeKeyword(name: string, value: string, at: string, problems: SshProblem[]): void {
  const key = ALIASES.get(name.toLowerCase()) ?? name.toLowerCase();
  const on = !/^(no|none|off|false|0)$/i.test(value);
  const fatal = (text: string) => problems.push({ at, text, fatal: true });
  switch (key) {
    case 'certificatefile':
    case 'pkcs11provider':
    case 'smartcarddevice':
    case 'securitykeyprovider':
    case 'knownhostscommand':
    case 'proxyusefdpass':
    case 'remotecommand':
    case 'bindinterface':
    case 'canonicalizehostname':
    case 'revokedhostkeys':
      // `internal` is what OpenSSH takes where nothing is set.
      if (on && value !== 'internal' && value !== '$SSH_SK_PROVIDER') fatal(`${name} is not supported`);
      return;
    case 'gssapiauthentication':
    case 'hostbasedauthentication':
    case 'verifyhostkeydns':
      // Distributions switch these on for all hosts; other ways in usually do. What is refused in the end names them.
      if (on) problems.push({ at, text: `${name} is not supported and was left out`, fatal: false });
      return;
    default:
      if (!KNOWN.has(key)) fatal(`"${name}" is not a keyword that is known here`);
  }
}
