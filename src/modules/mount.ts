// mount: a file system is in fstab, is mounted, or neither. What is mounted is read from the kernel's table, never by touching the mount point.
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule, type Change, type Effect } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { differing, same } from '../core/same.ts';
import type { Step } from '../core/step.ts';
import { escape, mountProbe, unescape, type MountState } from '../probes/mount.ts';
import { linesOf, type Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

interface Observed extends Editable {
  readonly mount: MountState;
}

export const mount = defineModule<MountShape, Observed>({
  name: 'ansible.posix.mount',
  summary: 'Mount file systems and keep fstab',
  args: mountArgs(),
  check: (args) => {
    if (
      ['mounted', 'present', 'ephemeral'].includes(args.state) &&
      (args.src === undefined || args.fstype === undefined)
    )
      return `state is ${args.state} but all of the following are missing: ${[args.src === undefined ? 'src' : '', args.fstype === undefined ? 'fstype' : ''].filter((name) => name !== '').join(', ')}`;
    return !args.path.startsWith('/') && args.fstype !== 'swap' && args.path !== 'none'
      ? 'path must be absolute'
      : undefined;
  },
  example: `
- ansible.posix.mount:
    path: /mnt/scratch
    src: tmpfs
    fstype: tmpfs
    opts: size=1m,mode=0755
    state: mounted
`,
  probe: (args) => ({ ...textProbes(fstabOf(args)), mount: mountProbe(pointOf(args)) }),
})({
  plan: (args, observed, basics) => {
    const { mount: now } = observed;
    const mounted = (): MountState => ({
      kind: 'mounted',
      info: { source: args.src ?? '', fstype: args.fstype ?? '', options: optionsOf(args).split(','), root: '/' },
    });
    const table = usesTable(args) ? planText(fileOf(args), observed, basics, edit(args)) : { after: {} };
    if (!('after' in table)) return table;
    const changed = differing({ ...observed }, { ...table.after }).includes('at');
    const effects: Effect[] = [];
    switch (args.state) {
      case 'present':
      case 'absent_from_fstab':
        return table;
      case 'mounted': {
        if (now.kind === 'unmounted') return { after: { ...table.after, mount: mounted() } };
        if (changed && contentChanged(args, observed))
          effects.push({ kind: 'remount', text: `mount ${pointOf(args)} again with its new entry`, quiet: true });
        return { ...table, effects };
      }
      case 'ephemeral':
        if (now.kind === 'unmounted') return { after: { mount: mounted() } };
        return sameSource(args.src ?? '', now.info.source, now.info.root)
          ? { after: {} }
          : { failed: `${pointOf(args)} is mounted already, from ${now.info.source}` };
      case 'remounted':
        if (now.kind === 'unmounted') return { failed: `${pointOf(args)} is not mounted` };
        return { after: {}, effects: [{ kind: 'remount', text: `mount ${pointOf(args)} again` }] };
      case 'unmounted':
        return { after: now.kind === 'unmounted' ? {} : { mount: { kind: 'unmounted', info: { there: true } } } };
      case 'absent':
        return {
          after: {
            ...table.after,
            ...(now.kind === 'unmounted' ? {} : { mount: { kind: 'unmounted', info: { there: false } } }),
          },
        };
    }
  },
  apply: (args, change, basics) => {
    const point = pointOf(args);
    const { mount: was } = change.before;
    const { mount: wanted } = change.after;
    const table = usesTable(args) ? applyText(fileOf(args), change, basics) : [];
    const steps: Step[] = [];
    const ownTable = args.fstab === undefined ? [] : ['-T', args.fstab];
    if (was.kind === 'unmounted' && wanted.kind === 'mounted') {
      const words =
        args.state === 'ephemeral'
          ? ['mount', '-t', args.fstype ?? 'auto', '-o', optionsOf(args), args.src ?? '', point]
          : ['mount', ...ownTable, point];
      steps.push(
        orRestored(
          {
            kind: 'script',
            script: `{ [ -e ${quote(point)} ] || mkdir -p -- ${quote(point)}; } && ${quoteAll(words)}`,
            long: true,
          },
          args,
          change,
        ),
      );
    }
    if (was.kind === 'mounted' && wanted.kind === 'unmounted')
      steps.push({ kind: 'run', argv: ['umount', point], long: true });
    for (const effect of change.effects)
      if (effect.kind === 'remount')
        steps.push({ kind: 'script', script: remountScript(args, point, ownTable), long: true });
    // An empty mount point goes with its entry; one with something in it stays.
    const removal: Step[] =
      args.state === 'absent' && (table.length > 0 || steps.length > 0)
        ? [
            {
              kind: 'script',
              script: `if [ -d ${quote(point)} ]; then rmdir -- ${quote(point)} 2>/dev/null || echo ${quote(`${point} is not empty and stays`)} >&2; fi`,
            },
          ]
        : [];
    return [...table, ...steps, ...removal];
  },
  result: (args, { after }, done) => ({
    name: pointOf(args),
    ...(args.src === undefined ? {} : { src: args.src }),
    ...(args.fstype === undefined ? {} : { fstype: args.fstype }),
    opts: args.opts_no_log ? 'OPTS_NOT_LOGGED' : optionsOf(args),
    dump: args.dump,
    passno: args.passno,
    fstab: fstabOf(args),
    boot: args.boot ? 'yes' : 'no',
    backup_file: done.find((step) => step.backupFile !== undefined)?.backupFile ?? '',
    ...(after.mount.kind === 'mounted' ? { mounted: true } : {}),
  }),
});

function mountArgs() {
  return {
    path: field(path(), { aliases: ['name'] }).describe('The mount point.'),
    src: path()
      .optional()
      .describe('What is mounted: a device, `UUID=...`, `server:/path`, a word of the file system.'),
    fstype: str().optional().describe('The kind of file system.'),
    opts: str().optional().describe('Options, separated by commas; `defaults` if not given.'),
    opts_no_log: bool().default(false).describe('Keep the options out of results.'),
    dump: str().default('0').describe('Fifth field of fstab.'),
    passno: str().default('0').describe('Sixth field of fstab: order of checks at boot.'),
    state: choice('absent', 'absent_from_fstab', 'mounted', 'present', 'unmounted', 'remounted', 'ephemeral').describe(
      'mounted: in fstab and mounted. present: in fstab. ephemeral: mounted, not in fstab. unmounted: not mounted, fstab as it is. absent: neither, and an empty mount point goes. absent_from_fstab: not in fstab. remounted: mounted again each time.',
    ),
    fstab: path().optional().describe('Another file than /etc/fstab.'),
    boot: bool().default(true).describe('Mount it at boot (otherwise `noauto`).'),
    backup: bool().default(false).describe('Keep the old fstab beside it.'),
  };
}
type MountShape = ReturnType<typeof mountArgs>;

interface MountValues {
  readonly path: string;
  readonly src?: string | undefined;
  readonly fstype?: string | undefined;
  readonly opts?: string | undefined;
  readonly dump: string;
  readonly passno: string;
  readonly state: string;
  readonly fstab?: string | undefined;
  readonly boot: boolean;
  readonly backup: boolean;
}

function pointOf(args: MountValues): string {
  return args.path.replace(/(?<=.)\/+$/, '');
}
function fstabOf(args: MountValues): string {
  return args.fstab ?? '/etc/fstab';
}
function fileOf(args: MountValues) {
  return {
    path: fstabOf(args),
    mayMiss: !['mounted', 'present'].includes(args.state),
    ...(args.backup ? { backup: true } : {}),
  };
}
function usesTable(args: MountValues): boolean {
  return ['mounted', 'present', 'absent', 'absent_from_fstab'].includes(args.state);
}
function optionsOf(args: MountValues): string {
  const options = args.opts ?? 'defaults';
  return args.boot || options.split(',').includes('noauto') ? options : `${options},noauto`;
}

/** The step that mounts, which takes back what was written into the table where it fails: the old file at once, as tables may hold passwords by no argument. */
function orRestored(step: Step & { kind: 'script' }, args: MountValues, { before, after }: Change<Observed>): Step {
  const [was, is] = [before.at, after.at];
  if (was?.kind !== 'file' || was.content?.bytes === undefined || is?.kind !== 'file' || same(was.content, is.content))
    return step;
  const restore = 't=$(mktemp "$f.XXXXXX") && cp -p -- "$f" "$t" && cat >"$t" && mv -f -- "$t" "$f"';
  return {
    ...step,
    script: `f=${quote(fstabOf(args))}\n{ ${step.script}; } </dev/null || { rc=$?; ${restore}; exit $rc; }`,
    stdin: was.content.bytes,
    secret: true,
  };
}

/** A mount may be told of by its device where it was asked for by label or UUID: only names of the same form are compared. */
function sameSource(wanted: string, is: string, root: string): boolean {
  return (
    wanted === is ||
    wanted === root ||
    /^(UUID|LABEL|PARTUUID|PARTLABEL)=/.test(wanted) ||
    (wanted.startsWith('/') && is.startsWith('/dev/'))
  );
}

function entryOf(args: MountValues): string {
  return [args.src ?? '', pointOf(args), args.fstype ?? '', optionsOf(args)]
    .map((word) => escape(word))
    .concat(args.dump, args.passno)
    .join(' ');
}

/** The entry of the mount point takes the place of the one there; swap has no mount point, so its source tells it apart. */
function edit(args: MountValues): LinesEdit {
  const wanted = line(entryOf(args));
  const isOurs = (text: string) => {
    const [source = '', point, fstype] = text.trim().split(/\s+/);
    if (text.trim().startsWith('#') || point === undefined) return false;
    return (
      unescape(point) === line(pointOf(args)) &&
      (fstype !== 'swap' && !['none', 'swap'].includes(point) ? true : unescape(source) === line(args.src ?? ''))
    );
  };
  return (lines) => {
    if (args.state.startsWith('absent')) return lines.filter((text) => !isOurs(text));
    if (!lines.some(isOurs)) return [...lines, wanted];
    let first = true;
    return lines.flatMap((text) => {
      if (!isOurs(text)) return [text];
      if (!first) return [];
      first = false;
      const fields = text.trim().split(/\s+/);
      // Missing last fields mean 0.
      return [[...fields, '0', '0'].slice(0, 6).join(' ') === wanted ? text : wanted];
    });
  };
}

/** Whether an entry was there before: a mount with a new entry is mounted again, one that is merely written down is not. */
function contentChanged(args: MountValues, observed: Observed): boolean {
  const state = observed.at.kind === 'link' ? observed.at.real : observed.at;
  const text = state.kind === 'file' ? (state.content?.bytes?.toString('latin1') ?? '') : '';
  return linesOf(text).some(
    (entry) => entry.trim().split(/\s+/)[1] === line(escape(pointOf(args))) && !entry.trim().startsWith('#'),
  );
}

/** Options are changed in place; where the file system refuses that, it is unmounted and mounted. */
function remountScript(args: MountValues, point: string, ownTable: readonly string[]): string {
  const options = args.state === 'mounted' || args.opts !== undefined ? `remount,${optionsOf(args)}` : 'remount';
  return `${quoteAll(['mount', ...ownTable, '-o', options, point])} || { ${quoteAll(['umount', point])} && ${quoteAll(['mount', ...ownTable, point])}; }`;
}
