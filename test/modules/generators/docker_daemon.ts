// daemon.json in every state, under daemons that run, do not run, or are in Swarm mode.
import fc from 'fast-check';
import { docker_daemon } from '../../../src/modules/vobox/docker_daemon.ts';
import { daemons, hosts } from '../docker/worlds.ts';
import { absent, fileState, folder } from '../states.ts';
import { given, maybe, type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_daemon,
  cases: fc
    .record({
      config: fc.constantFrom(
        { 'live-restore': true },
        { 'live-restore': true, 'log-driver': 'local' },
        { 'log-opts': { 'max-file': 5 } },
        { debug: false },
      ),
      remove: maybe(fc.constantFrom(['debug'], ['log-driver'])),
      restart: fc.constantFrom('when-needed', 'never'),
      file: fc.constantFrom(
        absent,
        fileState(''),
        fileState('{}'),
        fileState('{"live-restore":true}'),
        fileState('{"debug":true,"log-driver":"local","log-opts":{"max-file":"5"}}'),
        fileState('{nonsense'),
        folder,
      ),
      daemon: daemons,
      docker: hosts,
    })
    .filter(({ config, remove }) => !(remove ?? []).some((key) => key in config))
    .map(({ file, daemon, docker, ...args }) => ({ args: given(args), observed: { file, daemon, docker } })),
};
export default generator;
