// Everything on a host that bounds how many files may be open, as it is in force now: kernel, systemd, dockerd, containerd, and each running container.
import { scriptProbe, type Probe } from '../core/probe.ts';

export interface ProcessLimits {
  /** `dockerd`, `containerd`, or a container's name. */
  readonly name: string;
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

/** Containers are found by their cgroup, whose name holds the id; their names come from Docker's own files, which root may read. */
const SCRIPT = `
for name in fs.file-max fs.nr_open fs.inotify.max_user_instances fs.inotify.max_user_watches; do
  path=/proc/sys/$(echo "$name" | tr . /); [ -r "$path" ] && { read -r value < "$path"; echo "sysctl $name $value"; }
done
[ -r /proc/sys/fs/file-nr ] && { read -r used rest < /proc/sys/fs/file-nr; echo "used $used"; }
limits() { while read -r a b c soft hard unit; do [ "$a $b $c" = 'Max open files' ] && echo "limit $1 $2 $soft $hard"; done < "/proc/$2/limits" 2>/dev/null; }
for unit in docker containerd; do
  pid=$(systemctl show -p MainPID "$unit.service" 2>/dev/null); pid=\${pid#MainPID=}
  [ -n "$pid" ] && [ "$pid" != 0 ] && limits "$unit" "$pid"
done
if command -v docker >/dev/null 2>&1 && [ -S /var/run/docker.sock ]; then
  ids=$(docker ps -q 2>/dev/null)
  [ -z "$ids" ] || docker inspect -f '{{.State.Pid}} {{.Name}}' $ids 2>/dev/null | while read -r pid name; do limits "container:\${name#/}" "$pid"; done
fi
:`;

/** Resource `open-files:`. Asks Docker's client where a container runs, which takes its time. */
export function openFilesProbe(): Probe<OpenFiles> {
  return scriptProbe('open-files:', SCRIPT, (answer) => {
    const sysctls: Record<string, string> = {};
    const services: Record<string, { soft: string; hard: string }> = {};
    const pids: Record<string, number> = {};
    const processes: ProcessLimits[] = [];
    let used = 0;
    for (const line of answer.stdout.toString('utf8').split('\n')) {
      const [word, name = '', first = '', soft = '', hard = ''] = line.split(' ');
      if (word === 'sysctl') sysctls[name] = first;
      else if (word === 'used') used = Number(name);
      else if (word === 'limit' && name.startsWith('container:')) processes.push({ name: name.slice('container:'.length), pid: Number(first), soft, hard });
      else if (word === 'limit') {
        services[name] = { soft, hard };
        pids[name] = Number(first);
      }
    }
    return { kind: 'open-files', sysctls, services, info: { processes, used, pids } };
  }, { costly: true });
}

/** Whether a limit as text is at least `wanted`. */
export function atLeast(limit: string | undefined, wanted: number): boolean {
  if (limit === 'unlimited') return true;
  return limit !== undefined && /^\d+$/.test(limit) && BigInt(limit) >= BigInt(wanted);
}
