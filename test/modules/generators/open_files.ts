// Every layer of the limit right or wrong, below and above what is asked for.
import fc from 'fast-check';
import { open_files } from '../../../src/modules/vobox/open_files.ts';
import { daemons, hosts, satisfied } from '../docker/worlds.ts';
import { absent, fileState } from '../states.ts';
import { given, maybe, type Generator } from './paths.ts';

const file = fc.constantFrom(
  absent,
  fileState('# x\n'),
  fileState('# x\nfs.nr_open = 262144\n'),
  fileState('x', { mode: '0600' }),
);
const limits = fc.record({
  soft: fc.constantFrom('1024', '262144', 'unlimited'),
  hard: fc.constantFrom('524288', 'unlimited'),
});
const generator: Generator = {
  module: open_files,
  cases: fc
    .record({
      limit: fc.constantFrom(1024, 262144),
      logins: fc.boolean(),
      docker: fc.boolean(),
      restart: fc.constantFrom('when-needed', 'never'),
      soft: maybe(fc.constant(1024)),
      sysctl: file,
      manager: file,
      limitsFile: file,
      dockerFile: file,
      containerd: file,
      sysctls: fc.record({
        'fs.file-max': fc.constantFrom('60000', '9223372036854775807'),
        'fs.nr_open': fc.constantFrom('1024', '1048576'),
        'fs.inotify.max_user_instances': fc.constantFrom('128', '8192'),
      }),
      services: fc.record({ docker: limits, containerd: limits }),
      daemonFile: fc.constantFrom(
        absent,
        fileState('{}'),
        fileState('{"default-ulimits":{"nofile":{"Name":"nofile","Soft":1024,"Hard":1024}}}'),
        fileState('oops'),
      ),
      daemon: daemons,
      dockerHost: hosts,
    })
    .map(
      ({
        sysctl,
        manager,
        limitsFile,
        dockerFile,
        containerd,
        sysctls,
        services,
        daemonFile,
        daemon,
        dockerHost,
        ...args
      }) => ({
        args: given(args),
        observed: {
          sysctl,
          manager,
          live: { kind: 'open-files', sysctls, services, info: { processes: [], used: 1, pids: {} } },
          ...(args.logins ? { logins: limitsFile } : {}),
          ...(args.docker
            ? {
                docker: dockerFile,
                containerd,
                daemonFile,
                daemon,
                dockerHost,
                names: { kind: 'found', info: { api: '', json: [] } },
              }
            : {}),
        },
      }),
    ),
};
/** Half of the hosts are as an earlier run left them: what satisfies the wish is not met by chance often enough. */
const cases = fc
  .tuple(generator.cases, fc.boolean())
  .map(([one, settled]) => ({ ...one, observed: settled ? satisfied(generator.module, one) : one.observed }));
export default { ...generator, cases } satisfies Generator;
