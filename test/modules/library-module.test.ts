// Modules that a playbook brings along: which interpreter runs them, with which words, and what it is told.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { libraryModule } from '../../src/modules/library-module.ts';
import { basics } from './on-this-machine.ts';

/** Runs a module's step in a shell of this machine. */
function run(text: string, args: Record<string, unknown> = {}): Record<string, unknown> {
  const module = libraryModule('/lib/tell.sh', Buffer.from(text));
  const [step] = module.steps(args, {}, basics, { host: 'h', playbookDir: '/', environment: {}, checkMode: false });
  if (step?.kind !== 'command') throw new Error('no command');
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', step.script], { input: step.stdin, encoding: 'utf8' });
  return module.parse(args, [{ step, rc: status ?? -1, stdout, stderr, start: 0, end: 0 }], {});
}
/** A module that tells the words behind its shell's options, and its arguments. */
const TELL = `printf '{"flags": "%s", "told": "%s"}' "$-" "$(sed 's/"//g' "$1")"`;
const PYTHON =
  'import json, sys\n# WANT_JSON\nprint(json.dumps({"isolated": sys.flags.isolated, "told": sorted(k for k in json.load(open(sys.argv[1])) if not k.startswith("_"))}))';

describe('the interpreter of a module', () => {
  it.each([
    ['#!/bin/sh', ''],
    ['#!/bin/sh -u', 'u'],
    ['#!/usr/bin/env sh', ''],
    ['#!/usr/bin/env -S sh -u -f', 'fu'],
  ])('is run with the words of %s', (line, flags) => {
    expect(
      String(run(`${line}\n${TELL}\n`)['flags'])
        .replaceAll(/[^fu]/g, '')
        .split('')
        .sort()
        .join(''),
    ).toBe(flags);
  });

  it.each([
    ['#!/usr/bin/python -I', undefined, 1],
    ['#!/usr/bin/env -S python3 -I', undefined, 1],
    ['#!/usr/bin/python3', 'auto_silent', 0],
    ['#!/usr/bin/python3', '/usr/bin/env python3 -I', 1],
    ['#!/no/such/python2 -I', '/usr/bin/python3', 1],
  ])('is python for %s, or what the inventory names (%s)', (line, named, isolated) => {
    expect(
      run(`${line}\n${PYTHON}\n`, { a: 1, ...(named === undefined ? {} : { _ansible_interpreter: named }) }),
    ).toEqual({ changed: false, isolated, told: ['a'] });
  });

  it.each([
    ['#!/usr/bin/python3.11', 'ansible_python_interpreter'],
    ['#!/usr/bin/env perl', 'ansible_perl_interpreter'],
    ['#!/bin/sh', 'ansible_sh_interpreter'],
  ])('of %s is named by the variable %s', (line, variable) => {
    expect(libraryModule('/lib/x', Buffer.from(`${line}\n`)).fromVariables).toEqual({ _ansible_interpreter: variable });
  });
});
