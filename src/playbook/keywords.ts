// The keywords of Ansible core 2.19's playbook language: where each may stand and which of them a task inherits.
import type { Keyword } from '../core/play.ts';

/** Inherited from play, role, blocks and static imports; the nearest one wins. */
export const INHERITED = [
  'any_errors_fatal',
  'become',
  'become_exe',
  'become_flags',
  'become_method',
  'become_user',
  'check_mode',
  'connection',
  'debugger',
  'delegate_facts',
  'delegate_to',
  'diff',
  'ignore_errors',
  'ignore_unreachable',
  'no_log',
  'port',
  'remote_user',
  'run_once',
  'throttle',
  'timeout',
  'vbx_batch',
] as const satisfies readonly Keyword[];

/** Of a task alone. */
export const OF_TASK = [
  'async',
  'changed_when',
  'delay',
  'failed_when',
  'poll',
  'retries',
  'until',
] as const satisfies readonly Keyword[];

/** Play keywords that the engine reads as they are written. */
export const PLAY_SETTINGS = [
  'fact_path',
  'force_handlers',
  'gather_facts',
  'gather_subset',
  'gather_timeout',
  'max_fail_percentage',
  'order',
  'serial',
  'strategy',
] as const;

const BASE = [
  'any_errors_fatal',
  'become',
  'become_exe',
  'become_flags',
  'become_method',
  'become_user',
  'check_mode',
  'collections',
  'connection',
  'debugger',
  'diff',
  'environment',
  'ignore_errors',
  'ignore_unreachable',
  'module_defaults',
  'name',
  'no_log',
  'port',
  'remote_user',
  'run_once',
  'tags',
  'throttle',
  'timeout',
  'vars',
  'vbx_batch',
];
const DELEGATION = ['delegate_facts', 'delegate_to'];
const TASK = [
  ...BASE,
  ...DELEGATION,
  ...OF_TASK,
  'action',
  'args',
  'local_action',
  'loop',
  'loop_control',
  'notify',
  'register',
  'when',
];

export type Place = 'play' | 'role' | 'block' | 'task' | 'handler' | 'import_playbook' | 'include';

export const KEYWORDS: Readonly<Record<Place, ReadonlySet<string>>> = {
  play: new Set([
    ...BASE,
    ...PLAY_SETTINGS,
    'handlers',
    'hosts',
    'post_tasks',
    'pre_tasks',
    'roles',
    'tasks',
    'user',
    'vars_files',
    'vars_prompt',
  ]),
  role: new Set([...BASE, ...DELEGATION, 'role', 'when']),
  block: new Set([...BASE, ...DELEGATION, 'always', 'block', 'notify', 'rescue', 'when']),
  task: new Set(TASK),
  handler: new Set([...TASK, 'listen']),
  import_playbook: new Set(['import_playbook', 'name', 'tags', 'vars', 'when']),
  /** include_tasks and include_role: what else is meant for the included tasks goes below `apply`. */
  include: new Set([
    'action',
    'args',
    'collections',
    'debugger',
    'ignore_errors',
    'listen',
    'loop',
    'loop_control',
    'name',
    'no_log',
    'register',
    'run_once',
    'tags',
    'timeout',
    'vars',
    'when',
  ]),
};

/** Words that Ansible once had or that belong elsewhere, with what to write instead. */
export const ADVICE: Readonly<Record<string, string>> = {
  sudo: 'become: true',
  sudo_user: 'become_user',
  su: 'become: true with become_method: su',
  su_user: 'become_user',
  first_available_file: 'with_first_found',
  include: 'include_tasks',
  static: 'import_tasks or include_tasks',
  always_run: 'check_mode: false',
  accelerate: 'nothing: the setting is gone',
  with: 'loop',
  items: 'loop',
  condition: 'when',
  only_if: 'when',
};

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set([
  'False',
  'None',
  'True',
  'and',
  'as',
  'assert',
  'async',
  'await',
  'break',
  'class',
  'continue',
  'def',
  'del',
  'elif',
  'else',
  'except',
  'finally',
  'for',
  'from',
  'global',
  'if',
  'import',
  'in',
  'is',
  'lambda',
  'nonlocal',
  'not',
  'or',
  'pass',
  'raise',
  'return',
  'try',
  'while',
  'with',
  'yield',
]);

/** Whether a variable may have this name: a Python identifier of ASCII letters that is no word of Python's. */
export function isVariableName(name: unknown): name is string {
  return typeof name === 'string' && VARIABLE.test(name) && !RESERVED.has(name);
}
