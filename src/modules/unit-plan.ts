// How a wish about a service becomes a plan, whichever init system runs it; shared by service, systemd_service and sysvinit.
import type { Effect, Plan } from '../core/module.ts';
import { Unknown } from '../core/value.ts';
import type { Enabled, UnitState } from '../probes/unit.ts';

export interface UnitWish {
  readonly name?: string | undefined;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  readonly masked?: boolean | undefined;
  readonly daemon_reload?: boolean | undefined;
  readonly daemon_reexec?: boolean | undefined;
}
export interface UnitObserved {
  readonly unit?: UnitState;
}

export function planUnit(wish: UnitWish, { unit }: UnitObserved): Plan<UnitObserved> {
  const asked = unit === undefined || wish.name === undefined ? undefined : planOne({ ...wish, name: wish.name }, unit);
  if (asked !== undefined && !('after' in asked)) return asked;
  const effects: Effect[] = [];
  if (wish.daemon_reexec === true)
    effects.push({ kind: 'daemon-reexec', text: 'start systemd itself anew', quiet: true });
  if (wish.daemon_reload === true && reloadMatters(unit, asked))
    effects.push({ kind: 'daemon-reload', text: 'let systemd read its files anew', quiet: true });
  return asked === undefined ? { after: {}, effects } : { ...asked, effects: [...effects, ...(asked.effects ?? [])] };
}

/**
 * Reading all unit files anew costs up to a second: it is left out where it cannot matter, that is where the task has nothing else to do
 * and systemd says that its copy of the unit is current. Without a unit it is what the task is for.
 */
function reloadMatters(unit: UnitState | undefined, asked: Plan<UnitObserved> | undefined): boolean {
  if (unit === undefined || unit.kind !== 'unit' || asked === undefined || !('after' in asked)) return true;
  return unit.info.needsReload || (asked.effects?.length ?? 0) > 0 || asked.after.unit !== undefined;
}

function planOne(wish: UnitWish & { readonly name: string }, unit: UnitState): Plan<UnitObserved> {
  switch (unit.kind) {
    case 'unavailable':
      return { failed: `The service manager of the host cannot be asked about ${wish.name}: ${unit.message}` };
    case 'absent':
      if (wish.state === undefined && wish.enabled === undefined) {
        return wish.masked === true
          ? { after: { unit: { kind: 'unit', running: false, enabled: 'disabled', masked: true, info: unit.info } } }
          : { after: {} };
      }
      return {
        failed: `Could not find the requested service ${wish.name}: host`,
        hint: 'Is its package installed, and the name right? `systemctl list-unit-files` lists what there is.',
      };
    case 'unit':
      return planKnown(wish, unit);
  }
}

function planKnown(
  wish: UnitWish & { readonly name: string },
  unit: Extract<UnitState, { kind: 'unit' }>,
): Plan<UnitObserved> {
  const masked = wish.masked ?? unit.masked;
  if (masked && (wish.enabled === true || (wish.state !== undefined && wish.state !== 'stopped' && !unit.running))) {
    return {
      failed: `${wish.name} is masked, so it can be neither started nor enabled`,
      hint: 'Set `masked: false` to undo that.',
    };
  }
  const enabled = enabledAfter(wish, unit, masked);
  const running = wish.state === undefined ? unit.running : wish.state !== 'stopped';
  const effects: Effect[] = [];
  // What does not run is only started, as under Ansible.
  if (unit.running && wish.state === 'restarted') effects.push({ kind: 'restart', text: `restart ${unit.info.id}` });
  if (unit.running && wish.state === 'reloaded') effects.push({ kind: 'reload', text: `reload ${unit.info.id}` });
  const same = running === unit.running && masked === unit.masked && enabled === unit.enabled;
  return { after: same ? {} : { unit: { ...unit, running, enabled, masked } }, effects };
}

function enabledAfter(wish: UnitWish, unit: Extract<UnitState, { kind: 'unit' }>, masked: boolean): Enabled {
  if (masked) return unit.masked ? unit.enabled : 'disabled';
  // Under a mask nobody can see whether it is enabled.
  const now = unit.masked ? new Unknown(`whether ${unit.info.id} is enabled shows once it is unmasked`) : unit.enabled;
  if (wish.enabled === undefined) return now;
  if (now === 'static') return now;
  return wish.enabled ? 'enabled' : 'disabled';
}

/** Ansible's fields: name, state, enabled, and `status` for systemd. */
export function unitResult(
  wish: UnitWish,
  before: UnitState | undefined,
  after: UnitState | undefined,
): Record<string, unknown> {
  return {
    name: wish.name ?? null,
    ...(wish.state === undefined ? {} : { state: wish.state === 'stopped' ? 'stopped' : 'started' }),
    ...(wish.enabled === undefined ? {} : { enabled: wish.enabled }),
    ...(wish.masked === undefined ? {} : { masked: wish.masked }),
    ...(before === undefined || before.kind === 'unavailable' || after === undefined
      ? { status: {} }
      : { status: before.info.status }),
  };
}
