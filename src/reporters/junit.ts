// A run as JUnit XML for CI: a suite a play, a case a host and task; whatever hosts wrote is escaped and without control characters.
import type { Event, Reporter } from '../core/event.ts';
import { formatOrigin, type Origin } from '../core/origin.ts';
import type { Outcome } from '../core/outcome.ts';
import { printable } from '../core/printable.ts';

/** What is kept of an output in a failure. */
const MOST_OUTPUT = 10_000;

interface Case {
  readonly host: string;
  readonly task: string;
  readonly origin: Origin | undefined;
  readonly seconds: number;
  readonly outcome: Outcome;
}
interface Suite {
  readonly name: string;
  readonly at: number;
  readonly cases: Map<string, Case>;
}

/** Writes the whole document when the run has ended; a task that is tried again counts with its last outcome. */
export function junit(write: (text: string) => void): Reporter {
  const suites: Suite[] = [];
  const tasks = new Map<string, { readonly name: string; readonly origin: Origin | undefined }>();
  return {
    event(event: Event) {
      if (event.kind === 'play-start') suites.push({ name: event.name, at: event.at, cases: new Map() });
      else if (event.kind === 'task-start')
        tasks.set(event.task.id, {
          name: `${event.task.role === undefined ? '' : `${event.task.role} : `}${event.task.name}`,
          origin: event.task.origin,
        });
      else if (event.kind === 'host-end') {
        const task = tasks.get(event.task);
        suites.at(-1)?.cases.set(`${event.host}\n${event.task}`, {
          host: event.host,
          task: task?.name ?? event.task,
          origin: task?.origin,
          seconds: event.seconds,
          outcome: slim(event.outcome),
        });
      }
    },
    close: () => write(documentOf(suites)),
  };
}

/** Only what the document tells is kept in memory. */
function slim({ kind, ignored, because, result }: Outcome): Outcome {
  const bad = kind === 'failed' || kind === 'unreachable';
  const kept = Object.fromEntries(
    (bad ? ['msg', 'cmd', 'rc', 'stdout', 'stderr'] : kind === 'skipped' ? ['false_condition'] : [])
      .filter((key) => result[key] !== undefined)
      .map((key) => [key, result[key]]),
  );
  return {
    kind,
    result: kept,
    ...(ignored === undefined ? {} : { ignored }),
    ...(because === undefined ? {} : { because }),
  };
}

const isFailure = ({ outcome }: Case): boolean => outcome.kind === 'failed' && outcome.ignored !== true;
const isError = ({ outcome }: Case): boolean => outcome.kind === 'unreachable' && outcome.ignored !== true;
const isSkipped = ({ outcome }: Case): boolean => outcome.kind === 'skipped' || outcome.kind === 'unknown';

function documentOf(suites: readonly Suite[]): string {
  const all = suites.flatMap((suite) => [...suite.cases.values()]);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="vbx" ${counts(all)}>`];
  for (const { name, at, cases } of suites) {
    const own = [...cases.values()];
    lines.push(
      `  <testsuite name="${xml(name)}" ${counts(own)} timestamp="${new Date(at).toISOString()}">`,
      ...own.flatMap(caseLines),
      '  </testsuite>',
    );
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

function counts(cases: readonly Case[]): string {
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  return `tests="${cases.length}" failures="${cases.filter(isFailure).length}" errors="${cases.filter(isError).length}" skipped="${cases.filter(isSkipped).length}" time="${seconds.toFixed(3)}"`;
}

function caseLines(each: Case): string[] {
  const { host, task, origin, seconds, outcome } = each;
  const place = origin === undefined ? '' : ` file="${xml(origin.file)}" line="${origin.line}"`;
  const open = `    <testcase classname="${xml(host)}" name="${xml(task)}" time="${seconds.toFixed(3)}"${place}`;
  if (isFailure(each) || isError(each)) {
    const tag = isError(each) ? 'error' : 'failure';
    return [
      `${open}>`,
      `      <${tag} message="${xml(messageOf(outcome))}" type="${outcome.kind}">${xml(detailOf(outcome, origin))}</${tag}>`,
      '    </testcase>',
    ];
  }
  if (isSkipped(each))
    return [
      `${open}><skipped message="${xml(outcome.because === undefined ? String((outcome.result['false_condition'] as string | undefined) ?? '') : `depends on ${outcome.because}`)}"/></testcase>`,
    ];
  return [`${open}/>`];
}

function messageOf({ kind, result }: Outcome): string {
  const { msg: message } = result;
  return (
    (typeof message === 'string' ? message : message === undefined ? kind : JSON.stringify(message)).split(
      '\n',
      1,
    )[0] ?? ''
  );
}

function detailOf({ result }: Outcome, origin: Origin | undefined): string {
  const { msg: message, cmd: command, rc, stdout, stderr } = result;
  const parts: string[] = origin === undefined ? [] : [formatOrigin(origin)];
  if (message !== undefined) parts.push(typeof message === 'string' ? message : JSON.stringify(message));
  if (command !== undefined) parts.push(`$ ${Array.isArray(command) ? command.join(' ') : String(command as string)}`);
  if (typeof rc === 'number') parts.push(`exit status ${rc}`);
  for (const [name, text] of [
    ['stderr', stderr],
    ['stdout', stdout],
  ] as const)
    if (typeof text === 'string' && text !== '') parts.push(`${name}:\n${text.slice(-MOST_OUTPUT)}`);
  return parts.join('\n');
}

/** Text for XML 1.0: markup escaped, characters that XML cannot hold shown visibly. */
function xml(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;');
}
