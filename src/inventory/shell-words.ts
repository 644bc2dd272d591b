// Words of an inventory line as Python's `shlex.split(line, comments=True)` takes them: quotes, backslashes and `#` comments.

/** The words of a line; undefined when a quote is not closed or the line ends with a backslash. */
export function shellWords(line: string): string[] | undefined {
  // Most lines have none of the special characters.
  if (!/["'\\#]/.test(line)) return line.split(/[ \t\r\n]+/).filter((word) => word !== '');
  const words: string[] = [];
  let word = '';
  let started = false;
  for (let pos = 0; pos < line.length; pos++) {
    const char = line.charAt(pos);
    if (char === ' ' || char === '\t' || char === '\r' || char === '\n') {
      if (started) words.push(word);
      [word, started] = ['', false];
    } else if (char === '#') break;
    else if (char === '\\') {
      if (++pos >= line.length) return undefined;
      word += line.charAt(pos);
      started = true;
    } else if (char === "'") {
      const end = line.indexOf("'", pos + 1);
      if (end < 0) return undefined;
      word += line.slice(pos + 1, end);
      [pos, started] = [end, true];
    } else if (char === '"') {
      started = true;
      for (pos++; ; pos++) {
        if (pos >= line.length) return undefined;
        const inner = line.charAt(pos);
        if (inner === '"') break;
        if (inner === '\\') {
          const next = line.charAt(++pos);
          if (next === '') return undefined;
          word += next === '"' || next === '\\' ? next : `\\${next}`;
        } else word += inner;
      }
    } else {
      word += char;
      started = true;
    }
  }
  if (started) words.push(word);
  return words;
}
