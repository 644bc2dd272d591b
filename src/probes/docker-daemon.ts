// The daemon as a service of its host: whether it is there and runs, with which flags, and whether an interrupted run left it in need of a restart.
import { scriptProbe, type Probe } from '../core/probe.ts';

/** A file that stands while a change of daemon.json waits for the restart it needs; /run, because a boot is a restart too. */
export const RESTART_PENDING = '/run/vbx-docker-restart-pending';

/** `info.flags`: long options that dockerd was started with, without dashes; `info.pid` 0: it does not run. */
export interface DockerDaemon {
  readonly kind: 'daemon';
  readonly installed: boolean;
  readonly restartPending: boolean;
  readonly info: { readonly pid: number; readonly flags: readonly string[] };
}

const SCRIPT = `
for d in dockerd /usr/bin/dockerd /usr/sbin/dockerd; do command -v "$d" >/dev/null 2>&1 && { echo installed; break; }; done
[ -e ${RESTART_PENDING} ] && echo pending
pid=
for f in /run/docker.pid /var/run/docker.pid; do [ -r "$f" ] && { read -r pid < "$f" || :; break; }; done
comm=; [ -n "$pid" ] && [ -r "/proc/$pid/comm" ] && { read -r comm < "/proc/$pid/comm" || :; }
# A pid file kept elsewhere, or left behind by a daemon that is gone.
if [ "$comm" != dockerd ]; then pid=$(systemctl show -p MainPID docker.service 2>/dev/null); pid=\${pid#MainPID=}; fi
[ -n "$pid" ] && [ "$pid" != 0 ] && [ -d "/proc/$pid" ] || pid=0
echo "pid $pid"
[ "$pid" = 0 ] || tr '\\000' '\\n' < "/proc/$pid/cmdline" 2>/dev/null | while IFS= read -r word; do case $word in --*) word=\${word#--}; echo "flag \${word%%=*}";; -H*) echo 'flag hosts';; esac; done
:`;

/** Resource `docker.daemon:`. */
export function dockerDaemonProbe(): Probe<DockerDaemon> {
  return scriptProbe('docker.daemon:', SCRIPT, (answer) => {
    const lines = answer.stdout.toString('utf8').split('\n');
    return {
      kind: 'daemon',
      installed: lines.includes('installed'),
      restartPending: lines.includes('pending'),
      info: {
        pid: Number(lines.find((line) => line.startsWith('pid '))?.slice(4) ?? 0),
        flags: [
          ...new Set(
            lines
              .filter((line) => line.startsWith('flag '))
              .map((line) => (line === 'flag host' ? 'hosts' : line.slice(5))),
          ),
        ],
      },
    };
  });
}
