// Steps that make folders with their parents, links and hard links, and that set attributes of all below a folder.
import { chmodArgument } from '../../core/path-mode.ts';
import type { PathState } from '../../core/path-state.ts';
import { quote, quoteAll } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';
import type { TreeAttributes } from '../../probes/path-tree.ts';

/** Makes a folder and those above it that are missing; each one made gets the mode, and the owner and group where they are wished, as under Ansible. */
export function folderSteps(
  path: string,
  mode: string,
  wish: { readonly owner?: string | undefined; readonly group?: string | undefined } = {},
): Step[] {
  const folders = path
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`);
  const names = [wish.owner, wish.group].filter((name) => name !== undefined);
  const sorry = quote(
    `chown failed: failed to look up ${wish.owner === undefined ? 'group' : 'user'} ${names.join(' or group ')}, or not allowed`,
  );
  const owners =
    names.length === 0
      ? ''
      : ` && { chown ${quote(`${wish.owner ?? ''}${wish.group === undefined ? '' : `:${wish.group}`}`)} "$d" || { echo ${sorry} >&2; exit 1; }; }`;
  return [
    {
      kind: 'script',
      script: `for d in ${quoteAll(folders)}; do [ -d "$d" ] || { { mkdir -m ${chmodArgument(mode)} -- "$d" || [ -d "$d" ]; }${owners}; } || exit; done`,
    },
  ];
}

/** Fails the script unless the path is still of the kind that was seen. */
function stillThere(path: string, before: PathState): string {
  const p = quote(path);
  const test =
    before.kind === 'absent'
      ? `[ ! -e ${p} ] && [ ! -L ${p} ]`
      : before.kind === 'link'
        ? `[ -L ${p} ]`
        : before.kind === 'directory'
          ? `[ -d ${p} ] && [ ! -L ${p} ]`
          : `[ -e ${p} ] && [ ! -d ${p} ] && [ ! -L ${p} ]`;
  return `{ ${test}; } || { echo ${quote(`${path} has changed since it was looked at`)} >&2; exit 1; }`;
}

/** A temporary name in the same folder that no glob of cron, sudo or `*.conf` takes. */
function temporaryFor(path: string): string {
  const slash = path.lastIndexOf('/');
  return `${quote(`${path.slice(0, slash)}/.vbx-link-`)}$$'~'`;
}

/** Replaces what is at the path by the new name in `$t`, in one rename where it can be. */
function renameOver(path: string): string {
  const p = quote(path);
  return `trap 'rm -f -- "$t"' EXIT; mv -fT -- "$t" ${p} 2>/dev/null || { rm -f -- ${p} && mv -f -- "$t" ${p}; }`;
}

export function linkSteps(path: string, target: string, before: PathState): Step[] {
  const p = quote(path);
  const lines = [stillThere(path, before)];
  if (before.kind === 'directory')
    lines.push(
      `rmdir -- ${p} || { echo ${quote(`the directory ${path} is not empty, refusing to convert it`)} >&2; exit 1; }`,
    );
  if (before.kind === 'absent' || before.kind === 'directory') lines.push(`ln -s -- ${quote(target)} ${p}`);
  else lines.push(`t=${temporaryFor(path)}; ln -s -- ${quote(target)} "$t" || exit`, renameOver(path));
  return [{ kind: 'script', script: lines.join('\n') }];
}

export function hardLinkSteps(path: string, source: string, before: PathState): Step[] {
  const lines = [stillThere(path, before)];
  if (before.kind === 'absent') lines.push(`ln -- ${quote(source)} ${quote(path)}`);
  else lines.push(`t=${temporaryFor(path)}; ln -- ${quote(source)} "$t" || exit`, renameOver(path));
  return [{ kind: 'script', script: lines.join('\n') }];
}

/**
 * One `find` for owners and one for each mode that changes (`modeOf` says what becomes of it); parents after what they hold, so that a walk is
 * not cut off by its own work.
 */
export function treeSteps(
  path: string,
  before: readonly TreeAttributes[],
  wish: {
    readonly owner?: string | undefined;
    readonly group?: string | undefined;
    readonly modeOf: (entry: TreeAttributes) => string;
  },
  follow: boolean,
): Step[] {
  const root = quote(`${path === '/' ? '' : path}/.`);
  const walks = follow ? [`find ${root}`, `find -L ${root}`] : [`find ${root}`];
  const owners: Step[] = [];
  const modes: Step[] = [];
  const again: Step[] = [];
  const owner = before.some((entry) => !isOwner(wish.owner, entry.owner, entry.info.uid)) ? wish.owner : undefined;
  const group = before.some((entry) => !isOwner(wish.group, entry.group, entry.info.gid)) ? wish.group : undefined;
  if (owner !== undefined || group !== undefined) {
    const tests = [
      ...(owner === undefined ? [] : [`! -user ${quote(owner)}`]),
      ...(group === undefined ? [] : [`! -group ${quote(group)}`]),
    ].join(' -o ');
    const names = quote(`${owner ?? ''}${group === undefined ? '' : `:${group}`}`);
    // Links themselves first, then what they lead to: the links that `find -L` still sees lead nowhere.
    walks.forEach((walk, index) =>
      owners.push({
        kind: 'script',
        long: true,
        script: `${walk} -depth ${index === 0 ? '' : '! -type l '}\\( ${tests} \\) -exec chown ${index === 0 ? '-h ' : ''}${names} {} +`,
      }),
    );
  }
  for (const entry of before) {
    const mode = wish.modeOf(entry);
    if (entry.kind === 'link' || mode === entry.mode) continue;
    const change = (from: string): Step => ({
      kind: 'script',
      long: true,
      script: `${walks.at(-1) ?? ''} -depth ! -type l ${entry.kind === 'directory' ? '-type d' : '! -type d'} -perm ${from} -exec chmod ${chmodArgument(mode)} {} +`,
    });
    modes.push(change(entry.mode));
    if (entry.kind !== 'directory' && hasSetId(mode))
      again.push(change((Number.parseInt(mode, 8) & 0o1777).toString(8)));
  }
  // chown takes set-id bits of files away, by which they would not be found any more.
  return owners.length > 0 && before.some((entry) => entry.kind !== 'directory' && hasSetId(entry.mode))
    ? [...modes, ...owners, ...again]
    : [...owners, ...modes];
}

function hasSetId(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o6000) !== 0;
}

function isOwner(wanted: string | undefined, name: string, id: number): boolean {
  return wanted === undefined || wanted === name || wanted === String(id);
}
