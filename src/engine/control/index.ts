// The control modules by name: what the engine itself carries out.
import { asyncStatus } from '../async-run.ts';
import { addHost, groupBy } from './hosts.ts';
import { includeRole, includeTasks, meta } from './flow.ts';
import { assert, debug, fail } from './say.ts';
import { validateArgumentSpec } from './argument-spec.ts';
import { includeVars, setFact, setStats } from './variables.ts';
import { pause } from './wait.ts';
import type { Control } from './control.ts';

export const CONTROL: Readonly<Record<string, Control>> = {
  'ansible.builtin.add_host': addHost,
  'ansible.builtin.assert': assert,
  'ansible.builtin.async_status': asyncStatus,
  'ansible.builtin.debug': debug,
  'ansible.builtin.fail': fail,
  'ansible.builtin.group_by': groupBy,
  'ansible.builtin.include_role': includeRole,
  'ansible.builtin.include_tasks': includeTasks,
  'ansible.builtin.include_vars': includeVars,
  'ansible.builtin.meta': meta,
  'ansible.builtin.pause': pause,
  'ansible.builtin.set_fact': setFact,
  'ansible.builtin.set_stats': setStats,
  'ansible.builtin.validate_argument_spec': validateArgumentSpec,
};

/** Tasks of these run once for all hosts of a batch, as under Ansible. */
export const ONCE_FOR_ALL: ReadonlySet<string> = new Set(['ansible.builtin.add_host', 'ansible.builtin.pause']);
