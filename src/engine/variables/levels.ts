// The order in which sources of variables win over one another, weakest first: Ansible's 22 levels and what vbx adds around them.

/**
 * Words of Ansible's documentation ("Understanding variable precedence"), numbered as there. Number 1 (command line values such as `-u`)
 * are settings, not variables. Above number 22 stand what a run itself knows: magic variables, then those of a loop.
 */
export const LEVELS = [
  'command line values',
  'role defaults',
  'inventory file or script group vars',
  'inventory group_vars/all',
  'playbook group_vars/all',
  'inventory group_vars/*',
  'playbook group_vars/*',
  'inventory file or script host vars',
  'inventory host_vars/*',
  'playbook host_vars/*',
  'host facts / cached set_facts',
  'play vars',
  'play vars_prompt',
  'play vars_files',
  'role vars',
  'block vars',
  'task vars',
  'include_vars',
  'set_facts / registered vars',
  'role (and include_role) params',
  'include params',
  'extra vars',
  'magic variables',
  'loop variables',
] as const;
export type Level = (typeof LEVELS)[number];

/** Number of a level in Ansible's list, 1 to 22; 23 and 24 for magic and loop variables; undefined for a word that is no level. */
export function levelNumber(level: string): number | undefined {
  const index = LEVELS.findIndex((known) => known === level);
  return index < 0 ? undefined : index + 1;
}
