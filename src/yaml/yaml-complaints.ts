// What is wrong with YAML that does not fit together, told in the user's terms, with what to try.
import { isBlank, type YamlScanner } from './yaml-scanner.ts';

/** Where a flow collection was opened. */
export interface Opened {
  readonly line: number;
  readonly column: number;
  readonly isList: boolean;
}

/** A colon behind what cannot be a key; `line` is where that began, `inline` whether it stands behind a key of its own. */
export function strayColon(scan: YamlScanner, line: number, inline: boolean): never {
  if (scan.line !== line && !inline) {
    const words = (scan.text.split('\n', line)[line - 1] ?? '').trim();
    scan.fail(
      'a key cannot be longer than one line',
      /^[\w.-]+:\S/.test(words)
        ? `line ${line} lacks a blank after its colon: ${words.replace(':', ': ')}`
        : `line ${line} lacks a colon, or this line is indented too far`,
    );
  }
  if (scan.line !== line)
    scan.fail(
      'a "key: value" cannot continue the value above it',
      'this line is indented too far, or a quote or | is missing in the lines above',
    );
  return scan.fail(
    'a second "key: value" begins here, inside a value',
    'quote the whole value if the colon is part of it; else put the key on a line of its own',
  );
}

/** Passes when a plain scalar may begin with `code`, the character at the cursor. */
export function checkPlainStart(scan: YamlScanner, code: number): void {
  if (code === 37)
    scan.fail('a value cannot begin with %', 'quote the whole value; a Jinja2 block ({% ... %}) must be inside quotes');
  if (code === 64 || code === 96)
    scan.fail(`a value cannot begin with ${String.fromCharCode(code)}`, 'quote the whole value');
  if (code === 9) scan.fail('a tab stands here', 'replace the tab by blanks');
  if (code === 124 || code === 62) scan.fail(`a key cannot begin with ${String.fromCharCode(code)}`, 'quote it');
  if (code === 44 || code === 93 || code === 125 || (code === 58 && isBlank(scan.code(1))))
    scan.fail(
      `"${String.fromCharCode(code)}" cannot stand here`,
      code === 58 ? 'a key is missing before the colon' : 'quote the whole value',
    );
  if (code === 63 || (code === 45 && isBlank(scan.code(1))))
    if (isBlank(scan.code(1))) scan.fail(`"${String.fromCharCode(code)}" cannot stand here`);
}

/** What stands at the cursor fits nowhere. */
export function unexpected(scan: YamlScanner): never {
  const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
  if (/^[^\s'"#]+:\S/.test(rest) && !rest.includes(': '))
    scan.fail('a "key: value" is expected here', `a blank is missing after the colon: ${rest.replace(':', ': ')}`);
  if (scan.line === scan.endLine) {
    const before = scan.text.slice(scan.lineStart, scan.pos).trimEnd();
    scan.fail(
      `"${short(rest)}" cannot follow the value before it`,
      /["']$/.test(before)
        ? 'text behind a closing quote: put quotes around the whole value'
        : /[}\]]$/.test(before)
          ? 'if the value is a template or begins with a bracket, put quotes around the whole value'
          : undefined,
    );
  }
  if (/^-(\s|$)/.test(rest))
    scan.fail('a list item is not expected here', 'it is indented differently from the lines before it');
  return scan.fail(
    `"${short(rest)}" does not fit the indentation of the lines before it`,
    'items of one list and keys of one mapping begin in the same column',
  );
}

/** A list or mapping in brackets that goes on with something else, or never ends. */
export function flowBroken(scan: YamlScanner, opened: Opened): never {
  if (scan.atEnd || scan.atMarker())
    scan.fail(`the ${opened.isList ? '[' : '{'} opened here is never closed`, undefined, {
      line: opened.line,
      column: opened.column,
    });
  const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
  return scan.fail(
    `"${short(rest)}" is not expected inside ${opened.isList ? '[ ]' : '{ }'}: a comma or ${opened.isList ? ']' : '}'} is`,
    'if the value is text or a template, put quotes around the whole value',
  );
}

/** The offset of the end of the line that `from` lies in. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** A piece of the text that is short enough for a message. */
export function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
