// Shell text that waits for a port, a file or the end of connections, with what the host has: bash's /dev/tcp, nc, or the kernel's table of sockets.
import { quote } from '../core/quote.ts';

export interface WaitWish {
  readonly host: string;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly state: 'absent' | 'drained' | 'present' | 'started' | 'stopped';
  readonly search_regex?: string | undefined;
  readonly timeout: number;
  readonly connect_timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly exclude_hosts?: readonly string[] | undefined;
  readonly active_connection_states: readonly string[];
}

/** Exit 0 once the wish holds, 1 when the time is over; by the host's clock in hundredths, so that slow tries do not make it longer. */
export function waitScript(wish: WaitWish): string {
  return `${wish.delay > 0 ? `sleep ${wish.delay}\n` : ''}${wish.port === undefined ? pathCheck(wish) : wish.state === 'drained' ? drainedCheck(wish) : portCheck(wish)}
now() { if read -r u _ </proc/uptime 2>/dev/null; then now=\${u%.*}\${u#*.}; else now=$(date +%s)00; fi; }
now
end=$((now + ${Math.round(wish.timeout * 100)}))
while :; do
  ${wish.state === 'stopped' || wish.state === 'absent' ? '! ' : ''}check && exit 0
  now
  [ "$now" -lt "$end" ] || exit 1
  sleep ${Math.max(1, wish.sleep)}
done`;
}

function pathCheck({ path = '', search_regex: pattern }: WaitWish): string {
  const file = quote(path);
  return pattern === undefined
    ? `check() { [ -e ${file} ]; }`
    : `${searchText(pattern)}\ncheck() { [ -e ${file} ] && search <${file}; }`;
}

/** Perl's patterns where grep has them: they are the nearest to Python's. Otherwise extended ones, with the usual classes written out. */
function searchText(pattern: string): string {
  const extended = pattern
    .replace(/\\d/g, '[0-9]')
    .replace(/\\w/g, '[A-Za-z0-9_]')
    .replace(/\\s/g, '[[:space:]]')
    .replace(/\\S/g, '[^[:space:]]')
    .replace(/\\D/g, '[^0-9]')
    .replace(/\(\?:/g, '(');
  return `if echo a | grep -qP a 2>/dev/null; then search() { grep -qaP -- ${quote(pattern)} 2>/dev/null; }; else search() { grep -qE -- ${quote(extended)} 2>/dev/null; }; fi`;
}

function portCheck({ host, port = 0, connect_timeout: seconds, search_regex: pattern }: WaitWish): string {
  const [target, number] = [quote(host), String(port)];
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const connect =
    pattern === undefined
      ? {
          bash: `timeout ${seconds} bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${target} ${number} 2>/dev/null`,
          nc: `nc -w ${seconds} ${target} ${number} </dev/null >/dev/null 2>&1`,
        }
      : {
          bash: `timeout ${seconds} bash -c 'exec 3<>"/dev/tcp/$0/$1"; cat <&3' ${target} ${number} 2>/dev/null | search`,
          nc: `{ sleep ${Math.min(seconds, 2)} | nc -w ${seconds} ${target} ${number} 2>/dev/null; } | search`,
        };
  // Without a program that connects, only whether something listens on this host itself can be told.
  const table =
    pattern === undefined
      ? `grep -qiE '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A' /proc/net/tcp /proc/net/tcp6 2>/dev/null`
      : `{ echo 'searching what a port says needs bash or nc on the host' >&2; exit 2; }`;
  const local = ['127.0.0.1', 'localhost', '::1', '0.0.0.0'].includes(host);
  return `${pattern === undefined ? '' : `${searchText(pattern)}\n`}if command -v bash >/dev/null && command -v timeout >/dev/null; then check() { ${connect.bash}; }
elif command -v nc >/dev/null; then check() { ${connect.nc}; }
else ${local ? `check() { ${table}; }` : `echo 'connecting to another host needs bash with timeout, or nc' >&2; exit 2`}
fi`;
}

const STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
  CLOSE_WAIT: '08',
  LAST_ACK: '09',
  CLOSING: '0B',
};

export function isConnectionState(name: string): boolean {
  return Object.hasOwn(STATES, name);
}

/** Drained: no connection to the port is left in one of the states, but for those of excluded hosts. */
function drainedCheck({ port = 0, active_connection_states: states, exclude_hosts: excluded = [] }: WaitWish): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const wanted = states
    .map((name) => STATES[name] ?? '')
    .filter((code) => code !== '')
    .join('|');
  const without = excluded.map(hexAddress).filter((address) => address !== undefined);
  const filter = without.length === 0 ? '' : ` | grep -viE ' (${without.join('|')}):[0-9A-F]{4} '`;
  return `check() { ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -iE '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F]+:[0-9A-F]{4} (${wanted}) '${filter} | grep -q .; }`;
}

/** An IPv4 address as the kernel's table writes it, alone or mapped into IPv6; undefined for anything else. */
export function hexAddress(address: string): string | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return `(0000000000000000FFFF0000)?${parts
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')}`;
}
