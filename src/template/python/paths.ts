// os.path and ntpath on text.

export function normalise(path: string): string {
  if (path === '') return '.';
  const root = path.startsWith('//') && !path.startsWith('///') ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || root === '') parts.push(part);
  }
  return root + parts.join('/') || '.';
}
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
export function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}
export function joinPath(parts: readonly string[]): string {
  return parts.reduce(
    (path, part, index) =>
      index === 0 || part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
    '',
  );
}
export function splitext(path: string): [string, string] {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || /^\.+$/.test(name.slice(0, dot))) return [path, ''];
  const at = path.length - name.length + dot;
  return [path.slice(0, at), path.slice(at)];
}
export function relpath(path: string, start: string, cwd: string): string {
  const full = (text: string): string[] =>
    normalise(text.startsWith('/') ? text : `${cwd}/${text}`)
      .split('/')
      .filter((part) => part !== '');
  const [to, from] = [full(path), full(start)];
  let shared = 0;
  while (shared < Math.min(to.length, from.length) && to[shared] === from[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.';
}
export function commonpath(paths: readonly string[]): string {
  if (paths.length === 0) return '';
  const absolute = paths[0]?.startsWith('/') === true;
  const split = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  const [first = []] = split;
  let shared = 0;
  while (shared < first.length && split.every((parts) => parts[shared] === first[shared])) shared++;
  return (absolute ? '/' : '') + first.slice(0, shared).join('/');
}

/** ntpath.splitdrive. */
export function winSplitDrive(path: string): [string, string] {
  const plain = path.replaceAll('/', '\\');
  if (plain.startsWith('\\\\')) {
    const start = plain.slice(0, 8).toUpperCase() === '\\\\?\\UNC\\' ? 8 : 2;
    const server = plain.indexOf('\\', start);
    const share = server === -1 ? -1 : plain.indexOf('\\', server + 1);
    return share === -1 ? [path, ''] : [path.slice(0, share), path.slice(share)];
  }
  return plain[1] === ':' ? [path.slice(0, 2), path.slice(2)] : ['', path];
}
export function winSplit(path: string): [string, string] {
  const [drive, rest] = winSplitDrive(path);
  const at = Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1;
  const head = rest.slice(0, at);
  return [drive + (/^[\\/]*$/.test(head) ? head : head.replace(/[\\/]+$/, '')), rest.slice(at)];
}
