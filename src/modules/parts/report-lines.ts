// What scripts of steps tell their modules: lines `name value` on stdout, in which the last of a name counts.
import { resultMode } from './file-attributes.ts';

export function reportOf(stdout: string): Readonly<Record<string, string>> {
  const report: Record<string, string> = {};
  for (const line of stdout.split('\n')) {
    const [, name, value] = /^@([a-z0-9_]+)(?: (.*))?$/.exec(line) ?? [];
    if (name !== undefined) report[name] = value ?? '';
  }
  return report;
}

/** Shell text that tells what a path in the variable is: `@stat` with uid, gid, owner, group, mode, size and kind. */
export function tellStat(variable: string): string {
  return `printf '@stat %s\\n' "$(stat -c '%u|%g|%U|%G|%a|%s|%F' -- "$${variable}" 2>/dev/null)"`;
}

/** The fields of `@stat` as results have them. */
export function statFields(report: Readonly<Record<string, string>>): Record<string, unknown> {
  const [uid = '', gid = '', owner = '', group = '', mode = '', size = '', kind = ''] = (report['stat'] ?? '').split(
    '|',
  );
  if (uid === '') return {};
  return {
    uid: Number(uid),
    gid: Number(gid),
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    mode: resultMode(mode),
    size: Number(size),
    state: kind === 'directory' ? 'directory' : kind === 'symbolic link' ? 'link' : 'file',
  };
}

/** Shell text that sets owner, group and mode of the path in the variable where they are wished, and `ch=1` where that changed something. */
export function setAttributes(
  variable: string,
  wish: {
    readonly owner?: string | undefined;
    readonly group?: string | undefined;
    readonly mode?: string | undefined;
  },
  quoted: (word: string) => string,
  modeArgument: (mode: string) => string,
): string {
  const names = `${wish.owner ?? ''}${wish.group === undefined ? '' : `:${wish.group}`}`;
  const path = `"$${variable}"`;
  const commands = [
    ...(names === ''
      ? []
      : [
          `chown ${quoted(names)} -- ${path} || { echo ${quoted(`chown failed: failed to look up ${names}, or not allowed`)} >&2; exit 1; }`,
        ]),
    ...(wish.mode === undefined
      ? []
      : [`chmod ${quoted(/^[0-7]+$/.test(wish.mode) ? modeArgument(wish.mode) : wish.mode)} -- ${path} || exit`]),
  ];
  if (commands.length === 0) return ':';
  return [
    `was=$(stat -c '%u:%g:%a' -- ${path})`,
    ...commands,
    `[ "$was" = "$(stat -c '%u:%g:%a' -- ${path})" ] || ch=1`,
  ].join('\n');
}
