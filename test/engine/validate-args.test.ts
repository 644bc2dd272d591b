// Refused arguments as they stand in a failed result: in Ansible's words, where playbooks look for them.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bool, choice, dict, int, list, number, raw } from '../../src/core/args.ts';
import { defineControl } from '../../src/core/module.ts';
import { validateArgs } from '../../src/engine/validate-args.ts';
import { file } from '../../src/modules/file.ts';
import { group } from '../../src/modules/group.ts';

describe('refused arguments', () => {
  it.each(['u=foo', 'foo=r', 'ao=r', 'oa=r', 'u=rw,abc=r'])('tell which part of the mode %s is none', (mode) => {
    expect(validateArgs(file, { path: '/x', mode }).problems).toMatchObject([
      {
        own: 'mode must be in octal or symbolic form',
        fields: { details: `bad symbolic permission for mode: ${mode.split(',').at(-1) ?? ''}` },
      },
    ]);
  });
  it.each(['0644', '644', 'a=r', '=r', 'ug+rwX,o-x', 'u=g'])('take %s as a mode', (mode) => {
    expect(validateArgs(file, { path: '/x', mode }).problems).toEqual([]);
  });
  it.each([
    [{ local: true, gid_min: 1 }, "'gid_min' can not be used with 'local'"],
    [{ local: true, gid_max: 9 }, "'gid_max' can not be used with 'local'"],
    [{ local: true, force: true }, /mutually exclusive/],
  ] as const)('name what cannot go together: %j', (args, words) => {
    expect(validateArgs(group, { name: 'g', ...args }).problems[0]?.own).toMatch(words);
  });
});

describe('values that do not fit', () => {
  const odd = defineControl({
    name: 'odd',
    summary: 'Takes one argument of each type',
    example: '',
    args: {
      flag: bool().optional(),
      count: int().optional(),
      ratio: number().optional(),
      names: list(int()).optional(),
      kinds: list(choice('a', 'b')).optional(),
      state: choice('present', 'absent').optional(),
      more: dict(raw()).optional(),
      rules: list(z.object({ port: int() })).optional(),
    },
  });
  it.each([
    [
      { flag: 'maybe' },
      /^argument 'flag' is of type str and we were unable to convert to bool: The value 'maybe' is not a valid boolean\. Valid booleans include: '/,
    ],
    [
      { flag: [1] },
      "argument 'flag' is of type list and we were unable to convert to bool: <class 'list'> cannot be converted to a bool",
    ],
    [
      { count: 'many' },
      `argument 'count' is of type str and we were unable to convert to int: "'many'" cannot be converted to an int`,
    ],
    [
      { count: 1.5 },
      `argument 'count' is of type float and we were unable to convert to int: "1.5" cannot be converted to an int`,
    ],
    [
      { ratio: 'x' },
      "argument 'ratio' is of type str and we were unable to convert to float: <class 'str'> cannot be converted to a float",
    ],
    [
      { names: { a: 1 } },
      "argument 'names' is of type dict and we were unable to convert to list: <class 'dict'> cannot be converted to a list",
    ],
    [
      { names: ['1', 'x'] },
      `Elements value for option 'names' is of type str and we were unable to convert to int: "'x'" cannot be converted to an int`,
    ],
    [{ kinds: ['a', 'c'] }, 'value of kinds must be one or more of: a, b. Got no match for: c'],
    [{ state: 'there' }, 'value of state must be one of: present, absent, got: there'],
    [
      { more: 'word' },
      "argument 'more' is of type str and we were unable to convert to dict: dictionary requested, could not parse JSON or key=value",
    ],
    [
      { more: [1] },
      "argument 'more' is of type list and we were unable to convert to dict: <class 'list'> cannot be converted to a dict",
    ],
    [
      { rules: [{ port: 'x' }] },
      `argument 'port' is of type str found in 'rules'. and we were unable to convert to int: "'x'" cannot be converted to an int`,
    ],
  ])('are refused in the words that playbooks look for: %j', (args, words) => {
    expect(validateArgs(odd, args).problems[0]?.words).toMatch(words);
  });
});
