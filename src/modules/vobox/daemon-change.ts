// A change of daemon.json from plan to steps, for the modules that make one: validated before it is put in place, then a reload or a restart, whichever is enough.
import { contentOf } from '../../core/content.ts';
import type { Effect } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import { quote } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';
import type { DockerHost } from '../../probes/docker.ts';
import { RESTART_PENDING, type DockerDaemon } from '../../probes/docker-daemon.ts';
import { flagAt, numberAt, textAt, type Json } from '../../probes/json.ts';
import { changedKeys, daemonJsonText, mergeDaemonJson, needRestart, parseDaemonJson } from './daemon-json.ts';

export interface DaemonState {
  readonly file: PathState;
  readonly daemon: DockerDaemon;
  readonly docker: DockerHost;
}
export interface DaemonWish {
  readonly path: string;
  readonly config: Json;
  readonly remove?: readonly string[];
  /** Never restart: what needs it waits for the next start. */
  readonly restart: 'when-needed' | 'never';
}
export type DaemonPlan =
  | { readonly failed: string; readonly hint?: string }
  | {
      readonly failed?: undefined;
      readonly file: PathState;
      readonly daemon: DockerDaemon;
      readonly keys: readonly string[];
      readonly effects: readonly Effect[];
      readonly warnings: readonly string[];
      readonly config: Json;
    };

/** What is to be done; `file` is the state of daemon.json afterwards. */
export function planDaemon(wish: DaemonWish, { file, daemon, docker }: DaemonState): DaemonPlan {
  const real = file.kind === 'link' ? file.real : file;
  if (real.kind === 'denied') return { failed: `${wish.path} cannot be read: ${real.message}` };
  if (real.kind !== 'file' && real.kind !== 'absent') return { failed: `${wish.path} is no file` };
  if (real.kind === 'file' && real.content?.bytes === undefined) return { failed: `${wish.path} cannot be read` };
  const has = parseDaemonJson(real.kind === 'file' ? (real.content?.bytes?.toString('utf8') ?? '') : '');
  if (has === undefined) return { failed: `${wish.path} is not a JSON object, so nothing can be merged into it` };
  const config = mergeDaemonJson(has, wish.config, wish.remove);
  const keys = changedKeys(has, config);
  const doubled = Object.keys(wish.config).filter((key) => daemon.info.flags.includes(key));
  if (doubled.length > 0)
    return {
      failed: `dockerd is started with ${doubled.map((key) => `--${key}`).join(' ')}, and with the same in ${wish.path} it would not start`,
      hint: 'take the flag out of the unit (systemctl edit docker.service)',
    };
  const info = docker.kind === 'docker' ? docker.info.info : undefined;
  if (
    wish.config['live-restore'] === true &&
    info !== undefined &&
    textAt(info, 'Swarm', 'LocalNodeState') === 'active'
  )
    return {
      failed: 'live-restore cannot be used on a host in Swarm mode',
      hint: 'docker swarm leave, or take live-restore out',
    };
  const runs = daemon.info.pid !== 0;
  const heavy = needRestart(keys);
  const restart = runs && (heavy.length > 0 || daemon.restartPending);
  // In the file and yet not in force: whoever wrote it did not reload.
  const stale = wish.config['live-restore'] === true && info !== undefined && !flagAt(info, 'LiveRestoreEnabled');
  // A restart that is not allowed here stays due: a mark says so to whoever may.
  const after: DockerDaemon = {
    ...daemon,
    restartPending: runs ? wish.restart === 'never' && restart : daemon.restartPending,
  };
  const effects: Effect[] = [];
  const warnings: string[] = [];
  if (restart && wish.restart === 'when-needed')
    effects.push({
      kind: 'restart',
      text: `restart docker.service (${heavy.length > 0 ? `needed for ${heavy.join(', ')}` : 'an interrupted run left it undone'}): ${restartCost(info, config)}`,
    });
  else if (runs && (keys.some((key) => !heavy.includes(key)) || stale)) {
    effects.push({
      kind: 'reload',
      text: `reload docker.service (${keys.filter((key) => !heavy.includes(key)).join(', ') || 'live-restore is in the file and not in force'}): containers are not touched`,
    });
  }
  if (runs && wish.restart === 'never' && heavy.length > 0)
    warnings.push(`${heavy.join(', ')} in ${wish.path} take effect when dockerd is started again`);
  if (keys.length === 0) return { file, daemon: after, keys, effects, warnings, config };
  const content = contentOf(daemonJsonText(config));
  const next: PathState =
    real.kind === 'file'
      ? { ...real, content }
      : { kind: 'file', mode: '0644', owner: 'root', group: 'root', content, info: FRESH };
  return {
    file: file.kind === 'link' ? { ...file, real: next } : next,
    daemon: after,
    keys,
    effects,
    warnings,
    config,
  };
}

const FRESH = { uid: 0, gid: 0, size: 0, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 };

/** What is known of Docker afterwards, so that a second plan finds nothing to do. */
export function dockerAfter(docker: DockerHost, config: Json): DockerHost {
  if (docker.kind !== 'docker') return docker;
  return {
    kind: 'docker',
    info: { ...docker.info, info: { ...docker.info.info, LiveRestoreEnabled: config['live-restore'] === true } },
  };
}

/** What a restart means for containers: nothing when live-restore holds (it is switched on by a reload before, if it is only wanted). */
function restartCost(info: Json | undefined, config: Json): string {
  const running = info === undefined ? 0 : numberAt(info, 'ContainersRunning');
  if (running === 0) return 'no container runs';
  const these = `${running} running container${running === 1 ? '' : 's'}`;
  const keeps = (info !== undefined && flagAt(info, 'LiveRestoreEnabled')) || config['live-restore'] === true;
  return keeps && config['live-restore'] !== false
    ? `live-restore keeps ${these} running`
    : `${these} will be stopped, and started again only by their restart policy`;
}

/** Steps for what `planDaemon` said. */
export function daemonSteps(
  wish: DaemonWish,
  state: DaemonState,
  plan: Extract<DaemonPlan, { failed?: undefined }>,
): Step[] {
  const steps: Step[] = [];
  const restart = plan.effects.some((effect) => effect.kind === 'restart');
  if (plan.keys.length > 0) {
    const folder = wish.path.slice(0, wish.path.lastIndexOf('/')) || '/';
    const target = state.file.kind === 'link' ? state.file.realPath : wish.path;
    const guard = state.file.kind === 'link' ? state.file.real : state.file;
    if (guard.kind === 'absent')
      steps.push({ kind: 'script', script: `[ -d ${quote(folder)} ] || mkdir -p -m 0755 ${quote(folder)}` });
    steps.push({
      kind: 'write',
      path: target,
      content: contentOf(daemonJsonText(plan.config)),
      guard,
      ...(guard.kind === 'absent' ? { mode: '0644' } : {}),
      ...(state.daemon.installed ? { validate: 'dockerd --validate --config-file=%s' } : {}),
    });
  }
  // Behind the write, so that a refused file leaves no mark; in the same exchange, so that nothing comes between.
  if (restart || (plan.daemon.restartPending && !state.daemon.restartPending))
    steps.push({ kind: 'script', script: `umask 077; : > ${RESTART_PENDING}` });
  const answers = (test: string, display: string): Step => ({
    kind: 'wait',
    script: test,
    every: 1,
    atMost: 600,
    display,
  });
  const live = 'docker info --format "{{.LiveRestoreEnabled}}" 2>/dev/null';
  if (restart) {
    const info = state.docker.kind === 'docker' ? state.docker.info.info : {};
    // Switched on by a reload first, so that the restart leaves the containers alone.
    if (plan.config['live-restore'] === true && !flagAt(info, 'LiveRestoreEnabled') && state.docker.kind === 'docker')
      steps.push(
        { kind: 'run', argv: ['systemctl', 'reload', 'docker.service'] },
        answers(`[ "$(${live})" = true ]`, 'wait until live-restore is on'),
      );
    steps.push(
      { kind: 'run', argv: ['systemctl', 'restart', 'docker.service'], long: true },
      answers('docker version >/dev/null 2>&1', 'wait until Docker answers'),
      { kind: 'script', script: `rm -f ${RESTART_PENDING}` },
    );
  } else if (plan.effects.some((effect) => effect.kind === 'reload')) {
    steps.push({ kind: 'run', argv: ['systemctl', 'reload', 'docker.service'] });
    const wanted = plan.config['live-restore'];
    if (wanted !== undefined && state.docker.kind === 'docker')
      steps.push(answers(`[ "$(${live})" = ${wanted === true ? 'true' : 'false'} ]`, 'wait until dockerd has read it'));
  }
  return steps;
}
