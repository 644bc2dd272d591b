// What is set of a task's connection, as variables below all others: templates may ask for `ansible_host` where nobody wrote it.
import type { VarsLayer } from '../../core/host.ts';
import type { Task } from '../../core/play.ts';
import { Dict, TemplateText, type Value } from '../../core/value.ts';

/** What the command line and the settings say of connections. */
export interface ConnectionSayings {
  readonly connection?: string;
  readonly user?: string;
  readonly port?: number;
  readonly timeout?: number;
  readonly privateKeyFile?: string;
  readonly interpreterPython?: string;
}

/** Pairs of one meaning: where one is written, the other has its value. */
const PAIRS = [
  ['ansible_host', 'ansible_ssh_host'],
  ['ansible_user', 'ansible_ssh_user'],
  ['ansible_port', 'ansible_ssh_port'],
  ['ansible_timeout', 'ansible_ssh_timeout'],
  ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
] as const;
const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * The variables that Ansible gives every task of its connection: keywords over the command line over settings. `name` is the host that is
 * acted on, `known` whether the inventory has it; `written` looks a name up among all other variables. What nothing says is not there, nor
 * what a template says: it may ask for the very variable, which is then not defined.
 */
export function connectionVariables(
  name: string,
  known: boolean,
  task: Task,
  sayings: ConnectionSayings,
  written: (name: string) => Value | undefined,
): VarsLayer {
  const said = (key: 'connection' | 'remote_user' | 'port', otherwise: Value | undefined): Value | undefined =>
    task.keywords[key]?.value ?? otherwise;
  const own: Record<string, Value | undefined> = {
    ansible_host: name,
    ansible_connection: said(
      'connection',
      (!known && LOCAL.has(name) ? 'local' : undefined) ?? sayings.connection ?? 'ssh',
    ),
    ansible_user: said('remote_user', sayings.user),
    ansible_port: said('port', sayings.port),
    ansible_timeout: sayings.timeout,
    ansible_private_key_file: sayings.privateKeyFile,
    ansible_python_interpreter: sayings.interpreterPython,
    ansible_shell_type: 'sh',
    ansible_shell_executable: '/bin/sh',
  };
  const vars = new Dict();
  for (const [key, value] of Object.entries(own))
    if (value !== undefined && value !== null && !(value instanceof TemplateText)) vars.set(key, value);
  for (const [modern, old] of PAIRS) {
    const value = written(modern) ?? written(old) ?? vars.get(modern);
    if (value === undefined || value instanceof TemplateText) continue;
    vars.set(modern, value);
    vars.set(old, value);
  }
  return { level: 'command line values', vars };
}
