// One part of a shell pattern as a regular expression: `*`, `?`, `[...]`, `[!...]`.

/** The expression that a whole name must match. */
export function globPattern(part: string): RegExp {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const character = part[at] as string;
    if (character === '*') source += '[^]*';
    else if (character === '?') source += '[^]';
    else if (character === '[') {
      const end = part.indexOf(']', part[at + 1] === '!' || part[at + 1] === ']' ? at + 2 : at + 1);
      if (end === -1) source += '\\[';
      else {
        const inside = part
          .slice(at + 1, end)
          .replaceAll('\\', '\\\\')
          .replace(/^!/, '^')
          .replaceAll('[', '\\[');
        source += `[${inside}]`;
        at = end;
      }
    } else source += character.replace(/[.+^${}()|\]\\/]/, '\\$&');
  }
  return new RegExp(`^${source}$`);
}
