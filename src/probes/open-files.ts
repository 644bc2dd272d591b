// Everything on a host that bounds how many files may be open, as it is in force now: kernel, systemd, dockerd, containerd, and each running container.
import { scriptProbe, type Probe } from '../core/probe.ts';

interface ProcessLimits {
  /** A container's id, 64 characters. */
  readonly id: string;
  readonly pid: number;
  /** Decimal text, or `unlimited`: values go beyond what a number holds. */
  readonly soft: string;
  readonly hard: string;
}

/** `sysctls` by dotted name, decimal text. `used`: open files of the host, from /proc/sys/fs/file-nr. */
export interface OpenFiles {
  readonly kind: 'open-files';
  readonly sysctls: Readonly<Record<string, string>>;
  /** Limits of the services' own processes, which containers inherit. */
  readonly services: Readonly<Record<string, { readonly soft: string; readonly hard: string }>>;
  readonly info: {
    readonly processes: readonly ProcessLimits[];
    readonly used: number;
    readonly pids: Readonly<Record<string, number>>;
  };
}

/**
 * Files of /proc/sys give their value to one read of a whole line only, and dash's `read` takes single bytes: so no long file is read by the shell itself.
 * Containers are found where containerd keeps the pid of each task: that asks no daemon, which may be busy or away.
 */
const SCRIPT = `
grep -H . /proc/sys/fs/file-max /proc/sys/fs/nr_open /proc/sys/fs/inotify/max_user_instances /proc/sys/fs/inotify/max_user_watches /proc/sys/fs/file-nr 2>/dev/null
files=
of() { [ -n "$2" ] && [ -d "/proc/$2" ] && { echo "process $1 $2"; files="$files /proc/$2/limits"; }; }
pids() { of docker "$1"; of containerd "$2"; }
pids $(systemctl show -p MainPID docker.service containerd.service 2>/dev/null | grep -o '[0-9]*')
for file in /run/containerd/io.containerd.runtime.v2.task/moby/*/init.pid /run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/*/init.pid; do
  [ -r "$file" ] || continue
  read -r pid < "$file" || :
  id=\${file%/init.pid}
  of "container:\${id##*/}" "$pid"
done
[ -z "$files" ] || grep -s '^Max open files' /dev/null $files
:`;

/** Resource `open-files:`. */
export function openFilesProbe(): Probe<OpenFiles> {
  return scriptProbe('open-files:', SCRIPT, (answer) => {
    const sysctls: Record<string, string> = {};
    const services: Record<string, { soft: string; hard: string }> = {};
    const pids: Record<string, number> = {};
    const processes: ProcessLimits[] = [];
    let used = 0;
    for (const [, path = '', value = ''] of answer.stdout.toString('utf8').matchAll(/^\/proc\/sys\/(\S+?):(.*)$/gm)) {
      if (path === 'fs/file-nr') used = Number(value.split(/\s/)[0]);
      else sysctls[path.replaceAll('/', '.')] = value.trim();
    }
    const limits = new Map(
      [...answer.stdout.toString('utf8').matchAll(/^\/proc\/(\d+)\/limits:Max open files +(\S+) +(\S+)/gm)].map(
        ([, pid = '', soft = '', hard = '']) => [pid, { soft, hard }],
      ),
    );
    for (const [, name = '', pid = ''] of answer.stdout.toString('utf8').matchAll(/^process (\S+) (\d+)$/gm)) {
      // It may have ended meanwhile.
      const limit = limits.get(pid);
      if (limit === undefined) continue;
      if (name.startsWith('container:'))
        processes.push({ id: name.slice('container:'.length), pid: Number(pid), ...limit });
      else {
        services[name] = limit;
        pids[name] = Number(pid);
      }
    }
    return { kind: 'open-files', sysctls, services, info: { processes, used, pids } };
  });
}

/** Whether a limit as text is at least `wanted`. */
export function atLeast(limit: string | undefined, wanted: number): boolean {
  if (limit === 'unlimited') return true;
  return limit !== undefined && /^\d+$/.test(limit) && BigInt(limit) >= BigInt(wanted);
}
