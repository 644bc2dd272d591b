// What a server of MySQL answers to several statements at once, as rows by the names of their columns.
import { scriptProbe, type Answer, type Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import { answerComplaint, cells, clientScript, statements, type LoginArgs } from './client.ts';

export type Row = Readonly<Record<string, string | null>>;
export interface ResultSets {
  readonly kind: 'rows' | 'missing' | 'refused';
  /** By the name that the statement was asked under; of one that gave no row, none. */
  readonly sets: Readonly<Record<string, readonly Row[]>>;
  readonly info: { readonly message: string };
}

/** Asks statements by name, in `database`. Of those in `optional` an error is no answer; any other error is a refusal. `read` makes more of the answer. */
export function rowsProbe<S>(
  resource: string,
  args: LoginArgs,
  home: string,
  asked: Readonly<Record<string, string>>,
  read: (sets: ResultSets) => S,
  { optional = [], database }: { readonly optional?: readonly string[]; readonly database?: string | undefined } = {},
): Probe<S> {
  const marked = (names: readonly string[]): string =>
    statements(
      { sql_log_bin: true },
      names.flatMap((name) => [`SELECT '@@${name}' AS '@@'`, asked[name] ?? '']),
    );
  const surely = Object.keys(asked).filter((name) => !optional.includes(name));
  const maybe = Object.keys(asked).filter((name) => optional.includes(name));
  const script = `${clientScript(args, home, 'observe', { columns: true, ...(database === undefined ? {} : { database }) })}printf %s ${quote(marked(surely))} | vbx_sql || { echo @@refused; exit 0; }
${maybe.length === 0 ? '' : `printf %s ${quote(marked(maybe))} | vbx_sql --force 2>/dev/null`}
:`;
  return scriptProbe(`mysql ${resource}`, script, (answer) => read(parseResultSets(answer)), {
    costly: true,
    stderr: true,
  });
}

export function parseResultSets(answer: Answer): ResultSets {
  const lines = answer.stdout.toString('utf8').split('\n');
  const info = { message: answerComplaint(answer) };
  if (lines[0] === '@@missing') return { kind: 'missing', sets: {}, info };
  if (lines.includes('@@refused')) return { kind: 'refused', sets: {}, info };
  const sets: Record<string, Row[]> = {};
  let rows: Row[] = [];
  let columns: readonly string[] | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '@@') {
      sets[(lines[++at] ?? '').slice(2)] = rows = [];
      columns = undefined;
    } else if (line !== '' && columns === undefined) columns = cells(line);
    else if (columns !== undefined && (line !== '' || columns.length === 1) && at < lines.length - 1) {
      const values = line.split('\t').map((cell) => (cell === 'NULL' ? null : (cells(cell)[0] ?? '')));
      rows.push(Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])));
    }
  }
  return { kind: 'rows', sets, info: { message: '' } };
}
