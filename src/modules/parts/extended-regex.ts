// A Python pattern as an extended regular expression for grep -E, where one means the same; otherwise what grep cannot say.

const CLASSES: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[[:alnum:]_]',
  W: '[^[:alnum:]_]',
  s: '[[:space:]]',
  S: '[^[:space:]]',
};
const IN_SET: Readonly<Record<string, string>> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]' };

/**
 * `whole`: for a file as a single line, its newlines written as \x01 (`tr '\n' '\001'`); otherwise for a line without its newline.
 */
export function extendedRegex(
  pattern: string,
  whole = false,
): { readonly pattern: string } | { readonly refused: string } {
  const result = translate(pattern, whole);
  if (whole || 'refused' in result) return result;
  // A line ends with its newline, and has none before.
  const lines = result.pattern.split(NEWLINE);
  return lines.length === 1
    ? result
    : { pattern: lines.length === 2 && lines[1] === '' ? `${lines[0] ?? ''}$` : NEVER };
}

const NEWLINE = '\u0001';
const NEVER = '$never';

function translate(pattern: string, whole: boolean): { readonly pattern: string } | { readonly refused: string } {
  let result = '';
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] as string;
    const next = pattern[at + 1];
    if (letter === '\\') {
      if (next === undefined) return { refused: 'a backslash at the end' };
      const known =
        CLASSES[next] ??
        ('tnrfv'.includes(next)
          ? undefined
          : /[A-Za-z0-9]/.test(next)
            ? undefined
            : /[\\^$.*+?()[\]{}|]/.test(next)
              ? `\\${next}`
              : next);
      if (next === 't') result += '\t';
      else if (next === 'n') result += NEWLINE;
      else if (whole && (next === 's' || next === 'S'))
        result += next === 's' ? `[[:space:]${NEWLINE}]` : `[^[:space:]${NEWLINE}]`;
      else if (known === undefined) return { refused: `\\${next} cannot be told to the host's grep` };
      else result += known;
      at++;
    } else if (letter === '[') {
      const set = readSet(pattern, at);
      if (set === undefined) return { refused: "this set of characters cannot be told to the host's grep" };
      result += set.text;
      at = set.end;
    } else if (letter === '(' && next === '?') {
      if (pattern[at + 2] !== ':') return { refused: `${pattern.slice(at, at + 3)} cannot be told to the host's grep` };
      result += '(';
      at += 2;
    } else if (
      (letter === '*' || letter === '+' || letter === '?' || letter === '}') &&
      (next === '?' || next === '+')
    ) {
      // Whether a line matches at all does not depend on how much a quantifier takes.
      if (next === '+') return { refused: "possessive quantifiers cannot be told to the host's grep" };
      result += letter;
      at++;
    } else if (letter === '\n') result += NEWLINE;
    else if (whole && letter === '.') result += `[^${NEWLINE}]`;
    // Behind the end stands at most the last newline.
    else if (whole && letter === '$') result += `${NEWLINE}?$`;
    else result += letter;
  }
  return { pattern: result };
}

function readSet(pattern: string, start: number): { text: string; end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] === '^';
  if (negated) at++;
  let [closing, hyphen, caret] = [false, false, false];
  let inside = '';
  for (let first = true; ; first = false, at++) {
    const letter = pattern[at];
    if (letter === undefined) return undefined;
    if (letter === ']' && !first) break;
    if (letter === ']') closing = true;
    else if (letter === '\\') {
      const next = pattern[++at];
      if (next === undefined) return undefined;
      if (next === ']') closing = true;
      else if (next === '-') hyphen = true;
      else if (next === '^') caret = true;
      else if (next === 't') inside += '\t';
      else if (next === 'n') inside += NEWLINE;
      else if (/[A-Za-z0-9]/.test(next)) {
        const known = IN_SET[next];
        if (known === undefined) return undefined;
        inside += known;
      } else inside += next;
    } else if (letter === '-' && (first || pattern[at + 1] === ']')) hyphen = true;
    else if (letter === '^' && first) caret = true;
    else inside += letter;
  }
  // Where these three stand decides what they mean.
  return {
    text: `[${negated ? '^' : ''}${closing ? ']' : ''}${inside}${caret ? '^' : ''}${hyphen ? '-' : ''}]`,
    end: at,
  };
}
