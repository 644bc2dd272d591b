// The words of ansible_ssh_common_args and ansible_ssh_extra_args: ssh's own options, of which none is passed over in silence.
import { ConnectionError } from '../core/error.ts';
import { splitWords } from './split-words.ts';

export interface SshArgs {
  /** As `-o` would give them, in order. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** `-F`: in place of both configuration files; `none` for no file. */
  readonly configFile: string | undefined;
}

/** Options with a value and the keyword that says the same. */
const WITH_VALUE: Readonly<Record<string, string>> = {
  p: 'Port',
  i: 'IdentityFile',
  l: 'User',
  J: 'ProxyJump',
  b: 'BindAddress',
  c: 'Ciphers',
  m: 'MACs',
  S: 'ControlPath',
  e: 'EscapeChar',
  E: '',
  L: '',
  R: '',
  D: '',
};
const WITHOUT_VALUE: Readonly<Record<string, readonly [string, string] | undefined>> = {
  '4': ['AddressFamily', 'inet'],
  '6': ['AddressFamily', 'inet6'],
  A: ['ForwardAgent', 'yes'],
  a: ['ForwardAgent', 'no'],
  K: ['GSSAPIAuthentication', 'yes'],
  C: undefined,
  k: undefined,
  M: undefined,
  N: undefined,
  n: undefined,
  q: undefined,
  T: undefined,
  t: undefined,
  v: undefined,
  X: undefined,
  x: undefined,
  Y: undefined,
  y: undefined,
  g: undefined,
};

/** Raises ConnectionError for an option that is not understood. */
export function parseSshArgs(text: string): SshArgs {
  const options: [string, string][] = [];
  let configFile: string | undefined;
  const words = splitWords(text);
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (!/^-[A-Za-z0-9]/.test(word))
      throw new ConnectionError(`"${word}" in the ssh arguments is no option`, {
        hint: 'See ansible_ssh_common_args and ansible_ssh_extra_args.',
      });
    let letters = word.slice(1);
    while (letters !== '') {
      const letter = letters.charAt(0);
      letters = letters.slice(1);
      const value = (): string => {
        const rest = letters === '' ? words.shift() : letters;
        letters = '';
        if (rest === undefined) throw new ConnectionError(`-${letter} in the ssh arguments needs a value`);
        return rest;
      };
      const keyword = WITH_VALUE[letter];
      if (letter === 'o') options.push(option(value()));
      else if (letter === 'F') configFile = value();
      else if (keyword !== undefined) {
        const given = value();
        if (keyword !== '') options.push([keyword, given]);
      } else if (letter in WITHOUT_VALUE) {
        const same = WITHOUT_VALUE[letter];
        if (same !== undefined) options.push([same[0], same[1]]);
      } else
        throw new ConnectionError(`-${letter} in the ssh arguments is not supported by this transport`, {
          hint: 'Set ansible_connection: openssh to have the system ssh take it.',
        });
    }
  }
  return { options, configFile };
}

/** `Name=value`, `Name value`, `Name "value"`. */
function option(text: string): [string, string] {
  const [, name, value] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new ConnectionError(`"-o ${text}" in the ssh arguments is not Name=value`);
  return [name, value.replace(/^"(.*)"$/, '$1')];
}
