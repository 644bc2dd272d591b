// What it means that another user cannot be become.
import { describe, expect, it } from 'vitest';
import { becomeRefused } from '../../src/remote/become.ts';

describe('a refused become', () => {
  it.each([
    [
      'a password that is missing',
      { method: 'sudo' },
      'sudo: a password is required\n',
      0,
      'Missing sudo password',
      'sudo to root on h1 asks for one: give it with -K (--ask-become-pass) or as ansible_become_password',
    ],
    [
      'a password that is wrong',
      { method: 'su', password: 'x' },
      '\r\nsu: Authentication failure\r\n',
      1,
      'Incorrect su password',
      'su to root on h1 refused it: look at ansible_become_password, or at what was given to -K',
    ],
    [
      'a user who may not, without the prompt that was asked for',
      { method: 'sudo', password: 'x' },
      'vbx-6f180b0b3bbcffa2 ops is not in the sudoers file.\n',
      1,
      'become: sudo to root on h1 was refused: ops is not in the sudoers file.',
      undefined,
    ],
    [
      'a program that is not there',
      { method: 'doas' },
      'sh: 1: exec: doas: not found\n',
      0,
      'become: doas is not on h1: sh: 1: exec: doas: not found',
      'set ansible_become_method (sudo, su, doas), or log in as the user that is wanted, with become: false',
    ],
  ] as const)('tells of %s', (_, become, printed, prompts, message, hint) => {
    const error = becomeRefused({ user: 'root', ...become }, printed, prompts, 'h1');
    expect([error.message, error.hint]).toEqual([message, hint]);
  });
});
