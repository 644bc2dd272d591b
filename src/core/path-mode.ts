// File modes as text: what a symbolic mode makes of a mode, as Ansible computes it (`X` looks at the bits set so far, as in `u=rw-x+X`).

const WHO: Readonly<Record<string, { readonly shift: number; readonly special: number }>> = {
  u: { shift: 6, special: 0o4000 },
  g: { shift: 3, special: 0o2000 },
  o: { shift: 0, special: 0o1000 },
};

/** Umask of a host that does not tell. */
const USUAL_UMASK = '0022';

/** `mode` (octal digits, or symbolic clauses as of chmod(1)) applied to `current` (octal); gives four octal digits. */
export function applyMode(
  mode: string,
  current: string,
  kind: 'file' | 'directory',
  umask: string = USUAL_UMASK,
): string {
  if (/^[0-7]+$/.test(mode)) return octal(Number.parseInt(mode, 8));
  let bits = Number.parseInt(current, 8);
  for (const clause of mode.split(',')) {
    const [who = ''] = /^[ugoa]*/.exec(clause) ?? [];
    const users = who === '' || who.includes('a') ? ['u', 'g', 'o'] : [...who];
    const mask = who === '' ? Number.parseInt(umask, 8) : 0;
    for (const [, operator = '', letters = ''] of clause.slice(who.length).matchAll(/([-+=])([rwxXstugo]*)/g)) {
      for (const user of users) bits = operate(operator, user, letters, bits, kind, mask);
    }
  }
  return octal(bits);
}

/** The mode of a new file (or folder) that nobody gave a mode, four octal digits. */
export function defaultMode(kind: 'file' | 'directory', umask: string = USUAL_UMASK): string {
  return octal((kind === 'directory' ? 0o777 : 0o666) & ~Number.parseInt(umask, 8));
}

/** The mode as chmod's argument: five digits, since with fewer GNU chmod keeps set-id bits of folders that are to go. */
export function chmodArgument(mode: string): string {
  return mode.padStart(5, '0');
}

function operate(
  operator: string,
  user: string,
  letters: string,
  bits: number,
  kind: 'file' | 'directory',
  mask: number,
): number {
  const { shift, special } = WHO[user] as { shift: number; special: number };
  let chosen = 0;
  for (const letter of letters) {
    if (letter === 'r' || letter === 'w' || letter === 'x')
      chosen |= ((letter === 'r' ? 4 : letter === 'w' ? 2 : 1) << shift) & ~mask;
    else if (letter === 'X') chosen |= kind === 'directory' || (bits & 0o111) !== 0 ? 1 << shift : 0;
    else if (letter === 's') chosen |= user === 'o' ? 0 : special;
    else if (letter === 't') chosen |= user === 'o' ? special : 0;
    else chosen |= ((bits >> (WHO[letter] as { shift: number }).shift) & 7) << shift;
  }
  if (operator === '+') return bits | chosen;
  if (operator === '-') return bits & ~chosen;
  return (bits & ~((7 << shift) | special)) | chosen;
}

function octal(bits: number): string {
  return (bits & 0o7777).toString(8).padStart(4, '0');
}
