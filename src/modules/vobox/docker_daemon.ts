// vbx.vobox.docker_daemon: keys of daemon.json, merged into what is there, validated, and taken over by a reload where that is enough.
import { choice, dict, list, path, raw, str } from '../../core/args.ts';
import { z } from 'zod';
import { defineModule } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import { dockerHostProbe, type DockerHost } from '../../probes/docker.ts';
import { dockerDaemonProbe, type DockerDaemon } from '../../probes/docker-daemon.ts';
import { pathProbe } from '../../probes/path.ts';
import { daemonSteps, dockerAfter, planDaemon, type DaemonWish } from './daemon-change.ts';
import { DAEMON_JSON, needRestart } from './daemon-json.ts';

const shape = {
  config: dict(raw()).describe('Keys to set; objects such as log-opts are merged, other keys of the file stay'),
  remove: list(str()).default([]).describe('Keys to take out'),
  path: path().default(DAEMON_JSON),
  restart: choice('when-needed', 'never')
    .default('when-needed')
    .describe('Whether dockerd may be restarted for keys that need it'),
};
type Args = z.output<z.ZodObject<typeof shape>>;

interface State {
  readonly file: PathState;
  readonly daemon: DockerDaemon;
  readonly docker: DockerHost;
}

export const docker_daemon = defineModule<typeof shape, State>({
  name: 'vbx.vobox.docker_daemon',
  summary: 'Set keys of daemon.json, with a reload or restart of dockerd as they need it',
  args: shape,
  check: (args) => (args.path.startsWith('/') ? undefined : 'path must be absolute'),
  example: `
- vbx.vobox.docker_daemon:
    config:
      live-restore: true
      shutdown-timeout: 60
`,
  probe: (args) => ({
    file: pathProbe(args.path, { content: 'bytes' }),
    daemon: dockerDaemonProbe(),
    docker: dockerHostProbe(),
  }),
})({
  plan: (args, state) => {
    const plan = planDaemon(wishOf(args), state);
    if (plan.failed !== undefined) return plan;
    const acts = plan.effects.length > 0 ? { docker: dockerAfter(state.docker, plan.config) } : {};
    return {
      after: { ...(plan.keys.length === 0 ? {} : { file: plan.file }), ...acts, daemon: plan.daemon },
      effects: plan.effects,
      warnings: plan.warnings,
    };
  },
  apply: (args, { before }) => {
    const plan = planDaemon(wishOf(args), before);
    return plan.failed === undefined ? daemonSteps(wishOf(args), before, plan) : [];
  },
  result: (args, { before }, done) => {
    const plan = planDaemon(wishOf(args), before);
    if (plan.failed !== undefined) return {};
    const ran = (word: string): boolean => done.some(({ step }) => step.kind === 'run' && step.argv.includes(word));
    return {
      config: plan.config,
      changed_keys: plan.keys,
      restart_keys: needRestart(plan.keys),
      reloaded: ran('reload') && !ran('restart'),
      restarted: ran('restart'),
    };
  },
});

function wishOf(args: Args): DaemonWish {
  return { path: args.path, config: args.config, remove: args.remove, restart: args.restart };
}
