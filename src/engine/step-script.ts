// Steps as shell text: one snippet a step, built of shell built-ins where possible, so that a bundle of writes costs few processes on the host.
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { PathState } from '../core/path-state.ts';
import { attributeCommand } from '../core/chown-script.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { rsyncWords } from '../core/rsync-words.ts';
import { VALIDATION_FAILED, type Step } from '../core/step.ts';
import { putInPlace } from '../core/put-in-place.ts';

/** Exit status of a step whose guard did not hold: nothing was changed, the task is to be planned afresh. */
export const GUARD_FAILED = 213;

/** Content above this size is streamed over a channel of its own. */
export const STREAM_ABOVE = 1024 * 1024;

/** Whether the step's content is too large for shell text, so that its script reads the bytes from stdin. */
export function isStreamed(step: Step): boolean {
  return step.kind === 'write' && (step.content.bytes === undefined || step.content.size > STREAM_ABOVE);
}

/** Bytes as arguments of the shell's own printf, which needs no process and no temporary file. */
export function printBytes(data: string | Buffer): string {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const plain = bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 9);
  if (plain) return `printf %s ${quote(bytes.toString('latin1'))}`;
  let text = '';
  for (const byte of bytes)
    text +=
      byte === 92
        ? '\\\\'
        : (byte >= 32 && byte < 127) || byte === 10 || byte === 9
          ? String.fromCharCode(byte)
          : `\\0${byte.toString(8).padStart(3, '0')}`;
  return `printf %b ${quote(text)}`;
}

/** Shell text that leaves with GUARD_FAILED unless the path is still in the observed state. */
function guard(path: string, state: PathState): string {
  const p = quote(path);
  switch (state.kind) {
    case 'absent':
      return `if [ -e ${p} ] || [ -L ${p} ]; then echo 'the path has come into being since it was looked at' >&2; exit ${GUARD_FAILED}; fi`;
    case 'file':
      // A file that an earlier step of the same bundle makes has no inode yet that could be held against it.
      if (!(state.info.inode > 0))
        return `[ -f ${p} ] || { echo 'the file is gone since it was looked at' >&2; exit ${GUARD_FAILED}; }`;
      return `[ "$(stat -c '%i %s %Y' -- ${p} 2>/dev/null)" = ${quote(`${state.info.inode} ${state.info.size} ${Math.floor(state.info.mtime)}`)} ] || { echo 'the file has changed since it was looked at' >&2; exit ${GUARD_FAILED}; }`;
    case 'directory':
      return `{ [ -d ${p} ] && [ ! -L ${p} ]; } || { echo 'the directory is gone since it was looked at' >&2; exit ${GUARD_FAILED}; }`;
    case 'link':
      return `[ "$(readlink -- ${p} 2>/dev/null)" = ${quote(state.target)} ] || { echo 'the link has changed since it was looked at' >&2; exit ${GUARD_FAILED}; }`;
    case 'other':
      return `{ [ -e ${p} ] && [ ! -f ${p} ] && [ ! -d ${p} ]; } || { echo 'the path has changed since it was looked at' >&2; exit ${GUARD_FAILED}; }`;
    case 'denied':
      return ':';
  }
}

function environmentText(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quote(value)}; `)
    .join('');
}

/** The write of a file; see Step `write` for what it promises. `token` makes the temporary name. */
function writeScript(step: Step & { kind: 'write' }, token: string): string {
  const path = quote(step.path);
  const folder = posix.dirname(step.path);
  const temporary = quote(`${folder === '/' ? '' : folder}/.vbx-${token}~`);
  const exists = step.guard.kind === 'file' || step.guard.kind === 'other';
  const lines = [
    'vbx_umask=$(umask); umask 077',
    `t=${temporary}`,
    guard(step.path, step.guard),
    `trap 'rm -f -- "$t"' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM`,
    // Shells say of their own printf that it failed, and not why (no space, a quota): a program that writes on tells.
    isStreamed(step)
      ? 'cat > "$t" || exit'
      : `${printBytes(step.content.bytes as Buffer)} > "$t" || { [ -f "$t" ] && cat /bin/sh >> "$t"; exit 1; }`,
  ];
  if (isStreamed(step))
    lines.push(`[ "$(wc -c < "$t")" -eq ${step.content.size} ] || { echo 'the transfer was cut short' >&2; exit 1; }`);
  // An existing file's owner, mode, ACL, attributes and context go over in one process; busybox knows only the plain ones.
  if (exists)
    lines.push(
      `cp -a --attributes-only --no-preserve=timestamps -- ${path} "$t" 2>/dev/null || { chown "$(stat -c %u:%g -- ${path})" "$t" && chmod "$(stat -c %a -- ${path})" "$t"; } || exit`,
    );
  if (step.owner !== undefined || step.group !== undefined)
    lines.push(
      chownOf(step.owner === '' ? '' : `${step.owner ?? ''}${step.group === undefined ? '' : `:${step.group}`}`),
    );
  if (step.mode !== undefined) lines.push(`chmod ${quote(step.mode)} "$t" || exit`);
  else if (!exists) lines.push('umask "$vbx_umask"; chmod =rw "$t" || exit');
  if (step.validate !== undefined)
    lines.push(
      `vo=$(${step.validate.replaceAll('%s', '"$t"')}) || { rc=$?; [ -z "$vo" ] || printf '%s\\n' "$vo"; echo "${VALIDATION_FAILED} $rc"; exit $rc; }`,
    );
  if (step.backup === true && exists)
    lines.push(`b=${path}.$$.$(date +%Y-%m-%d@%H:%M:%S~); cp -a -- ${path} "$b" || exit; printf 'backup %s\\n' "$b"`);
  lines.push('sync -- "$t" 2>/dev/null || sync');
  const inPlace = `cat "$t" > ${path} && rm -f -- "$t"`;
  // A file that is a mount of its own (as in containers) cannot be renamed over: there, and where asked for, it is written in place.
  const isDevice = step.guard.kind === 'other' && (step.guard.type === 'char' || step.guard.type === 'block');
  if (isDevice) lines.push(putInPlace('"$t"', path));
  else
    lines.push(
      `if mv -f -- "$t" ${path} 2>/dev/null; then trap - EXIT; ${step.unsafe === true ? `elif ${inPlace}; then :; ` : `elif [ -f ${path} ] && grep -q -F -- ${quote(` ${step.path.replaceAll(' ', '\\040')} `)} /proc/self/mountinfo 2>/dev/null && ${inPlace}; then echo 'written in place: it is a mount of its own'; `}else mv -f -- "$t" ${path}; exit; fi`,
    );
  return lines.join('\n');
}

/** The owner of the temporary file, whose name `attributeCommand` cannot know. */
const chownOf = (owner: string): string =>
  attributeCommand(['chown', owner, '--', '$t'], 'chown failed').replace(quote('$t'), '"$t"');

/**
 * A step as shell text for one snippet, or undefined for steps that are no shell text of their own (http, download, rsync, talk, reconnect, sleep).
 * `environment` is the task's. The text of a streamed write reads the content from stdin.
 */
export function stepScript(
  step: Step,
  environment: Readonly<Record<string, string>> = {},
  token: string = randomBytes(6).toString('hex'),
): string | undefined {
  switch (step.kind) {
    case 'run': {
      const all = environmentText({ ...environment, ...step.environment });
      const command = `${step.chdir === undefined ? '' : `cd ${quote(step.chdir)} && `}${quoteAll(step.argv)}`;
      return `${all}${step.stdin === undefined ? command : `${printBytes(step.stdin)} | { ${command}; }`}`;
    }
    case 'script':
      return `${environmentText(environment)}${step.stdin === undefined ? step.script : `${printBytes(step.stdin)} | {\n${step.script}\n}`}`;
    case 'command':
      return step.script;
    case 'write':
      return writeScript(step, token);
    case 'remove': {
      const path = quote(step.path);
      const check = step.guard === undefined ? '' : `${guard(step.path, step.guard)}\n`;
      return `${check}${step.recursive === true ? `rm -rf -- ${path}` : `if [ -d ${path} ] && [ ! -L ${path} ]; then rmdir -- ${path}; else rm -f -- ${path}; fi`}`;
    }
    case 'wait':
      return `${step.delay === undefined || step.delay === 0 ? '' : `sleep ${step.delay}\n`}n=0\nwhile :; do ( ${step.script}\n) && exit 0; n=$((n + 1)); [ $((n * ${Math.max(1, Math.ceil(step.every))})) -gt ${Math.ceil(step.atMost)} ] && exit 1; sleep ${step.every}; done`;
    case 'http':
    case 'download':
    case 'rsync':
    case 'talk':
    case 'reconnect':
    case 'sleep':
      return undefined;
  }
}

/** What a step does, for messages about its failure; never holds its input. */
export function displayStep(step: Step): string {
  switch (step.kind) {
    case 'run':
      return step.secret === true ? `${step.argv[0] ?? ''} …` : quoteAll(step.argv);
    case 'script':
      return step.secret === true ? 'a script of the module' : step.script;
    case 'command':
    case 'http':
    case 'talk':
    case 'wait':
      return step.display;
    case 'write':
      return `write ${step.path}`;
    case 'remove':
      return `remove ${step.path}`;
    case 'download':
      return `download ${step.path}`;
    case 'rsync':
      return rsyncWords(step).join(' ');
    case 'reconnect':
      return step.reboot ? 'reboot' : 'reconnect';
    case 'sleep':
      return `sleep ${step.seconds}`;
  }
}
