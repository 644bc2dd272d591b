// vbx.vobox.open_files: every layer that decides how many files a container may open, set together and proved from /proc.
import { z } from 'zod';
import { bool, choice, int } from '../../core/args.ts';
import { defineModule, type Effect } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import { quote } from '../../core/quote.ts';
import type { Probe } from '../../core/probe.ts';
import type { Step } from '../../core/step.ts';
import {
  DOCKER_SOCKET,
  dockerHostProbe,
  dockerObject,
  dockerProbe,
  get,
  type DockerHost,
  type DockerObject,
} from '../../probes/docker.ts';
import { dockerDaemonProbe, type DockerDaemon } from '../../probes/docker-daemon.ts';
import { atLeast, openFilesProbe, type OpenFiles } from '../../probes/open-files.ts';
import { textAt, textsAt } from '../../probes/json.ts';
import { pathProbe } from '../../probes/path.ts';
import { daemonSteps, dockerAfter, planDaemon, type DaemonWish } from './daemon-change.ts';
import { DAEMON_JSON } from './daemon-json.ts';
import { ownedFile, ownedFileSteps } from './managed-file.ts';

const shape = {
  limit: int().default(1048576).describe('Open files a process may have (hard limit), in containers and services'),
  soft: int().optional().describe('Soft limit; as the hard one where not given'),
  file_max: int().default(2097152).describe('fs.file-max: open files of the whole host'),
  nr_open: int().optional().describe('fs.nr_open: ceiling of any hard limit; as `limit` where not given'),
  inotify_instances: int()
    .default(1024)
    .describe('fs.inotify.max_user_instances: each container with systemd takes some, all as root'),
  inotify_watches: int().default(524288).describe('fs.inotify.max_user_watches'),
  logins: bool().default(true).describe('Set it for logins too (limits.d)'),
  restart: choice('when-needed', 'never')
    .default('when-needed')
    .describe('never: dockerd takes its part over when it is started again, or when a docker_daemon task restarts it'),
  docker: bool().default(true).describe('Set it for dockerd, containerd and, through daemon.json, for containers'),
};
type Args = z.output<z.ZodObject<typeof shape>>;

const FILES = {
  sysctl: '/etc/sysctl.d/60-vbx-open-files.conf',
  manager: '/etc/systemd/system.conf.d/60-vbx-open-files.conf',
  logins: '/etc/security/limits.d/60-vbx-open-files.conf',
  docker: '/etc/systemd/system/docker.service.d/60-vbx-open-files.conf',
  containerd: '/etc/systemd/system/containerd.service.d/60-vbx-open-files.conf',
} as const;
type FileKey = keyof typeof FILES;

interface State {
  readonly sysctl: PathState;
  readonly manager: PathState;
  readonly logins?: PathState;
  readonly docker?: PathState;
  readonly containerd?: PathState;
  readonly live: OpenFiles;
  /** Running containers, for their names. */
  readonly names?: DockerObject;
  readonly daemonFile?: PathState;
  readonly daemon?: DockerDaemon;
  readonly dockerHost?: DockerHost;
}

export const open_files = defineModule<typeof shape, State>({
  name: 'vbx.vobox.open_files',
  summary: 'Raise the limit of open files in every layer that a container inherits from',
  args: shape,
  check: (args) =>
    (args.soft ?? args.limit) > args.limit
      ? 'soft cannot be above limit'
      : (args.nr_open ?? args.limit) < args.limit
        ? 'nr_open cannot be below limit: the kernel would refuse the limit'
        : undefined,
  dropsShells: true,
  example: `
- vbx.vobox.open_files:
    limit: 262144
    docker: false
`,
  probe: (args) => {
    const file = (key: FileKey) => pathProbe(FILES[key], { content: 'bytes' });
    const probes: Record<string, Probe> = { sysctl: file('sysctl'), manager: file('manager'), live: openFilesProbe() };
    if (args.logins) probes['logins'] = file('logins');
    if (args.docker)
      Object.assign(probes, {
        docker: file('docker'),
        containerd: file('containerd'),
        daemonFile: pathProbe(DAEMON_JSON, { content: 'bytes' }),
        daemon: dockerDaemonProbe(),
        dockerHost: dockerHostProbe(),
        names: dockerProbe(
          'docker.containers',
          DOCKER_SOCKET,
          'docker.containers:',
          null,
          () => [get('/containers/json')],
          ([response]) => dockerObject(response),
        ),
      });
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (args, state) => {
    const texts = fileTexts(args, state);
    const after: Record<string, unknown> = {};
    for (const [key, text] of Object.entries(texts))
      after[key] = ownedFile(state[key as FileKey] ?? { kind: 'absent' }, text);
    // What a kernel grants already may be more than asked for.
    const wanted = wantedSysctls(args, state);
    const sysctls = Object.fromEntries(
      Object.keys(state.live.sysctls).map((name) => [name, wanted[name] ?? state.live.sysctls[name] ?? '']),
    );
    const services = Object.fromEntries(
      Object.entries(state.live.services).map(([name, has]) => [
        name,
        serviceIsRight(args, has) || !args.docker ? has : limitsOf(args),
      ]),
    );
    after['live'] = { ...state.live, sysctls, services } satisfies OpenFiles;
    const effects: Effect[] = [];
    const warnings: string[] = [];
    const daemon = daemonPart(args, state);
    if (daemon !== undefined) {
      if (daemon.plan.failed !== undefined) return daemon.plan;
      if (daemon.plan.keys.length > 0) after['daemonFile'] = daemon.plan.file;
      effects.push(...daemon.plan.effects);
      warnings.push(...daemon.plan.warnings);
      Object.assign(after, { daemon: daemon.plan.daemon });
      if (daemon.plan.effects.length > 0 && state.dockerHost !== undefined)
        after['dockerHost'] = dockerAfter(state.dockerHost, daemon.plan.config);
    }
    const short = proofOf(args, state.live, state.names)
      .filter((one) => !one.ok)
      .map((one) => one.container);
    if (short.length > 0)
      warnings.push(
        `containers that still run with less and get it only when they are made anew or started with more: ${short.join(', ')}`,
      );
    return { after: after as Partial<State>, effects, warnings };
  },
  apply: (args, { before, after }) => {
    const steps: Step[] = [];
    const written = new Set<FileKey>();
    for (const key of Object.keys(fileTexts(args, before)) as FileKey[]) {
      const own = ownedFileSteps(FILES[key], before[key] ?? { kind: 'absent' }, after[key] ?? { kind: 'absent' });
      if (own.length > 0) written.add(key);
      steps.push(...own);
    }
    // nr_open first: a limit above it is refused.
    for (const name of ['fs.nr_open', ...Object.keys(after.live.sysctls).filter((one) => one !== 'fs.nr_open')]) {
      const value = after.live.sysctls[name];
      if (value !== undefined && value !== before.live.sysctls[name])
        steps.push({ kind: 'script', script: `echo ${quote(value)} > /proc/sys/${name.replaceAll('.', '/')}` });
    }
    if (written.has('manager') || written.has('docker') || written.has('containerd'))
      steps.push({ kind: 'script', script: 'if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi' });
    if (written.has('manager'))
      steps.push({ kind: 'script', script: 'if [ -d /run/systemd/system ]; then systemctl daemon-reexec; fi' });
    // The running services get it without a restart: what they start from now on inherits it, and no container is touched.
    for (const [name, limits] of Object.entries(after.live.services)) {
      const has = before.live.services[name];
      if (has !== undefined && (has.soft !== limits.soft || has.hard !== limits.hard))
        steps.push({
          kind: 'script',
          script: `pid=$(systemctl show -p MainPID ${quote(`${name}.service`)}); pid=\${pid#MainPID=}; prlimit --pid "$pid" --nofile=${limits.soft}:${limits.hard}`,
        });
    }
    const daemon = daemonPart(args, before);
    if (daemon !== undefined && daemon.plan.failed === undefined)
      steps.push(...daemonSteps(daemon.wish, daemon.state, daemon.plan));
    return steps;
  },
  result: (args, { before, after }) => ({
    proof: proofOf(args, after.live, after.names),
    sysctls: after.live.sysctls,
    services: after.live.services,
    file_nr: { used: before.live.info.used, max: after.live.sysctls['fs.file-max'] ?? '' },
  }),
});

function limitsOf(args: Args): { readonly soft: string; readonly hard: string } {
  return { soft: String(args.soft ?? args.limit), hard: String(args.limit) };
}

function serviceIsRight(args: Args, has: { readonly soft: string; readonly hard: string }): boolean {
  return atLeast(has.soft, args.soft ?? args.limit) && atLeast(has.hard, args.limit);
}

function askedSysctls(args: Args): Readonly<Record<string, number>> {
  return {
    'fs.nr_open': args.nr_open ?? args.limit,
    'fs.file-max': args.file_max,
    'fs.inotify.max_user_instances': args.inotify_instances,
    'fs.inotify.max_user_watches': args.inotify_watches,
  };
}

/** The kernel's values: what is asked for, or what is in force where that is more. */
function wantedSysctls(args: Args, state: State): Record<string, string> {
  return Object.fromEntries(
    Object.entries(askedSysctls(args)).map(([name, value]) => {
      const has = state.live.sysctls[name];
      return [name, has !== undefined && atLeast(has, value) ? has : String(value)];
    }),
  );
}

/**
 * The files by key. The sysctl file has a value only where the kernel's own was less (systemd, for one, sets fs.file-max as high as it goes, and a line here
 * would lower it at the next boot); a line that stands stays, since the value in force is then its doing.
 */
function fileTexts(args: Args, state: State): Partial<Record<FileKey, string>> {
  const { soft, hard } = limitsOf(args);
  const head = '# Made by vbx (vbx.vobox.open_files): changes here are undone.\n';
  const standing = state.sysctl.kind === 'file' ? (state.sysctl.content?.bytes?.toString('utf8') ?? '') : '';
  const lines = Object.entries(askedSysctls(args)).filter(
    ([name, value]) => standing.includes(`\n${name} = `) || !atLeast(state.live.sysctls[name], value),
  );
  const sysctl = head + lines.map(([name, value]) => `${name} = ${value}\n`).join('');
  const service = `${head}[Service]\nLimitNOFILE=${soft}:${hard}\n`;
  return {
    sysctl,
    manager: `${head}[Manager]\nDefaultLimitNOFILE=${soft}:${hard}\n`,
    ...(args.logins
      ? {
          logins: `${head}* soft nofile ${soft}\n* hard nofile ${hard}\nroot soft nofile ${soft}\nroot hard nofile ${hard}\n`,
        }
      : {}),
    // A container inherits from containerd's shim, not from dockerd, so both need it.
    ...(args.docker ? { docker: service, containerd: service } : {}),
  };
}

function daemonPart(args: Args, state: State) {
  const { daemonFile, daemon, dockerHost } = state;
  if (!args.docker || daemonFile === undefined || daemon === undefined || dockerHost === undefined) return undefined;
  const wish: DaemonWish = {
    path: DAEMON_JSON,
    restart: args.restart,
    config: { 'default-ulimits': { nofile: { Name: 'nofile', Soft: args.soft ?? args.limit, Hard: args.limit } } },
  };
  const own = { file: daemonFile, daemon, docker: dockerHost };
  return { wish, state: own, plan: planDaemon(wish, own) };
}

/** What each running container really has. */
function proofOf(
  args: Args,
  live: OpenFiles,
  names: DockerObject | undefined,
): {
  readonly container: string;
  readonly pid: number;
  readonly soft: string;
  readonly hard: string;
  readonly ok: boolean;
}[] {
  const containers = names?.kind === 'found' && Array.isArray(names.info.json) ? names.info.json : [];
  const nameOf = (id: string): string =>
    textsAt(
      containers.find((container) => textAt(container, 'Id') === id),
      'Names',
    )[0]?.replace(/^\//, '') ?? id.slice(0, 12);
  return live.info.processes.map(({ id, pid, soft, hard }) => ({
    container: nameOf(id),
    pid,
    soft,
    hard,
    ok: atLeast(soft, args.soft ?? args.limit) && atLeast(hard, args.limit),
  }));
}
