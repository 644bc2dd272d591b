// What systemd says about units: one `systemctl show` for all units of an exchange, whatever tasks ask.
import { quote, quoteAll } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';

/** A service as modules compare it, whichever init system runs it. `info.status`: properties as Ansible's `status` (those below). */
export type UnitState =
  | {
      readonly kind: 'unit';
      readonly running: boolean;
      readonly enabled: Enabled;
      readonly masked: boolean;
      readonly info: UnitInfo;
    }
  | { readonly kind: 'absent'; readonly info: UnitInfo }
  /** The init system cannot be asked (not running, no permission, no bus of the user). */
  | { readonly kind: 'unavailable'; readonly message: string };

/** `static`: there is nothing to enable or disable. */
export type Enabled = 'enabled' | 'disabled' | 'static' | Unknown;

export interface UnitInfo {
  /** The unit's own name where the asked one is an alias. */
  readonly id: string;
  /** systemd has an older version of its files. */
  readonly needsReload: boolean;
  readonly status: Readonly<Record<string, string>>;
}

export type UnitScope = 'system' | 'user' | 'global';
interface UnitQuery {
  readonly unit: string;
  readonly scope: UnitScope;
}

const PROPERTIES = [
  'Id',
  'Names',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'FragmentPath',
  'DropInPaths',
  'SourcePath',
  'UnitFileState',
  'UnitFilePreset',
  'NeedDaemonReload',
  'Type',
  'Restart',
  'Result',
  'MainPID',
  'ExecMainPID',
  'ExecMainStatus',
  'ExecMainCode',
  'ExecMainStartTimestamp',
  'ActiveEnterTimestamp',
  'InactiveEnterTimestamp',
  'StateChangeTimestamp',
  'NRestarts',
  'User',
  'Group',
  'WorkingDirectory',
  'LimitNOFILE',
  'LimitNOFILESoft',
  'LimitNPROC',
  'LimitMEMLOCK',
  'TasksMax',
  'MemoryCurrent',
  'ControlGroup',
  'Slice',
  'CanReload',
  'CanStart',
  'CanStop',
  'RemainAfterExit',
  'Requires',
  'Wants',
  'After',
  'Before',
  'TriggeredBy',
  'Triggers',
  'Unit',
  'NextElapseUSecRealtime',
  'LastTriggerUSec',
  'Where',
  'What',
];

const SUFFIXES = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/** A unit's full name: `.service` is implied. */
export function unitName(name: string): string {
  return SUFFIXES.test(name) ? name : `${name}.service`;
}

export function unitProbe(name: string, scope: UnitScope = 'system'): Probe<UnitState> {
  const unit = unitName(name);
  return probeOf(FAMILIES[scope], scope === 'system' ? `unit:${unit}` : `unit:${scope}:${unit}`, { unit, scope });
}

function familyOf(scope: UnitScope): ProbeFamily<UnitQuery, UnitState> {
  return { name: `unit-${scope}`, script: (queries) => unitScript(queries, scope), parse: parseUnits };
}
const FAMILIES: Readonly<Record<UnitScope, ProbeFamily<UnitQuery, UnitState>>> = {
  system: familyOf('system'),
  user: familyOf('user'),
  global: familyOf('global'),
};

/** A name that `systemctl show` takes for one unit: no pattern, no template without instance. */
function canShow(unit: string): boolean {
  return /^[A-Za-z0-9:_.@\\/-]+$/.test(unit) && !/@\.[a-z]+$/.test(unit) && unit.length < 256;
}

function unitScript(queries: readonly UnitQuery[], scope: UnitScope): string {
  const shown = queries.filter(({ unit }) => scope !== 'global' && canShow(unit)).map(({ unit }) => unit);
  const others = queries.filter(({ unit }) => scope === 'global' || !canShow(unit)).map(({ unit }) => unit);
  const systemctl = scope === 'system' ? 'systemctl' : `systemctl --${scope}`;
  const show = `${systemctl} --no-pager show --property=${PROPERTIES.join(',')} --`;
  return `
command -v systemctl >/dev/null || { echo '@@none systemctl is not installed'; exit 0; }
${scope === 'system' ? "[ -d /run/systemd/system ] || { echo '@@none systemd is not running on this host'; exit 0; }" : '[ -n "$XDG_RUNTIME_DIR" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)"'}
${
  shown.length === 0
    ? ''
    : `
if o=$(${show} ${quoteAll(shown)} 2>/dev/null); then printf '%s\\n' "$o"
else for u in ${quoteAll(shown)}; do ${show} "$u" 2>&1 || echo LoadState=error; echo; done
fi
echo; echo @@links
case $o in *UnitFileState=indirect*) for u in ${quoteAll(shown)}; do
  [ "$(${systemctl} is-enabled -l -- "$u" 2>/dev/null | wc -l)" -gt 1 ] && printf 'indirect %s\n' "$u"
done;; esac
for u in ${quoteAll(shown.filter((unit) => unit.endsWith('.service')).map((unit) => unit.slice(0, -8)))}; do
  for f in /etc/rc[S2345].d/S[0-9][0-9]"$u"; do [ -e "$f" ] && { printf '%s\\n' "$u"; break; }; done
done`
}
echo @@files
${others.map((unit) => `printf '%s=' ${quote(unit)}; ${systemctl} is-enabled -- ${quote(unit)} 2>&1 | tail -n 1 || :; echo`).join('\n')}
:
`;
}

export function parseUnits(answer: Answer, queries: readonly UnitQuery[]): UnitState[] {
  const text = answer.stdout.toString('utf8');
  const none = /^@@none (.*)$/m.exec(text)?.[1];
  if (none !== undefined || text === '')
    return queries.map(() => ({ kind: 'unavailable', message: none ?? 'systemd gave no answer' }));
  const [shown = '', rest = ''] = text.includes('@@links') ? text.split('@@links') : ['', text];
  const [links = '', files = ''] = rest.split('@@files');
  const linked = new Set(links.split('\n').map((line) => line.trim()));
  const enabledness = new Map(
    files
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]),
  );
  const blocks = shown
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '');
  let at = 0;
  return queries.map(({ unit, scope }) =>
    scope !== 'global' && canShow(unit)
      ? shownState(blocks[at++], unit, linked)
      : fileState(enabledness.get(unit), unit),
  );
}

function shownState(block: string | undefined, unit: string, linked: ReadonlySet<string>): UnitState {
  const status = Object.fromEntries(
    (block ?? 'LoadState=error')
      .split('\n')
      .filter((line) => /^[A-Za-z]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const info: UnitInfo = { id: status['Id'] ?? unit, needsReload: status['NeedDaemonReload'] === 'yes', status };
  const load = status['LoadState'] ?? 'error';
  if (load === 'error' && status['Id'] === undefined)
    return {
      kind: 'unavailable',
      message: (block ?? '').split('\n').find((line) => !line.includes('=')) ?? 'systemd gave no answer',
    };
  // A unit whose file is gone can still run; then it can be stopped.
  if (
    load === 'not-found' &&
    !['active', 'activating', 'reloading', 'deactivating'].includes(status['ActiveState'] ?? '')
  )
    return { kind: 'absent', info };
  const file = status['UnitFileState'] ?? '';
  return {
    kind: 'unit',
    running: ['active', 'activating', 'reloading', 'deactivating'].includes(status['ActiveState'] ?? ''),
    // An indirect unit counts as enabled once links lead to what it names.
    enabled:
      file === 'indirect'
        ? linked.has(`indirect ${unit}`)
          ? 'enabled'
          : 'disabled'
        : file === 'generated'
          ? linked.has(unit.replace(/\.service$/, ''))
            ? 'enabled'
            : status['SourcePath']?.includes('/init.d/') === true
              ? 'disabled'
              : 'static'
          : enabledOf(file),
    masked: load === 'masked' || file.startsWith('masked'),
    info,
  };
}

/** Units that cannot be shown (templates, the global scope): only whether they are enabled is known. */
function fileState(file: string | undefined, unit: string): UnitState {
  const info: UnitInfo = { id: unit, needsReload: false, status: { Id: unit, UnitFileState: file ?? '' } };
  if (file === undefined || file === '' || /not-found|No such file|does not exist|Invalid unit name/i.test(file))
    return { kind: 'absent', info };
  return { kind: 'unit', running: false, enabled: enabledOf(file), masked: file.startsWith('masked'), info };
}

/** As `systemctl is-enabled` means it, except that what cannot be enabled is told apart, and that what is enabled until the next boot alone is not. */
function enabledOf(file: string): Enabled {
  switch (file) {
    case 'enabled':
      return 'enabled';
    case 'static':
    case 'transient':
    case 'generated':
    case '':
      return 'static';
    default:
      return 'disabled';
  }
}
