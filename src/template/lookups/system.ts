// Lookups that ask the controller: environment, commands, URLs, passwords, configuration.
import type { Value } from '../../core/value.ts';
import { PythonError, Tripped, Undefined } from '../special.ts';
import type { Engine } from '../engine.ts';
import type { Lookups } from '../plugin.ts';
import { passwordHash } from '../crypt/password-hash.ts';
import { source } from '../filters/random.ts';
import { splitLines } from '../methods/strings.ts';
import { decode, expandUser } from '../search.ts';
import { pythonStr } from '../python/text.ts';
import { flag, splitTerm, term, text, wholeNumber, type Options } from './options.ts';

function env(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  return terms.map((value) => {
    const name = pythonStr(value).split(' ')[0] ?? '';
    const found = engine.context.host.env(name);
    if (found !== undefined) return found;
    const standard = options.get('default');
    if (standard instanceof Undefined)
      throw new Tripped(Undefined.of(`The environment variable '${name}' is not set.`));
    return standard ?? '';
  });
}

function run(engine: Engine, value: Value, plugin: string): string {
  const command = term(value);
  const { rc, stdout } = engine.context.host.run(command, engine.context.host.cwd());
  if (rc !== 0) throw new PythonError('Error', `lookup_plugin.${plugin}(${command}) returned ${rc}`);
  return stdout;
}

function url(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  return terms.flatMap((value): Value[] => {
    const address = pythonStr(value);
    const headers = options.get('headers');
    const answer = engine.context.host.fetch({
      url: address,
      method: 'GET',
      body: undefined,
      timeoutSeconds: Number(text(options, 'timeout', '10')),
      headers:
        headers !== undefined && headers !== null && typeof headers === 'object' && 'keys' in headers
          ? Object.fromEntries(
              Array.from(headers as Iterable<[Value, Value]>, ([key, item]) => [pythonStr(key), pythonStr(item)]),
            )
          : {},
      username: options.has('username') ? text(options, 'username', '') : undefined,
      password: options.has('password') ? text(options, 'password', '') : undefined,
      validateCertificates: flag(options, 'validate_certs', true),
      followRedirects: text(options, 'follow_redirects', 'urllib2') !== 'none',
    });
    if (answer.status >= 400)
      throw new PythonError('Error', `Received HTTP error for ${address} : HTTP Error ${answer.status}`);
    return flag(options, 'split_lines', true) ? splitLines(answer.body, false) : [answer.body];
  });
}

/** Letters by the names that Python's `string` has for them. */
export const CHARACTERS: Record<string, string> = {
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  whitespace: ' \t\n\r\v\f',
};
CHARACTERS['printable'] =
  `${CHARACTERS['digits'] ?? ''}${CHARACTERS['ascii_letters'] ?? ''}${CHARACTERS['punctuation'] ?? ''}${CHARACTERS['whitespace'] ?? ''}`;

/** The letters of a password, from names of sets and letters themselves. */
export function passwordLetters(given: Value | undefined): string {
  const sets =
    given === undefined || given === null
      ? ['ascii_letters', 'digits', '.,:-_']
      : Array.isArray(given)
        ? given.map(pythonStr)
        : splitSets(pythonStr(given));
  const letters = sets.map((set) => (Object.hasOwn(CHARACTERS, set) ? (CHARACTERS[set] ?? '') : set)).join('');
  return letters.replaceAll('"', '').replaceAll("'", '');
}
function splitSets(text: string): string[] {
  const comma = text.includes(',,');
  const sets = text
    .replaceAll(',,', ',')
    .split(',')
    .filter((set) => set !== '');
  return comma ? [',', ...sets] : sets;
}

/** A password of `length` letters; with a seed, Python's choice. */
export function randomPassword(engine: Engine, length: number, letters: string, seed: Value): string {
  const random = source(engine, seed);
  const all = Array.from(letters);
  return Array.from({ length }, () => all[Number(random.below(BigInt(all.length)))] ?? '').join('');
}

/** Lengths of salts by the names that passlib has; others get eight letters. */
const SALT_SIZES: Record<string, number> = { bcrypt: 22, blowfish: 22, sha256_crypt: 16, sha512_crypt: 16 };
const PASSWORD_OPTIONS = ['length', 'encrypt', 'chars', 'ident', 'seed'];

function password(engine: Engine, terms: readonly Value[], given: Options): Value[] {
  const { host } = engine.context;
  return terms.map((value) => {
    const { first, options } = splitTerm(term(value), PASSWORD_OPTIONS, given);
    const path = first.startsWith('/')
      ? first
      : first.startsWith('~')
        ? expandUser(engine, first)
        : `${engine.context.searchPath.at(-1) ?? host.cwd()}/${first}`;
    const keep = path !== '/dev/null';
    const bytes = keep ? host.readFile(path) : undefined;
    const content = bytes === undefined ? undefined : decode(bytes).trimEnd();
    const [, stored, storedSalt, storedIdent] = /^([^]*?)(?: salt=(\S+))?(?: ident=(\S+))?$/.exec(content ?? '') ?? [];
    const letters = passwordLetters(options.get('chars'));
    const length = wholeNumber(options, 'length', 20);
    const plain =
      content === undefined ? randomPassword(engine, length, letters, options.get('seed') ?? null) : (stored ?? '');
    const encrypt = text(options, 'encrypt', '');
    let salt = storedSalt;
    const ident = options.has('ident') ? text(options, 'ident', '') : storedIdent;
    if (encrypt !== '' && salt === undefined)
      salt = randomPassword(
        engine,
        SALT_SIZES[encrypt] ?? 8,
        `${CHARACTERS['ascii_letters'] ?? ''}${CHARACTERS['digits'] ?? ''}./`,
        null,
      );
    if (keep && (content === undefined || (encrypt !== '' && storedSalt === undefined))) {
      host.writeFile(
        path,
        `${plain}${salt === undefined ? '' : ` salt=${salt}`}${ident === undefined ? '' : ` ident=${ident}`}\n`,
      );
    }
    if (encrypt === '') return plain;
    return passwordHash(plain, encrypt, { salt, rounds: undefined, ident }, (limit) =>
      Math.floor(host.random() * limit),
    );
  });
}

/** Settings that playbooks ask for, with Ansible's defaults: where the controller tells nothing of its own. */
const CONFIGURATION: Record<string, Value> = {
  DEFAULT_FORKS: 5,
  DEFAULT_BECOME_USER: 'root',
  DEFAULT_BECOME_METHOD: 'sudo',
  DEFAULT_BECOME: false,
  DEFAULT_TIMEOUT: 10,
  DEFAULT_REMOTE_USER: null,
  DEFAULT_GATHERING: 'implicit',
  DEFAULT_ROLES_PATH: ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'],
  DEFAULT_HOST_LIST: ['/etc/ansible/hosts'],
  DEFAULT_HASH_BEHAVIOUR: 'replace',
  DEFAULT_TRANSPORT: 'ssh',
  DEFAULT_LOCAL_TMP: '~/.ansible/tmp',
  DEFAULT_MANAGED_STR: 'Ansible managed',
  HOST_KEY_CHECKING: true,
  RETRY_FILES_ENABLED: false,
  COLLECTIONS_PATHS: ['~/.ansible/collections', '/usr/share/ansible/collections'],
  DEFAULT_VERBOSITY: 0,
  DEFAULT_STRATEGY: 'linear',
  DEFAULT_POLL_INTERVAL: 15,
  INJECT_FACTS_AS_VARS: true,
  DEFAULT_MODULE_COMPRESSION: 'ZIP_DEFLATED',
  DEFAULT_UNDEFINED_VAR_BEHAVIOR: true,
};

export const SYSTEM_LOOKUPS: Lookups = {
  config: (engine, terms, options) =>
    terms.flatMap((value): Value[] => {
      const name = term(value);
      const told = engine.context.host.setting?.(name);
      const found = told === undefined && Object.hasOwn(CONFIGURATION, name) ? CONFIGURATION[name] : told;
      if (found !== undefined) return [found];
      const missing = text(options, 'on_missing', 'error');
      if (missing === 'error') throw new PythonError('Error', `Unable to find setting ${name}`);
      return [];
    }),
  env,
  lines: (engine, terms) => terms.flatMap((value) => splitLines(run(engine, value, 'lines'), false)),
  password,
  pipe: (engine, terms) => terms.map((value) => run(engine, value, 'pipe').replace(/\s+$/, '')),
  url,
};
