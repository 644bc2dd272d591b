// make: targets of a makefile, made where make says that they are not up to date.
import type { z } from 'zod';
import { dict, int, list, path, raw, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';

interface Asked {
  readonly kind: 'current' | 'outdated' | 'missing';
  readonly said: string;
}

const args = {
  chdir: path().describe('Folder to make in.'),
  target: str().optional().describe('What to make; otherwise what the makefile begins with.'),
  targets: list(str()).optional().describe('Several targets.'),
  params: dict(raw()).optional().describe('Variables for make; one without a value is a word of its own.'),
  file: path().optional().describe('The makefile.'),
  make: path().optional().describe('The program, otherwise gmake or make.'),
  jobs: int().optional().describe('How many commands run at a time.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const make = defineAction<typeof args, { readonly asked: Asked }>({
  name: 'community.general.make',
  summary: 'Make targets of a makefile',
  args,
  check: ({ target, targets }) =>
    target !== undefined && targets !== undefined ? 'parameters are mutually exclusive: target|targets' : undefined,
  example: `
- community.general.make:
    chdir: /opt/app
    target: install
`,
  probe: (given): { asked: Probe<Asked> } => ({
    asked: scriptProbe(
      `make:${given.chdir} ${given.target ?? given.targets?.join(' ') ?? ''}`,
      `${findMake(given, 'exit 0')}
if out=$("$make" ${wordsOf(given)} -q 2>&1); then echo @@current; else echo @@outdated; fi; printf %s "$out"`,
      ({ stdout }): Asked => {
        const [verdict = '', ...said] = stdout.toString('utf8').split('\n');
        return {
          kind: verdict === '@@current' ? 'current' : verdict === '@@outdated' ? 'outdated' : 'missing',
          said: said.join('\n').trimEnd(),
        };
      },
      { costly: true },
    ),
  }),
  dryRun: (given) => ({ changed: true, ...fields(given) }),
})({
  satisfied: (given, { asked }) =>
    asked.kind === 'current'
      ? { changed: false, stdout: asked.said, stderr: '', ...fields(given) }
      : asked.kind === 'missing'
        ? {
            failed: true,
            changed: false,
            msg:
              asked.said === ''
                ? `Failed to find required executable "${given.make ?? 'make'}" on the host, or the folder ${given.chdir} is not there`
                : asked.said,
          }
        : undefined,
  steps: (given) => [{ kind: 'script', script: `${findMake(given, 'exit 1')}\n"$make" ${wordsOf(given)}`, long: true }],
  parse: (given, [done]) => {
    const [stdout, stderr, rc] = [
      (done?.stdout ?? '').replace(/[\r\n]+$/, ''),
      (done?.stderr ?? '').replace(/[\r\n]+$/, ''),
      done?.rc ?? 1,
    ];
    return rc === 0
      ? { changed: true, stdout, stderr, ...fields(given) }
      : { failed: true, changed: false, msg: stderr, rc, stdout, stderr, cmd: fields(given).command };
  },
});

function wordsOf({ target, targets, params, file, jobs }: Args): string {
  const variables = Object.entries(params ?? {}).map(([name, value]) =>
    value === null ? name : `${name}=${typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)}`,
  );
  return quoteAll([
    ...(jobs === undefined ? [] : ['-j', String(jobs)]),
    ...(file === undefined ? [] : ['-f', file]),
    ...(target !== undefined && target !== '' ? [target] : (targets ?? [])),
    ...variables,
  ]);
}

const findMake = (given: Args, otherwise: string): string => `PATH=$PATH:/usr/local/bin
make=$(command -v ${given.make === undefined ? 'gmake || command -v make' : pathWord(given.make)}) || ${otherwise}
cd -- ${pathWord(given.chdir)} 2>/dev/null || ${otherwise}`;

function fields(given: Args): { readonly command: string; readonly [name: string]: unknown } {
  const { target = null, targets = null, params = null, chdir, file = null, jobs = null } = given;
  return { target, targets, params, chdir, file, jobs, command: `${given.make ?? 'make'} ${wordsOf(given)}`.trimEnd() };
}
