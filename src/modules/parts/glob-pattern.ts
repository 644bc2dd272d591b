// Shell patterns as Python's fnmatch reads them: `*` and `?` take any character, `[!a]` is the complement, case counts.

export function globPattern(glob: string): RegExp {
  let pattern = '';
  for (let at = 0; at < glob.length; at++) {
    const letter = glob[at] as string;
    if (letter === '*') pattern += '[^]*';
    else if (letter === '?') pattern += '[^]';
    else if (letter === '[') {
      const end = glob.indexOf(']', glob[at + 1] === '!' ? at + 3 : at + 2);
      if (end === -1) pattern += '\\[';
      else {
        const negated = glob[at + 1] === '!';
        const inside = glob
          .slice(negated ? at + 2 : at + 1, end)
          .replace(/[\\\]\[]/g, '\\$&')
          .replace(/^\^/, '\\^');
        pattern += `[${negated ? '^' : ''}${inside}]`;
        at = end;
      }
    } else pattern += letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  return new RegExp(`^(?:${pattern})$`, 's');
}
