// `vbx eval`: a template or expression against the variables of a host; with --jsonl cases from standard input, one result a line.
import { createInterface } from 'node:readline';
import { UsageError } from '../core/error.ts';
import { nearest } from '../core/nearest.ts';
import { Dict, toPlain, Unknown, userText, type Value } from '../core/value.ts';
import { Variables } from '../engine/variables/index.ts';
import { nodeHost, pythonRepr, pythonStr } from '../template/index.ts';
import { evaluateCase, type EvalCase } from '../template/jsonl.ts';
import { Controller } from './controller.ts';
import type { InventoryFlags } from './options.ts';

export interface EvalFlags extends InventoryFlags {
  readonly host?: string;
  readonly jsonl?: boolean;
  readonly format: 'text' | 'json' | 'repr';
}

/** Evaluates `text`: a template when it has marks, else an expression. Errors: TemplateError; UsageError for a host that is not there. */
export async function evaluate(text: string | undefined, flags: EvalFlags): Promise<number> {
  if (flags.jsonl === true) return evaluateLines(flags);
  if (text === undefined) throw new UsageError('there is nothing to evaluate', { hint: "vbx eval '{{ 1 + 1 }}'" });
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const inventory = await controller.inventory();
  const host = flags.host ?? 'localhost';
  if (flags.host !== undefined && inventory.host(host) === undefined) {
    const near = nearest(
      host,
      inventory.hosts().map(({ name }) => name),
    );
    throw new UsageError(`the inventory has no host "${host}"`, {
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }
  const variables: Variables = new Variables({
    inventory,
    extraVars: controller.extraVars,
    options: {
      check: false,
      diff: false,
      forks: controller.settings.values.forks,
      verbosity: 0,
      playbookDir: process.cwd(),
    },
    render: (value, scope) => controller.templarOf(scope).render(value),
    readVarsFile: () => undefined,
    hashBehaviour: controller.settings.values.hashBehaviour,
  });
  const templar = controller.templarOf(variables.scope({ host }));
  const value = /\{[{%#]/.test(text)
    ? templar.render(userText(text, { file: '<argument>', line: 1, column: 1 }))
    : templar.expression(text, { file: '<argument>', line: 1, column: 1 });
  process.stdout.write(`${shown(value, flags.format)}\n`);
  return 0;
}

function shown(value: Value, format: EvalFlags['format']): string {
  if (value instanceof Unknown) return `unknown (depends on "${value.because}")`;
  if (format === 'repr') return pythonRepr(value);
  if (format === 'json') return JSON.stringify(toPlain(value));
  return value instanceof Dict || Array.isArray(value) ? JSON.stringify(toPlain(value), null, 2) : pythonStr(value);
}

async function evaluateLines(flags: EvalFlags): Promise<number> {
  // A case says all that it depends on: settings of this place are none of it.
  await Controller.make(flags, () => undefined);
  const host = nodeHost();
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const given = JSON.parse(line) as EvalCase;
    process.stdout.write(`${JSON.stringify(evaluateCase(given, host, [process.cwd()]))}\n`);
  }
  return 0;
}
