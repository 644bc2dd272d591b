// Commands that give a path another owner, group or mode, with the reason in the words that playbooks look for when they fail.
import { quote, quoteAll } from './quote.ts';

/** `argv` as shell text that fails with its status and what it said, and with `sorry` as its last word: of a name that nobody knows it says so. */
export function attributeCommand(argv: readonly string[], sorry: string): string {
  const nobody = namelessIn(argv);
  if (nobody !== undefined) return `{ echo ${quote(`${sorry}: failed to look up ${nobody} `)} >&2; exit 1; }`;
  return `e=$(${quoteAll(argv)} 2>&1) || { rc=$?; printf '%s\\n' "$e" >&2; ${lookUps(argv, sorry)}echo ${quote(sorry)} >&2; exit $rc; }`;
}

/** An empty name is nobody's; chown would take it for no wish, or for the group of whoever logs in. */
function namelessIn([command, ...words]: readonly string[]): 'user' | 'group' | undefined {
  const [first] = words.filter((word) => word !== '-h');
  if (command === 'chgrp') return first === '' ? 'group' : undefined;
  if (command !== 'chown') return undefined;
  return first === '' ? 'user' : first?.endsWith(':') === true ? 'group' : undefined;
}

function lookUps([command, ...words]: readonly string[], sorry: string): string {
  if (command !== 'chown' && command !== 'chgrp') return '';
  const [first = ''] = words.filter((word) => word !== '-h');
  const [owner = '', group = ''] = command === 'chgrp' ? ['', first] : first.split(':');
  const say = (what: string, name: string): string =>
    `echo ${quote(`${sorry}: failed to look up ${what} ${name}`)} >&2; exit $rc`;
  // GNU says invalid user: 'x', busybox unknown user x; whatever else goes wrong is told with a path, which may hold any word.
  const told = (what: string, name: string): string =>
    name === ''
      ? ''
      : `*"invalid ${what}: "*${quote(name)}*|*"unknown ${what} "${quote(name)}*) ${say(what, name)} ;; `;
  // Of a user and a group busybox does not say which it is.
  const either =
    owner === '' || group === ''
      ? ''
      : `*"unknown user/group "*) ${/^\d+$/.test(owner) ? '' : `id ${quote(owner)} >/dev/null 2>&1 || { ${say('user', owner)}; }; `}${say('group', group)} ;; `;
  return `case $e in ${told('user', owner)}${told('group', group)}${either}*) ;; esac; `;
}
