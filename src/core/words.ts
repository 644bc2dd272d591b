// Splitting a command line into words by the rules of a POSIX shell (as Python's shlex.split): quotes and backslashes only, nothing is expanded.

/** The words of `text`; `error` says what is wrong with its quoting. */
export function splitWords(
  text: string,
):
  | { readonly words: readonly string[]; readonly error?: undefined }
  | { readonly words?: undefined; readonly error: string } {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return { error: 'No closing quotation' };
      word = (word ?? '') + text.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      let inner = '';
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
        // Inside double quotes a backslash hides only itself and the quote.
        if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at += 1;
        inner += text.charAt(at);
      }
      if (at >= text.length) return { error: 'No closing quotation' };
      word = (word ?? '') + inner;
    } else if (char === '\\') {
      at += 1;
      if (at >= text.length) return { error: 'No escaped character' };
      word = (word ?? '') + text.charAt(at);
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return { words };
}
