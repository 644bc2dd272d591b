// How package managers order versions: Debian's rule (deb-version(7)) and rpm's (rpmvercmp). Negative, zero or positive, as for Array.sort.

/** Debian: epoch, then upstream version, then revision. */
export function compareDebian(a: string, b: string): number {
  const [first, second] = [splitDebian(a), splitDebian(b)];
  return (
    first.epoch - second.epoch ||
    compareDebianPart(first.upstream, second.upstream) ||
    compareDebianPart(first.revision, second.revision)
  );
}

function splitDebian(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Runs of non-digits and of digits in turn; `~` sorts before everything, even the end; letters before other characters. */
function compareDebianPart(a: string, b: string): number {
  const order = (char: string | undefined) =>
    char === undefined ? 0 : char === '~' ? -1 : /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a.charAt(i))) || (j < b.length && !/\d/.test(b.charAt(j)))) {
      const left = i < a.length && !/\d/.test(a.charAt(i)) ? a[i] : undefined;
      const right = j < b.length && !/\d/.test(b.charAt(j)) ? b[j] : undefined;
      if (order(left) !== order(right)) return order(left) - order(right);
      if (left !== undefined) i += 1;
      if (right !== undefined) j += 1;
    }
    const left = /^\d*/.exec(a.slice(i))?.[0] ?? '';
    const right = /^\d*/.exec(b.slice(j))?.[0] ?? '';
    i += left.length;
    j += right.length;
    const difference = compareDigits(left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** rpm: `epoch:version-release`; a part that one side leaves out is not compared. */
export function compareRpm(a: string, b: string): number {
  const split = (text: string) => /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? [];
  const [, epochA, versionA = '', releaseA] = split(a);
  const [, epochB, versionB = '', releaseB] = split(b);
  const epochs = epochA === undefined || epochB === undefined ? 0 : Number(epochA) - Number(epochB);
  return (
    epochs ||
    compareRpmPart(versionA, versionB) ||
    (releaseA === undefined || releaseB === undefined ? 0 : compareRpmPart(releaseA, releaseB))
  );
}

function compareRpmPart(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|[A-Za-z]+|~|\^/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at], right[at]];
    if (x === '~' || y === '~') {
      if (x === y) continue;
      return x === '~' ? -1 : 1;
    }
    if (x === '^' || y === '^') {
      if (x === y) continue;
      return x === '^' ? (y === undefined ? 1 : -1) : x === undefined ? -1 : 1;
    }
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const [digitsX, digitsY] = [/\d/.test(x), /\d/.test(y)];
    if (digitsX !== digitsY) return digitsX ? 1 : -1;
    const difference = digitsX ? compareDigits(x, y) : x < y ? -1 : x > y ? 1 : 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
}

/** Whether a version of plain numbers is that one or a later one. */
export function isSince(version: string, ...wanted: readonly number[]): boolean {
  const has = version.split('.').map(Number);
  const at = wanted.findIndex((part, index) => part !== (has[index] ?? 0));
  return at < 0 || (has[at] ?? 0) > (wanted[at] ?? 0);
}
