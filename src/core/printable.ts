// Text from hosts made harmless: it cannot move the cursor, set the title, forge a line or turn the direction of writing.

/** Control characters, C1 included, those that turn or hide text, and line separators; tabs and line breaks are left to `keep`. */
const DANGEROUS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const visible = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  if (code < 32) return `^${String.fromCharCode(code + 64)}`;
  return code === 127 ? '^?' : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Text of several lines: line breaks and tabs stay, everything that could drive a terminal is shown as `^[` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(DANGEROUS, visible);
}

/** Text that must stay one line: line breaks become a visible arrow, tabs a blank. */
export function printableLine(text: string): string {
  return printable(text).replace(/\n/g, '⏎').replace(/\t/g, ' ');
}
