// --tags and --skip-tags, as Ansible decides.
import { expect, test } from 'vitest';
import { selects } from '../../src/playbook/tags.ts';

test.each<[tags: string[], only: string[], skip: string[], runs: boolean]>([
  [[], [], [], true],
  [['a'], [], [], true],
  [['never'], [], [], false],
  [['never', 'a'], ['a'], [], true],
  [['never', 'a'], ['all'], [], false],
  [['never', 'always'], [], [], true],
  [['a'], ['b'], [], false],
  [['a', 'b'], ['b'], [], true],
  [['always'], ['b'], [], true],
  [[], ['b'], [], false],
  [[], ['untagged'], [], true],
  [['a'], ['untagged'], [], false],
  [['a'], ['tagged'], [], true],
  [[], ['tagged'], [], false],
  [['never', 'a'], ['tagged'], [], false],
  [['never'], ['never'], [], true],
  [['a'], [], ['a'], false],
  [['a', 'b'], ['a'], ['b'], false],
  [['always'], [], ['always'], false],
  [['always'], [], ['all'], true],
  [['always'], [], ['all', 'always'], false],
  [['a'], [], ['all'], false],
  [['a'], [], ['tagged'], false],
  [[], [], ['tagged'], true],
  [[], [], ['untagged'], false],
])('%j with --tags %j and --skip-tags %j: %j', (tags, only, skip, runs) => {
  expect(selects(tags, only, skip)).toBe(runs);
});
