// Comma separated values, with quotes as Excel writes them.

/** The rows of a text, as cells; `skipBlanks`: blanks behind a delimiter are none of the cell. */
export function parseCsv(source: string, delimiter: string, skipBlanks = false): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let started = false;
  const endCell = (): void => {
    row.push(cell);
    cell = '';
    started = false;
  };
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (character === '"' && !started) {
      quoted = true;
      started = true;
    } else if (skipBlanks && character === ' ' && !started) continue;
    else if (character === delimiter) endCell();
    else if (character === '\n' || character === '\r') {
      if (character === '\r' && source[at + 1] === '\n') at++;
      endCell();
      rows.push(row);
      row = [];
    } else {
      cell += character;
      started = true;
    }
  }
  if (cell !== '' || row.length > 0) {
    endCell();
    rows.push(row);
  }
  return rows;
}
