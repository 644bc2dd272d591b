// Refused arguments as they stand in a failed result: in Ansible's words, where playbooks look for them.
import { describe, expect, it } from 'vitest';
import { validateArgs } from '../../src/engine/validate-args.ts';
import { file } from '../../src/modules/file.ts';
import { group } from '../../src/modules/group.ts';

describe('refused arguments', () => {
  it.each(['u=foo', 'foo=r', 'ao=r', 'oa=r', 'u=rw,abc=r'])('tell which part of the mode %s is none', (mode) => {
    expect(validateArgs(file, { path: '/x', mode }).problems).toMatchObject([{ own: 'mode must be in octal or symbolic form', fields: { details: `bad symbolic permission for mode: ${mode.split(',').at(-1) ?? ''}` } }]);
  });
  it.each(['0644', '644', 'a=r', '=r', 'ug+rwX,o-x', 'u=g'])('take %s as a mode', (mode) => {
    expect(validateArgs(file, { path: '/x', mode }).problems).toEqual([]);
  });
  it.each([[{ local: true, gid_min: 1 }, "'gid_min' can not be used with 'local'"], [{ local: true, gid_max: 9 }, "'gid_max' can not be used with 'local'"], [{ local: true, force: true }, /mutually exclusive/]] as const)('name what cannot go together: %j', (args, words) => {
    expect(validateArgs(group, { name: 'g', ...args }).problems[0]?.own).toMatch(words);
  });
});
