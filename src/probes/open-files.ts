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
  readonly info: { readonly processes: readonly ProcessLimits[]; readonly used: number; readonly pids: Readonly<Record<string, number>> };
}

/**
 * Files of /proc/sys give their value to one read of a whole line only, and dash's `read` takes single bytes: so they are not read by the shell itself.
 * Containers are found where containerd keeps the pid of each task: that asks no daemon, which may be busy or away.
 */
const SCRIPT = `
grep -H . /proc/sys/fs/file-max /proc/sys/fs/nr_open /proc/sys/fs/inotify/max_user_instances /proc/sys/fs/inotify/max_user_watches /proc/sys/fs/file-nr 2>/dev/null
limits() { while read -r a b c soft hard unit; do [ "$a $b $c" = 'Max open files' ] && echo "limit $1 $2 $soft $hard"; done < "/proc/$2/limits" 2>/dev/null; }
for unit in docker containerd; do
  pid=$(systemctl show -p MainPID "$unit.service" 2>/dev/null); pid=\${pid#MainPID=}
  [ -n "$pid" ] && [ "$pid" != 0 ] && limits "$unit" "$pid"
done
for file in /run/containerd/io.containerd.runtime.v2.task/moby/*/init.pid /run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/*/init.pid; do
  [ -r "$file" ] || continue
  read -r pid < "$file" || :
  id=\${file%/init.pid}
  [ -d "/proc/$pid" ] && limits "container:\${id##*/}" "$pid"
done
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
    for (const line of answer.stdout.toString('utf8').split('\n')) {
      const [word, name = '', first = '', soft = '', hard = ''] = line.split(' ');
      if (word === 'limit' && name.startsWith('container:')) processes.push({ id: name.slice('container:'.length), pid: Number(first), soft, hard });
      else if (word === 'limit') {
        services[name] = { soft, hard };
        pids[name] = Number(first);
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
