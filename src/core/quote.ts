// Quoting for a POSIX shell: the only place where words become shell text.

/** One word that the shell reads back as exactly `word`. A NUL cannot be passed to any command and is refused. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a word for a command cannot hold a NUL character');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !word.startsWith('=') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line of words, each quoted. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}
