// Results of a single module on many hosts as Ansible's ad hoc command prints them: a block or, where it is wanted, one line a host.
import type { Outcome, Result } from '../core/outcome.ts';
import { printable } from '../core/printable.ts';
import { sorted } from './python-json.ts';

/** Modules whose output is told as text. */
const isCommand = (action: string | undefined): boolean =>
  ['command', 'shell', 'raw', 'script'].includes(action?.split('.').at(-1) ?? '');

const WORDS: Readonly<Record<Outcome['kind'], string>> = {
  ok: 'SUCCESS',
  changed: 'CHANGED',
  failed: 'FAILED',
  unreachable: 'UNREACHABLE',
  skipped: 'SKIPPED',
  unknown: 'SKIPPED',
};

/** `clean`: the result as it is shown. */
export function adHocLines(
  host: string,
  outcome: Outcome,
  action: string | undefined,
  clean: Result,
): readonly string[] {
  const { kind, result } = outcome;
  const word = WORDS[kind];
  if (isCommand(action) && typeof result['rc'] === 'number' && kind !== 'unreachable') {
    const text = [result['stdout'], result['stderr'], kind === 'failed' ? result['msg'] : '']
      .filter((part) => typeof part === 'string' && part !== '')
      .join('');
    return [`${host} | ${word} | rc=${result['rc']} >>\n${printable(text)}`.replace(/\n$/, '')];
  }
  return [
    `${host} | ${word}${kind === 'failed' || kind === 'unreachable' ? '!' : ''} => ${JSON.stringify(sorted(clean), null, 4)}`,
  ];
}

/** With `--one-line`: a command that failed is told twice, as Ansible does. */
export function adHocOneLine(
  host: string,
  outcome: Outcome,
  action: string | undefined,
  clean: Result,
): readonly string[] {
  const { kind, result } = outcome;
  if (kind === 'unreachable')
    return [`${host} | UNREACHABLE!: ${oneLine(String((result['msg'] as string | undefined) ?? ''))}`];
  if (kind === 'skipped' || kind === 'unknown') return [`${host} | SKIPPED`];
  const command = isCommand(action) && typeof result['rc'] === 'number' ? [commandLine(host, WORDS[kind], result)] : [];
  if (kind === 'failed') return [...command, `${host} | FAILED! => ${oneLineJson(clean)}`];
  return command.length > 0 ? command : [`${host} | ${WORDS[kind]} => ${oneLineJson(clean)}`];
}

function commandLine(host: string, word: string, result: Result): string {
  const text = (name: string): string => (typeof result[name] === 'string' ? oneLine(result[name]) : '');
  const stderr = text('stderr');
  return `${host} | ${word} | rc=${String(result['rc'] as number)} | (stdout) ${text('stdout')}${stderr === '' ? '' : ` (stderr) ${stderr}`}`;
}

const oneLine = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r');

/** JSON of several lines with the breaks taken out: blanks behind colons alone. */
function oneLineJson(value: unknown): string {
  return printable(JSON.stringify(sorted(value), null, 1).replaceAll(/\n */g, ''));
}
