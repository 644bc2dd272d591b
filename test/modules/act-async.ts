// Like `act`, with shells that run beside this process: for modules that talk to a server which lives in it.
import { spawn } from 'node:child_process';
import { Buffer } from 'node:buffer';
import type { ActionModule } from '../../src/core/module.ts';
import type { Answer, Probe } from '../../src/core/probe.ts';
import type { StepResult } from '../../src/core/step.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import { basics, parseArgs } from './on-this-machine.ts';

function shell(script: string, path = '/usr/sbin:/usr/bin:/sbin:/bin'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', [], { cwd: '/', env: { HOME: '/nowhere', LC_ALL: 'C', PATH: path } });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ rc: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    );
    child.stdin.end(script);
  });
}

export async function actAsync(
  module: ActionModule,
  written: Readonly<Record<string, unknown>>,
  options: { check?: boolean; path?: string } = {},
): Promise<Record<string, unknown>> {
  const args = parseArgs(module, written);
  const observed: Record<string, unknown> = {};
  for (const [key, probe] of Object.entries((module.probe?.(args, basics) ?? {}) as Record<string, Probe>)) {
    observed[key] = probe.family.parse?.(await shell(probe.family.script?.([probe.query]) ?? '', options.path), [
      probe.query,
    ])[0];
  }
  const satisfied = module.satisfied?.(args, observed);
  if (satisfied !== undefined) return { changed: false, ...satisfied };
  const done: StepResult[] = [];
  for (const step of module.steps(args, observed, basics, {
    host: 'here',
    playbookDir: '/',
    environment: {},
    checkMode: options.check === true,
  })) {
    const answer = await shell(stepScript(step) ?? '', options.path);
    done.push({
      step,
      rc: answer.rc,
      stdout: answer.stdout.toString(),
      stderr: answer.stderr.toString(),
      start: 0,
      end: 0,
    });
    if (answer.rc !== 0) break;
  }
  return module.parse(args, done, observed);
}
