// What a play needs before its first task: answers of vars_prompt, files of variables, keywords that are templates.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Play } from '../../src/core/play.ts';
import { Dict } from '../../src/core/value.ts';
import { gatherTask } from '../../src/engine/gather-task.ts';
import type { RunOptions } from '../../src/engine/run-options.ts';
import { testLoader } from '../playbook/memory-files.ts';
import { playModel } from './model-host.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-beginning-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = join(root, 'play.yml');
const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

/** The value of `expression` in a play with these prompts, the questions and the warnings. */
async function prompted(
  prompts: string,
  expression: string,
  answers?: readonly string[],
): Promise<{ value: unknown; asked: string[]; warnings: string[] }> {
  const left = [...(answers ?? [])];
  const asked: string[] = [];
  const played = await playModel(
    `- hosts: all\n  vars_prompt:\n${prompts}  tasks: [{debug: {msg: "{{ ${expression} }}"}}]\n`,
    {
      ...(answers === undefined
        ? {}
        : {
            prompt: ({ text, secret }: { text: string; secret: boolean }) =>
              Promise.resolve((asked.push(`${secret ? 'secret' : 'open'} ${text}`), left.shift() ?? '')),
          }),
      extraVars: [{ level: 'extra vars', vars: new Dict([['given', 'by -e']]) }],
    },
  );
  const ends = played.events.flatMap((event) => (event.kind === 'host-end' ? [event.outcome.result['msg']] : []));
  return {
    value: ends[0],
    asked,
    warnings: played.events.flatMap((event) => (event.kind === 'warning' ? [event.message] : [])),
  };
}

describe('vars_prompt', () => {
  it('takes defaults where nobody can be asked, nothing as None, all as text, and hides none of it', async () => {
    const { value, warnings } = await prompted(
      '    - {name: a, default: word}\n    - {name: b}\n    - {name: c, default: 5}\n    - {name: d, default: "{{ 1 + 1 }}"}\n    - {name: given, default: x}\n',
      '[a, b, c | type_debug, d, given]',
    );
    expect(value).toEqual(['word', 'None', 'str', '2', 'by -e']);
    expect(warnings).toEqual(['Not prompting as we are not in interactive mode']);
  });
  it('asks in the words of Ansible, again where the second answer is another', async () => {
    const { value, asked } = await prompted(
      '    - {name: a, prompt: Give a, private: false, default: dd}\n    - {name: b, confirm: true}\n    - {name: c, prompt: "", private: no}\n    - {name: given}\n',
      '[a, b, c]',
      ['', 'one', 'two', 'three', 'three', '{{ 1 + 1 }}'],
    );
    expect(asked).toEqual([
      'open Give a [dd]: ',
      'secret b: ',
      'secret confirm b: ',
      'secret ***** VALUES ENTERED DO NOT MATCH ****\nb: ',
      'secret confirm b: ',
      'open input for c: ',
    ]);
    // What was typed where it does not show is hidden; templates are rendered unless the prompt is unsafe.
    expect(value).toEqual(['dd', '********', 2]);
    expect((await prompted('    - {name: c}\n', 'c', [''])).value).toBe('');
    expect((await prompted('    - {name: c, unsafe: true, private: false}\n', 'c', ['{{ 1 + 1 }}'])).value).toBe(
      '{{ 1 + 1 }}',
    );
  });
  it('encrypts with the salt that is given', async () => {
    const { value } = await prompted(
      '    - {name: p, encrypt: sha256_crypt, salt: abcdefgh, default: secret, private: false}\n',
      'p',
    );
    expect(value).toBe('$5$rounds=535000$abcdefgh$QXIhOR7fttJ4bdMfcw7BEvHVCsepCVESzLPmE9hth51');
  });
});

describe('a play ends before its first task', () => {
  const errors = async (yaml: string): Promise<{ exit: number; outcomes: number; message: string | undefined }> => {
    const played = await playModel(yaml, { file });
    return {
      exit: played.end.exit,
      outcomes: played.outcomes.length,
      message: played.events.flatMap((event) => (event.kind === 'error' ? [event.message] : []))[0],
    };
  };
  write('list.yml', '- a\n');
  write('fine.yml', 'a: 1\n');
  it.each([
    ['a file of variables that is a list', 'vars_files: [fine.yml, list.yml]', 4, /must be a mapping/],
    [
      'a file of variables of another kind than text',
      'vars_files: [{a: b}]',
      4,
      /Invalid `vars_files` value of type 'dict'/,
    ],
    ['hosts that are not known', 'vars: {x: 1}', 4, /Error processing keyword 'hosts': 'nobody' is undefined/],
    [
      'a list where a boolean is wanted',
      'force_handlers: [1]',
      4,
      /Error processing keyword 'force_handlers': The value \[1\] could not be converted to 'bool'/,
    ],
    ['a word where a boolean is wanted', 'gather_facts: maybe', 4, /'maybe' could not be converted to 'bool'/],
    [
      'a word where a percentage is wanted',
      'max_fail_percentage: "{{ word }}"\n  vars: {word: abc}',
      4,
      /'abc' could not be converted to 'percent'/,
    ],
    [
      'a word where a number is wanted',
      'gather_timeout: abc\n  gather_facts: true',
      4,
      /'abc' could not be converted to 'int'/,
    ],
    [
      'a list where a path is wanted',
      'fact_path: [a]\n  gather_facts: true',
      4,
      /'fact_path' is supposed to be a string type/,
    ],
    [
      'a keyword that is not known',
      'serial: "{{ nobody }}"',
      4,
      /Error processing keyword 'serial': 'nobody' is undefined/,
    ],
  ])('by %s', async (name, setting, exit, message) => {
    const result = await errors(
      `- hosts: ${name.startsWith('hosts') ? '"{{ nobody }}"' : 'all'}\n  ${setting}\n  tasks: [{debug: }]\n`,
    );
    expect(result).toEqual({ exit, outcomes: 0, message: expect.stringMatching(message) as unknown });
  });
  it('but not by one whose name is not known yet', async () => {
    await expect(
      errors('- hosts: all\n  vars_files: [["{{ nobody }}.yml", list.yml]]\n  tasks: [{debug: }]\n'),
    ).resolves.toMatchObject({ exit: 0, outcomes: 1 });
  });
});

describe('settings count where the play says nothing', () => {
  const [play, own] = testLoader({ '/p/site.yml': '- hosts: all\n- hosts: all\n  gather_timeout: 9\n' }).loadPlaybook(
    '/p/site.yml',
  ).plays;
  const timeout = (of: Play | undefined): unknown => {
    if (of === undefined) return undefined;
    const options = { gathering: 'implicit', gatherTimeout: 7 } satisfies Partial<RunOptions>;
    return gatherTask(of, (name) => of.settings[name]?.value, options as RunOptions)?.args.get('gather_timeout');
  };
  it('of gathering', () => {
    expect([timeout(play), timeout(own)]).toEqual([7, 9]);
  });
});
