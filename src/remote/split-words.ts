// Splits text into words as a POSIX shell does for quotes and backslashes; nothing is expanded.

/** Words of `text`; an unfinished quote ends with the text. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted: '"' | "'" | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted !== undefined) {
      if (char === quoted) quoted = undefined;
      else if (char === '\\' && quoted === '"' && '"\\$`'.includes(text.charAt(at + 1)))
        word = (word ?? '') + text.charAt(++at);
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quoted = char;
      word ??= '';
    } else if (char === '\\' && at + 1 < text.length) word = (word ?? '') + text.charAt(++at);
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}
