// The same playbooks under Ansible and under vbx, on fresh hosts each: hosts, results, output and exit status must be equal.
import { beforeAll, describe, expect, test } from 'vitest';
import { comparable } from './comparable.ts';
import { scenarios } from './scenarios.ts';
import { findRoot, runWorld } from './world.ts';

let root = '';
beforeAll(async () => {
  root = await findRoot();
});

describe.concurrent('Ansible and vbx agree', () => {
  test.for(scenarios)('$name', async ({ runs }, { expect: expected }) => {
    const [ansible, vbx] = await Promise.all([runWorld(root, 'ansible', runs), runWorld(root, 'vbx', runs)]);
    // A playbook that cannot be read would agree too.
    for (const run of ansible) expect(run.stdout, run.stderr).toContain('PLAY RECAP');
    for (const [index, run] of ansible.entries())
      expected(vbx[index] && comparable(vbx[index]), vbx[index]?.stderr).toEqual(comparable(run));
  });
});
