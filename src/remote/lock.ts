// A lock on a machine for one run of vbx: a file that names the process that keeps the connection; when that process is gone, so is the lock.
import type { Snippet } from '../core/connection.ts';
import type { Answer } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

export interface LockInfo {
  /** Name of the lock: a word of letters, digits, dots and dashes. Default `vbx`. */
  readonly name?: string;
  readonly run: string;
  /** `user@controller`. */
  readonly who: string;
  /** Process id of vbx on the controller. */
  readonly pid: number;
  /** ISO time. */
  readonly since: string;
}

export interface LockOwner {
  readonly run: string;
  readonly who: string;
  readonly pid: number;
  readonly since: string;
  /** Its connection is gone: the next `take` gets the lock. */
  readonly stale: boolean;
  readonly path: string;
}

export type LockState =
  | { readonly kind: 'taken'; readonly path: string }
  | { readonly kind: 'held'; readonly owner: LockOwner }
  | { readonly kind: 'free' }
  /** No folder to keep it in, with the reason. */
  | { readonly kind: 'impossible'; readonly reason: string };

/**
 * Shell text, run in an exchange, for a lock that lasts as long as the connection: the process that is recorded is the first above the shell that is
 * neither a shell nor sudo, su or doas, i.e. the connection's sshd (locally: vbx itself), by its id, its start time and the machine's boot id.
 * Where other users' processes cannot be seen (hidepid) a lock of another user counts as held.
 */
export const lockSnippets = {
  /** Takes the lock, over a stale one too. Taking it again in the same run, or in a run that the owner's started, is taking it; only the owner's gives it back. */
  take(info: LockInfo): Snippet {
    const owner = [info.run, info.who, String(info.pid), info.since].map(line).join('\n');
    return {
      script: `${COMMON}
_name=${quote(lockName(info))}; _owner=${quote(owner)}
holder
for _d in /run/lock /var/lock "$HOME"; do [ -d "$_d" ] && [ -w "$_d" ] && break; _d=; done
[ -n "$_d" ] || { echo 'impossible no folder to keep a lock in'; exit 0; }
_l=$_d/.$_name.lock
put() { printf '%s\\n%s\\n%s\\n' "$_owner" "$_pid $_start" "$_boot" >"$_l"; }
for _try in 1 2 3 4 5; do
  # Made by this shell or not at all (O_EXCL); a special built-in would end the shell.
  set -C; { true >"$_l"; } 2>/dev/null; _rc=$?; set +C
  if [ $_rc = 0 ]; then if put; then echo "taken $_l"; else rm -f "$_l"; echo "impossible $_l cannot be written"; fi; exit 0; fi
  [ -e "$_l" ] || [ -L "$_l" ] || { echo "impossible $_l cannot be made"; exit 0; }
  look "$_l"
  # A lock without an owner is about to get one; if not within a second, its taker died between.
  _w=0; while [ "$_state" = empty ] && [ $_w -lt 10 ]; do sleep 0.1 2>/dev/null || { sleep 1; _w=9; }; _w=$((_w + 1)); look "$_l"; done
  [ "$_state" = empty ] && _state=stale
  # This run may reach one machine by several names at once.
  [ "$_orun" = ${quote(line(info.run))} ] && [ -n "$_orun" ] && { put; echo "taken $_l"; exit 0; }
  # A command of the run that has it may be vbx again, for this machine.
  [ "$_state" = held ] && within && { echo "taken $_l"; exit 0; }
  [ "$_state" = held ] && { tell "$_l"; exit 0; }
  # One taker at a time removes a stale lock, after looking again.
  if mkdir "$_l.breaking" 2>/dev/null; then
    look "$_l"
    if [ "$_state" != held ]; then rm -rf "$_l" 2>/dev/null || { rmdir "$_l.breaking"; tell "$_l"; exit 0; }; fi
    rmdir "$_l.breaking"
  else sleep 1; [ $_try -ge 4 ] && rmdir "$_l.breaking" 2>/dev/null; fi
done
look "$_l"; tell "$_l"`,
    };
  },
  /** Who has the lock. */
  inspect(name?: string): Snippet {
    return {
      script: `${COMMON}
for _d in /run/lock /var/lock "$HOME"; do _l=$_d/.${lockName({ name })}.lock; [ -e "$_l" ] && { look "$_l"; tell "$_l"; exit 0; }; done; echo free`,
    };
  },
  /** Gives the lock back, if it is this run's; nothing otherwise. */
  release(info: Pick<LockInfo, 'name' | 'run'>): Snippet {
    return {
      script: `for _d in /run/lock /var/lock "$HOME"; do _l=$_d/.${lockName(info)}.lock; _orun=; { IFS= read -r _orun <"$_l"; } 2>/dev/null; [ "$_orun" = ${quote(line(info.run))} ] && rm -f "$_l"; done; echo free`,
    };
  },
  /** Takes it from whoever has it. */
  remove(name?: string): Snippet {
    return {
      script: `for _d in /run/lock /var/lock "$HOME"; do _l=$_d/.${lockName({ name })}.lock; [ -e "$_l" ] || [ -L "$_l" ] || continue; rm -rf "$_l" || { echo "impossible $_l cannot be removed"; exit 0; }; done 2>/dev/null; echo free`,
    };
  },
  /** What any of them said. */
  parse(answer: Answer): LockState {
    const text = answer.stdout.toString('utf8');
    const [first = '', ...rest] = text.split('\n');
    const [word, ...words] = first.split(' ');
    if (word === 'taken') return { kind: 'taken', path: words.join(' ') };
    if (word === 'free') return { kind: 'free' };
    if (word === 'impossible') return { kind: 'impossible', reason: words.join(' ') };
    const [run = '', who = '', pid = '', since = ''] = rest;
    if (word === 'held' || word === 'stale' || word === 'empty')
      return {
        kind: 'held',
        owner: { run, who, pid: Number(pid), since, stale: word !== 'held', path: words.join(' ') },
      };
    return {
      kind: 'impossible',
      reason: answer.stderr.toString('utf8').trim() || `the host answered ${JSON.stringify(first)}`,
    };
  },
} as const;

/** `holder` sets the recorded process; `within` tells whether it descends from the one that the lock looked at names; `look FILE` reads a lock into _state (held, stale, empty) and _orun...; `tell FILE` prints it. */
const COMMON = String.raw`boot() { _boot=; { IFS= read -r _boot </proc/sys/kernel/random/boot_id; } 2>/dev/null; }
fields() { _s=; { IFS= read -r _s <"/proc/$1/stat"; } 2>/dev/null || return 1; _comm=${'${_s#*\\(}'}; _comm=${'${_comm%)*}'}; set -- ${'${_s##*) }'}; _parent=$2; shift 19 2>/dev/null; _began=$1; }
holder() {
  boot; _pid=$$; _start=; _next=$$
  while fields "$_next"; do
    _pid=$_next; _start=$_began
    case $_comm in sh|dash|bash|ash|busybox|ksh|mksh|zsh|fish|csh|tcsh|sudo|su|doas|cat|script|setsid) ;; *) break ;; esac
    [ "$_parent" -gt 1 ] || break
    _next=$_parent
  done
}
look() {
  _state=empty; _orun=; _owho=; _ovbx=; _osince=; _oproc=; _oboot=
  { { IFS= read -r _orun; IFS= read -r _owho; IFS= read -r _ovbx; IFS= read -r _osince; IFS= read -r _oproc; IFS= read -r _oboot; } <"$1"; } 2>/dev/null || return 0
  _state=held; boot
  [ "$_oboot" = "$_boot" ] || { _state=stale; return 0; }
  if fields "${'${_oproc%% *}'}"; then [ "$_began" = "${'${_oproc#* }'}" ] || _state=stale
  elif [ -r /proc/1/stat ]; then _state=stale; fi
}
within() {
  holder; fields "$_pid" || return 1; _next=$_parent
  while [ "$_next" -gt 1 ] && fields "$_next"; do [ "$_next $_began" = "$_oproc" ] && return 0; _next=$_parent; done
  return 1
}
tell() { printf '%s %s\n%s\n%s\n%s\n%s\n' "$_state" "$1" "$_orun" "$_owho" "$_ovbx" "$_osince"; }`;

function lockName({ name = 'vbx' }: { readonly name?: string | undefined }): string {
  if (!/^[A-Za-z0-9.-]+$/.test(name)) throw new Error(`"${name}" cannot be the name of a lock`);
  return name;
}

/** A field of the owner file is a line. */
function line(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
