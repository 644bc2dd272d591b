// What Python's str() makes of plain data: the text that Ansible takes where an argument is to be text and something else is given.

/** str() of a value; inside lists and dictionaries repr(), as in Python. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quotedText(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, item]) => `${quotedText(key)}: ${repr(item)}`).join(', ')}}`;
  return String(value as number | bigint);
}

/** repr() of text. */
export function quotedText(text: string): string {
  const inner = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return text.includes("'") && !text.includes('"') ? `"${inner}"` : `'${inner.replaceAll("'", "\\'")}'`;
}
