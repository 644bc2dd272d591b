// Reads the answer of the path script (path-script.ts says its lines) into states; modes come out as four octal digits.
import { contentOf, type Content } from '../core/content.ts';
import type { PathInfo, PathState } from '../core/path-state.ts';
import type { Answer } from '../core/probe.ts';
import type { PathQuery } from './path.ts';

/** What `stat` says of one path. */
interface Stat {
  readonly rawMode: number;
  readonly owner: string;
  readonly group: string;
  readonly selinux?: string;
  readonly info: PathInfo;
}

interface Seen {
  readonly asked: string;
  expanded?: string;
  stat?: Stat;
  realStat?: Stat;
  target?: string;
  realPath?: string;
  loop?: boolean;
  absent?: boolean;
  denied?: string;
  access?: string;
  digests: Record<string, string>;
  bytes?: Buffer;
  flags?: string;
  version?: string;
  mime?: string;
}

/** The states by path as asked. A path that the answer does not tell of is missing from the map. */
export function parsePaths(answer: Answer, queries: readonly PathQuery[]): Map<string, PathState> {
  const seen: Seen[] = queries.map((query) => ({ asked: query.path, digests: {} }));
  readLines(answer.stdout.toString('utf8'), queries, seen);
  const states = new Map<string, PathState>();
  for (const [index, query] of queries.entries()) {
    const state = stateOf(seen[index] as Seen);
    if (state !== undefined) states.set(query.path, state);
  }
  return states;
}

function readLines(text: string, queries: readonly PathQuery[], seen: readonly Seen[]): void {
  const lines = text.split('\n');
  // Two paths as asked may be one on the host.
  const named = new Map<string, Seen[]>();
  const name = (path: string, one: Seen): void => void named.set(path, [...(named.get(path) ?? []), one]);
  const called = (path: string | undefined): Seen[] => named.get(path ?? '') ?? [];
  queries.forEach((query, index) => name(query.path, seen[index] as Seen));
  let at = 0;
  const block = (): string[] => {
    const start = at;
    while (at < lines.length && !/^\.( \d+)?$/.test(lines[at] as string)) at++;
    return lines.slice(start, at++);
  };
  while (at < lines.length) {
    const line = lines[at++] as string;
    const [tag = '', number = '', ...more] = line.split(' ');
    const one = seen[Number(number)];
    const rest = more.join(' ');
    if (tag === 's' || tag === 't') {
      for (const entry of block()) {
        const found = statLine(entry);
        for (const owner of called(found?.name))
          Object.assign(owner, tag === 's' ? { stat: found?.stat } : { realStat: found?.stat });
      }
    } else if (tag === 'd') {
      for (const entry of block()) {
        const [, hash = '', path] = /^([0-9a-f]+) [ *](.*)$/.exec(entry) ?? [];
        for (const owner of called(path)) owner.digests[number] = hash;
      }
    } else if (tag === 'f') {
      for (const entry of block()) {
        const [, version, letters, path] = /^\s*(?:(\d+)\s+)?([-A-Za-z]+)\s+(.*)$/.exec(entry) ?? [];
        const owners = seen.filter((candidate) => candidate.realPath === path);
        for (const owner of owners.length > 0 ? owners : called(path))
          Object.assign(owner, { flags: letters?.replaceAll('-', ''), version });
      }
    } else if (one === undefined) continue;
    else if (tag === '=') {
      one.expanded = plainText(rest);
      name(one.expanded, one);
    } else if (tag === 'S' || tag === 'T') {
      const found = statLine(`${rest}|`);
      if (found !== undefined) Object.assign(one, tag === 'S' ? { stat: found.stat } : { realStat: found.stat });
    } else if (tag === 'n' || tag === 'N') {
      const found = lsLines(block());
      if (found !== undefined) Object.assign(one, tag === 'n' ? { stat: found } : { realStat: found });
    } else if (tag === 'l') one.target = plainText(rest);
    else if (tag === 'r') one.realPath = plainText(rest);
    else if (tag === 'x') one.loop = true;
    else if (tag === '-') one.absent = true;
    else if (tag === '!') one.denied = plainText(rest);
    else if (tag === 'a') one.access = rest;
    else if (tag === 'e') {
      const [algorithm = '', hash = ''] = more;
      if (/^[0-9a-f]+$/.test(hash.replace('\\', ''))) one.digests[algorithm] = hash.replace('\\', '');
    } else if (tag === 'c') {
      const body = block();
      const complete = lines[at - 1] === '. 0';
      if (complete)
        one.bytes =
          rest === 'hex' ? Buffer.from(body.join('').replaceAll(' ', ''), 'hex') : Buffer.from(body.join(''), 'base64');
    } else if (tag === 'm') one.mime = rest;
  }
}

/** The script's escapes back to what they stand for. */
function plainText(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** A line of stat: see the format in path-script.ts; the name is last. */
function statLine(line: string): { stat: Stat; name: string } | undefined {
  const fields = line.split('|');
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  if (fields.length < 20 || !/^[0-9a-f]+$/.test(fields[0] as string)) return undefined;
  // With SELinux there is one field more before the size. The size is digits and a context is not.
  const hasContext = !/^\d+$/.test(fields[18] as string);
  const sizeAt = hasContext ? 19 : 18;
  const size = number(sizeAt);
  if (!Number.isSafeInteger(size)) return undefined;
  const context = hasContext ? fields[18] : undefined;
  const [uid, gid] = [fields[1] as string, fields[2] as string];
  const major = Number.parseInt(fields[11] as string, 16) || 0;
  const minor = Number.parseInt(fields[12] as string, 16) || 0;
  return {
    name: fields.slice(sizeAt + 1).join('|'),
    stat: {
      rawMode: Number.parseInt(fields[0] as string, 16),
      owner: fields[16] === 'UNKNOWN' ? uid : (fields[16] as string),
      group: fields[17] === 'UNKNOWN' ? gid : (fields[17] as string),
      ...(context === undefined || context === '?' || context === '' ? {} : { selinux: context }),
      info: {
        uid: number(1),
        gid: number(2),
        size,
        atime: time(number(3), fields[13]),
        mtime: time(number(4), fields[14]),
        ctime: time(number(5), fields[15]),
        inode: number(6),
        device: number(7),
        links: number(8),
        blocks: number(9),
        blockSize: number(10),
        deviceType: deviceNumber(major, minor),
      },
    },
  };
}

/** Whole seconds, with the fraction that the long form of the time shows. */
function time(seconds: number, long: string | undefined): number {
  const fraction = /:\d\d\.(\d+)/.exec(long ?? '')?.[1];
  return fraction === undefined ? seconds : seconds + Number(`0.${fraction}`);
}

/** glibc's makedev. */
function deviceNumber(major: number, minor: number): number {
  return ((major & 0xfff) << 8) + (minor & 0xff) + (minor & 0xffffff00) * 4096;
}

const KINDS: Readonly<Record<string, number>> = {
  '-': 0o100000,
  d: 0o040000,
  l: 0o120000,
  p: 0o010000,
  s: 0o140000,
  b: 0o060000,
  c: 0o020000,
};

/** `ls -ldn`, `ls -ld` and `date -r` of one path, for hosts without stat: no inode, and times only of the last change. */
function lsLines(lines: readonly string[]): Stat | undefined {
  const pattern = /^([-dlpsbc])([rwxsStT-]{9})\S*\s+(\d+)\s+(\S+)\s+(\S+)\s+(?:(\d+),\s*(\d+)|(\d+))\s/;
  const numeric = pattern.exec(lines[0] ?? '');
  const named = pattern.exec(lines[1] ?? '');
  if (numeric === null) return undefined;
  const [, kind = '-', letters = '', links = '1', uid = '0', gid = '0', major, minor, size] = numeric;
  const mtime = Number(lines[2] ?? 0);
  return {
    rawMode: (KINDS[kind] ?? 0) + modeOfLetters(letters),
    owner: named?.[4] ?? uid,
    group: named?.[5] ?? gid,
    info: {
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size ?? 0),
      mtime,
      atime: mtime,
      ctime: mtime,
      inode: 0,
      device: 0,
      links: Number(links),
      ...(major === undefined ? {} : { deviceType: deviceNumber(Number(major), Number(minor)) }),
    },
  };
}

function modeOfLetters(letters: string): number {
  let mode = 0;
  [...letters].forEach((letter, index) => {
    if ('rwxst'.includes(letter)) mode |= 0o400 >> index;
    if ('sStT'.includes(letter)) mode |= 0o4000 >> Math.floor(index / 3);
  });
  return mode;
}

/** Ansible's mode text of a raw mode: four octal digits. */
function modeText(rawMode: number): string {
  return (rawMode & 0o7777).toString(8).padStart(4, '0');
}

function stateOf(seen: Seen): PathState | undefined {
  const place = seen.expanded === undefined ? {} : { info: { path: seen.expanded } };
  const stat = seen.stat;
  if (stat === undefined) {
    if (seen.denied !== undefined)
      return { kind: 'denied', message: `Permission denied: ${seen.denied} cannot be searched`, ...place };
    if (seen.absent === true) return { kind: 'absent', ...place };
    return seen.access === undefined
      ? undefined
      : { kind: 'denied', message: 'it is there but cannot be looked at', ...place };
  }
  if ((stat.rawMode & 0o170000) !== 0o120000) return fileState(stat, seen, seen.expanded);
  const attributes = {
    mode: modeText(stat.rawMode),
    owner: stat.owner,
    group: stat.group,
    ...(stat.selinux === undefined ? {} : { selinux: stat.selinux }),
  };
  return {
    kind: 'link',
    target: seen.target ?? '',
    realPath: seen.realPath ?? '',
    real: realState(seen),
    ...attributes,
    info: { ...stat.info, ...(seen.expanded === undefined ? {} : { path: seen.expanded }) },
  };
}

function realState(seen: Seen): PathState {
  if (seen.loop === true) return { kind: 'denied', message: 'Too many levels of symbolic links' };
  if (seen.realStat !== undefined) return fileState(seen.realStat, seen, undefined);
  if (seen.denied !== undefined)
    return { kind: 'denied', message: `Permission denied: ${seen.denied} cannot be searched` };
  return { kind: 'absent' };
}

const TYPES: Readonly<Record<number, 'fifo' | 'socket' | 'block' | 'char'>> = {
  0o010000: 'fifo',
  0o140000: 'socket',
  0o060000: 'block',
  0o020000: 'char',
};

/** A path that is no link, with the facets that were answered for it. */
function fileState(stat: Stat, seen: Seen, path: string | undefined): PathState {
  const info: PathInfo = {
    ...stat.info,
    ...(path === undefined ? {} : { path }),
    ...(seen.access === undefined
      ? {}
      : {
          readable: seen.access.includes('r'),
          writable: seen.access.includes('w'),
          executable: seen.access.includes('x'),
        }),
    ...(Object.keys(seen.digests).length === 0 ? {} : { digests: seen.digests }),
    ...mimeOf(seen.mime),
    ...(seen.flags === undefined ? {} : { flags: seen.flags }),
    ...(seen.flags === undefined || seen.version === undefined ? {} : { version: seen.version }),
  };
  const attributes = {
    mode: modeText(stat.rawMode),
    owner: stat.owner,
    group: stat.group,
    ...(stat.selinux === undefined ? {} : { selinux: stat.selinux }),
    info,
  };
  const format = stat.rawMode & 0o170000;
  if (format === 0o040000) return { kind: 'directory', ...attributes };
  if (format === 0o100000) {
    const content = contentIn(seen, stat.info.size);
    return { kind: 'file', ...(content === undefined ? {} : { content }), ...attributes };
  }
  return { kind: 'other', type: TYPES[format] ?? 'char', ...attributes };
}

function contentIn(seen: Seen, size: number): Content | undefined {
  if (seen.bytes !== undefined) return contentOf(seen.bytes);
  // What is empty is known without reading, except where the kernel makes files up as they are read.
  if (size === 0 && !/^\/(proc|sys|dev)\//.test(seen.realPath ?? seen.expanded ?? seen.asked)) return contentOf('');
  const sha256 = seen.digests['sha256'];
  return sha256 === undefined ? undefined : { size, sha256 };
}

function mimeOf(line: string | undefined): { mimetype?: string; charset?: string } {
  const [, mimetype, charset] = /^(\S+); charset=(\S+)$/.exec(line ?? '') ?? [];
  return mimetype === undefined || charset === undefined ? {} : { mimetype, charset };
}
