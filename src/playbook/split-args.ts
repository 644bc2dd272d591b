// The short form of arguments (`copy: src=a dest="b c"`): how text is split into words and words into names and values, by Ansible's rules.

/** Thrown for text whose quotes or Jinja blocks do not close. */
export class UnbalancedText extends Error {}

/** One word of the text with the offset of its first character. */
export interface ArgWord {
  readonly text: string;
  readonly offset: number;
}

/** Whether a quote is open behind `token`, given what was open before it. */
function quoteAfter(token: string, open: string | undefined): string | undefined {
  let quote = open;
  for (let i = 0; i < token.length; i += 1) {
    const char = token[i];
    if ((char === '"' || char === "'") && token[i - 1] !== '\\') {
      if (quote === undefined) quote = char;
      else if (quote === char) quote = undefined;
    }
  }
  return quote;
}

function count(token: string, mark: string): number {
  return token.split(mark).length - 1;
}
function depthAfter(token: string, depth: number, opening: string, closing: string): number {
  return Math.max(0, depth + count(token, opening) - count(token, closing));
}

/**
 * Splits at blanks and line breaks, but not inside quotes or Jinja blocks. Further blanks stay at the end of the word before them and a line break ends
 * its word, so that `joinWords` gives the text back; a backslash alone joins lines. Throws `UnbalancedText`.
 */
export function splitArgs(text: string): ArgWord[] {
  const words: { text: string; offset: number }[] = [];
  if (text === '') return words;
  let quote: string | undefined;
  const depths = [0, 0, 0];
  const marks = [
    ['{{', '}}'],
    ['{%', '%}'],
    ['{#', '#}'],
  ] as const;
  const inBlock = (): boolean => depths.some((depth) => depth > 0);
  const append = (more: string, offset: number): void => {
    const last = words.at(-1);
    if (last === undefined) words.push({ text: more, offset });
    else last.text += more;
  };
  const lines = text.split('\n');
  let offset = 0;
  lines.forEach((line, lineIndex) => {
    let continued = false;
    line.split(' ').forEach((token, index) => {
      const at = offset;
      offset += token.length + 1;
      if (token === '' && index !== 0) return append(' ', at);
      if (token === '\\' && quote === undefined) {
        continued = true;
        return undefined;
      }
      const quotedBefore = quote !== undefined;
      quote = quoteAfter(token, quote);
      let placed = false;
      if (quote !== undefined && !quotedBefore && !inBlock()) {
        words.push({ text: token, offset: at });
        placed = true;
      } else if (inBlock() || quote !== undefined || quotedBefore) {
        append(index === 0 ? token : ` ${token}`, at);
        placed = true;
      }
      marks.forEach(([opening, closing], kind) => {
        const before = depths[kind] ?? 0;
        const after = depthAfter(token, before, opening, closing);
        depths[kind] = after;
        if (after !== before && !placed) {
          words.push({ text: token, offset: at });
          placed = true;
        }
      });
      if (!placed && !inBlock() && quote === undefined && token !== '') words.push({ text: token, offset: at });
      return undefined;
    });
    if (lineIndex < lines.length - 1 && !continued) append('\n', offset);
  });
  if (inBlock() || quote !== undefined)
    throw new UnbalancedText(quote !== undefined ? `a ${quote} is never closed` : 'a Jinja2 block is never closed');
  return words;
}

/** The text that words came from, with the line breaks and blanks they kept. */
export function joinWords(words: readonly string[]): string {
  let joined = '';
  for (const word of words) joined += joined === '' || joined.endsWith('\n') ? word : ` ${word}`;
  return joined;
}

/** Names that `command`, `shell`, `script` and `raw` take in short form; other `a=b` words are part of the command. */
const OPTIONS_OF_COMMANDS = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'warn',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
]);

export interface ShortArgs {
  readonly options: readonly { readonly name: string; readonly value: string; readonly offset: number }[];
  /** What is no `name=value`; undefined when there is nothing of it. */
  readonly raw: string | undefined;
}

/** `name=value` words and the rest. `command`: the text is a command line, so that only its known options are taken out. */
export function parseShortArgs(text: string, command: boolean): ShortArgs {
  const options: { name: string; value: string; offset: number }[] = [];
  const raw: string[] = [];
  for (const { text: original, offset } of splitArgs(text)) {
    const word = decodeEscapes(original);
    if (!word.includes('=')) {
      raw.push(original);
      continue;
    }
    let at = word.indexOf('=', 1);
    while (at > 0 && word[at - 1] === '\\') at = word.indexOf('=', at + 1);
    if (at < 0) {
      raw.push(word.replaceAll('\\=', '='));
      continue;
    }
    const name = word.slice(0, at);
    if (command && !OPTIONS_OF_COMMANDS.has(name)) raw.push(original);
    else options.push({ name: name.trim(), value: unquote(word.slice(at + 1).trim()), offset: offset + at + 1 });
  }
  return { options, raw: raw.length === 0 ? undefined : joinWords(raw) };
}

/** Text without the quotes around it, if the same quote begins and ends it. */
export function unquote(text: string): string {
  const first = text[0];
  return text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) && text.at(-2) !== '\\'
    ? text.slice(1, -1)
    : text;
}

const ESCAPE = /\\U[a-fA-F0-9]{8}|\\u[a-fA-F0-9]{4}|\\x[a-fA-F0-9]{2}|\\[\\'"abfnrtv]/g;
const LETTERS: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes, as Ansible decodes them in each word. */
function decodeEscapes(word: string): string {
  if (!word.includes('\\')) return word;
  return word.replace(ESCAPE, (escape) => {
    const letter = escape[1] ?? '';
    if (escape.length === 2) return LETTERS[letter] ?? escape;
    const code = Number.parseInt(escape.slice(2), 16);
    return code > 0x10ffff ? escape : String.fromCodePoint(code);
  });
}
