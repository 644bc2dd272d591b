// A filter as typed: words that must all be found, `!word` for what must not be there; case does not matter.

/** `more` gives further text to look in, asked for only when there is a filter. */
export function matches(filter: string): (text: string, more?: () => string) => boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!');
  if (words.length === 0) return () => true;
  return (text, more) => {
    const all = `${text} ${more?.() ?? ''}`.toLowerCase();
    return words.every((word) => (word.startsWith('!') ? !all.includes(word.slice(1)) : all.includes(word)));
  };
}
