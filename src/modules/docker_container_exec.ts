// docker_container_exec: runs a command in a container, with its output and exit status; input, where there is any, goes through Docker's client.
import { z } from 'zod';
import { bool, dict, list, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import type { Step, StepResult } from '../core/step.ts';
import { splitWords } from '../core/words.ts';
import { numberAt, parseJson, textAt, valueAt } from '../probes/json.ts';
import { dockerArgs, dockerStep } from './docker/docker-args.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { demultiplex } from './docker/stream.ts';

const shape = {
  ...dockerArgs,
  container: str().describe('Name or id of the container'),
  argv: list(str()).optional().describe('The command as words'),
  command: str().optional().describe('The command as text, split as a shell would'),
  chdir: str().optional(),
  user: str().optional(),
  env: dict(str()).optional(),
  detach: bool().default(false).describe('Do not wait for its end'),
  stdin: str().optional(),
  stdin_add_newline: bool().default(true),
  strip_empty_ends: bool().default(true),
  tty: bool().default(false),
};
type Args = z.output<z.ZodObject<typeof shape>>;

export const docker_container_exec = defineAction<typeof shape>({
  name: 'community.docker.docker_container_exec',
  summary: 'Run a command in a container',
  args: shape,
  check: (args) => {
    if ((args.argv === undefined) === (args.command === undefined)) return 'one of argv and command is needed';
    if (args.stdin !== undefined && args.detach) return 'stdin needs a command that is waited for (detach: false)';
    const words = wordsOf(args);
    return words === undefined ? 'command: a quote is not closed' : words.length === 0 ? 'no command given' : undefined;
  },
  exampleSetup: `
- community.docker.docker_container: {name: vbx-example, image: vobox-base:lab, command: sleep 1000, stop_timeout: 1}
`,
  example: `
- community.docker.docker_container_exec:
    container: vbx-example
    command: /bin/sh -c "echo $GREETING; pwd"
    chdir: /tmp
    env:
      GREETING: hello
`,
})({
  steps: (args) => (args.stdin === undefined ? apiSteps(args) : [clientStep(args, args.stdin)]),
  parse: (args, done) => {
    const failed = done.find((result) => result.step.kind === 'http' && result.rc !== 0);
    if (failed !== undefined) return { failed: true, msg: failed.stderr };
    if (args.stdin !== undefined) return clientResult(args, done[0]);
    const [created, started, inspected] = done;
    const id = textAt(parseJson(created?.response?.body ?? ''), 'Id');
    if (args.detach) return { changed: true, exec_id: id };
    const body = started?.response?.body ?? Buffer.alloc(0);
    const { stdout, stderr } = args.tty ? { stdout: body, stderr: Buffer.alloc(0) } : demultiplex(body);
    const state = parseJson(inspected?.response?.body ?? '');
    if (valueAt(state, 'ExitCode') === undefined)
      return { failed: true, msg: `Docker does not tell how the command in ${args.container} ended` };
    return outcome(args, numberAt(state, 'ExitCode'), stdout.toString('utf8'), stderr.toString('utf8'));
  },
});

function wordsOf(args: Args): readonly string[] | undefined {
  return args.argv ?? splitWords(args.command ?? '').words;
}

/** Created, run and looked at: three requests, of which the later ones name the id that the first gave. */
function apiSteps(args: Args): Step[] {
  const words = wordsOf(args) ?? [];
  const env =
    args.env === undefined ? {} : { Env: Object.entries(args.env).map(([name, value]) => `${name}=${value}`) };
  const body = {
    Cmd: words,
    Tty: args.tty,
    AttachStdin: false,
    AttachStdout: !args.detach,
    AttachStderr: !args.detach,
    Detach: args.detach,
    ...env,
    ...(args.chdir === undefined ? {} : { WorkingDir: args.chdir }),
    ...(args.user === undefined ? {} : { User: args.user }),
  };
  const fill = { step: 0, field: 'Id' };
  return [
    dockerStep(
      args,
      'POST',
      `/containers/${encodeURIComponent(args.container)}/exec`,
      `prepare ${words[0] ?? ''} in container ${args.container}`,
      { body },
    ),
    dockerStep(args, 'POST', '/exec/{Id}/start', `run ${words[0] ?? ''} in container ${args.container}`, {
      body: { Detach: args.detach, Tty: args.tty },
      fill,
      timeout: 86_400,
    }),
    ...(args.detach
      ? []
      : [
          dockerStep(
            args,
            'GET',
            '/exec/{Id}/json',
            `look how ${words[0] ?? ''} in container ${args.container} ended`,
            { fill },
          ),
        ]),
  ];
}

/** The API takes input only on a connection that stops being HTTP, which the client speaks. Variables go by name, their values through the environment. */
function clientStep(args: Args, stdin: string): Step {
  const names = Object.keys(args.env ?? {});
  const words = [
    'exec',
    '--interactive',
    ...names.flatMap((name) => ['--env', name]),
    ...(args.chdir === undefined ? [] : ['--workdir', args.chdir]),
    ...(args.user === undefined ? [] : ['--user', args.user]),
    args.container,
    ...(wordsOf(args) ?? []),
  ];
  return {
    kind: 'run',
    argv: dockerCommand(args, ...words),
    stdin: args.stdin_add_newline ? `${stdin}\n` : stdin,
    accept: Array.from({ length: 256 }, (_, status) => status),
    long: true,
    ...(args.env === undefined ? {} : { environment: args.env }),
  };
}

function clientResult(args: Args, result: StepResult | undefined) {
  if (result === undefined) return { failed: true, msg: 'the command was not run' };
  // What the client says for itself, before anything ran in the container.
  if (
    result.rc !== 0 &&
    /^(Error response from daemon|Error: No such container)/m.test(result.stderr) &&
    result.stdout === ''
  )
    return { failed: true, rc: result.rc, msg: result.stderr.trim() };
  return outcome(args, result.rc, result.stdout, result.stderr);
}

function outcome(args: Args, rc: number, stdout: string, stderr: string) {
  const strip = (text: string): string => (args.strip_empty_ends ? text.replace(/[\r\n]+$/, '') : text);
  return {
    changed: true,
    rc,
    stdout: strip(stdout),
    stderr: strip(stderr),
    ...(rc === 0
      ? {}
      : { failed: true, msg: `the command in container ${args.container} ended with exit status ${rc}` }),
  };
}
