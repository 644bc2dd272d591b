// Prints what a run left behind as one line of JSON: its status and output, what differs on each host from the root under it,
// and the files of the project. arguments: RUN STATUS WORLD ROOT, see the script `world`.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

const [run = '', status = '', world = '', root = ''] = process.argv.slice(2);

const typeOf = (stats: Stats): string =>
  stats.isDirectory()
    ? 'directory'
    : stats.isSymbolicLink()
      ? 'link'
      : stats.isFile()
        ? 'file'
        : stats.isFIFO()
          ? 'fifo'
          : 'other';

/** One line on a path: its type, mode, owner and group, and what it holds. */
const entry = (path: string): string => {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'absent';
  const head = `${typeOf(stats)} ${(stats.mode & 0o7777).toString(8).padStart(4, '0')} ${stats.uid}:${stats.gid}`;
  if (stats.isSymbolicLink()) return `${head} -> ${readlinkSync(path)}`;
  if (!stats.isFile()) return head;
  // crontab(1) writes its own name, the time and its version above a table.
  const bytes = path.includes('/cron/crontabs/')
    ? Buffer.from(readFileSync(path, 'utf8').replace(/^# \(?(DO NOT EDIT|.* installed on |Cron version).*\n/gm, ''))
    : readFileSync(path);
  return `${head} links=${stats.nlink} ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
};

const names = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Everything on a host that is not as in the root, by its path; `upper` is where its overlay keeps what was touched. */
const changes = (upper: string, merged: string): Record<string, string> => {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    const now = entry(join(merged, path));
    if (now !== entry(join(root, path))) found[path] = now;
    if (!lstatSync(join(upper, path), { throwIfNoEntry: false })?.isDirectory()) return;
    const present = new Set(names(join(merged, path)));
    const gone = names(join(root, path)).filter((name) => !present.has(name));
    for (const name of [...names(join(upper, path)), ...gone].toSorted()) visit(`${path}/${name}`);
  };
  for (const name of names(upper).toSorted()) visit(`/${name}`);
  return found;
};

/** The files below a folder, with their text. */
const files = (folder: string, path = ''): Record<string, string> =>
  Object.assign(
    {},
    ...names(join(folder, path))
      .toSorted()
      .map((name) => {
        const at = join(path, name);
        return lstatSync(join(folder, at)).isDirectory()
          ? files(folder, at)
          : { [at]: readFileSync(join(folder, at), 'utf8') };
      }),
  );

const results = join(world, 'controller/root/media/play/results');
console.log(
  JSON.stringify({
    run,
    status: Number(status),
    stdout: readFileSync(join(world, 'stdout'), 'utf8'),
    stderr: readFileSync(join(world, 'stderr'), 'utf8'),
    hosts: Object.fromEntries(
      ['h1', 'h2'].map((host) => [host, changes(join(world, host, 'upper'), join(world, host, 'root'))]),
    ),
    results: files(results),
  }),
);
