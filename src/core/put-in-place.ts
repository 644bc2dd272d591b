// The end of every write on a host: what was made beside a file takes its place at once.

/**
 * Shell text that renames the file named by the shell word `from` to the one named by `to`, and ends with the status of that. A device is written to
 * instead: a rename would leave a plain file where all others look for the device (/dev/null). `unsafe`: so is what cannot be renamed over.
 */
export function putInPlace(from: string, to: string, unsafe = false): string {
  const written = `cat ${from} > ${to}`;
  return `if [ -c ${to} ] || [ -b ${to} ]; then ${written} && rm -f -- ${from}; else mv -f -- ${from} ${to}${unsafe ? ` || ${written}` : ''}; fi`;
}
