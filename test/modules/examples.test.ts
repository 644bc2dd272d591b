// What every module tells of itself: its arguments are described, and its example is a task that it takes.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { fieldInfo } from '../../src/core/args.ts';
import { MODULES, resolveModule } from '../../src/modules/registry.ts';

const KEYWORDS = new Set([
  'name',
  'when',
  'register',
  'changed_when',
  'failed_when',
  'become',
  'loop',
  'vars',
  'notify',
  'environment',
  'delegate_to',
  'tags',
  'no_log',
  'ignore_errors',
  'check_mode',
  'args',
  'until',
  'retries',
  'delay',
]);
const modules = await Promise.all(
  Object.entries(MODULES).map(async ([name, load]) => ({ name, module: await load() })),
);
const fields = (args: z.ZodRawShape): (readonly [string, z.ZodType])[] =>
  Object.entries(args).map(([name, type]) => [name, type as z.ZodType]);

/** The description of a field, whatever wrappers are around it. */
function described(type: z.ZodType): string | undefined {
  for (
    let current: z.ZodType | undefined = type;
    current !== undefined;
    current = (current.def as { innerType?: z.ZodType }).innerType
  )
    if (current.description !== undefined) return current.description;
  return undefined;
}

describe.each(modules)('$name', ({ name, module }) => {
  it('describes every argument', () => {
    // Arguments of Docker's modules have the names and meanings of Docker's own documentation.
    if (/^(community\.docker|vbx\.vobox)\./.test(name)) return;
    expect(
      fields(module.args)
        .filter(([, type]) => described(type) === undefined)
        .map(([argument]) => argument),
    ).toEqual([]);
  });

  it('has an example that it takes', () => {
    const tasks = parse(module.example) as Record<string, unknown>[];
    expect(tasks).toHaveLength(1);
    const [task = {}] = tasks;
    const [action = '', ...more] = Object.keys(task).filter((key) => !KEYWORDS.has(key));
    expect(more).toEqual([]);
    expect(resolveModule(action).canonical).toBe(name);
    if (module.kind === 'control') return;
    const written = task[action];
    const given: Record<string, unknown> =
      typeof written === 'string'
        ? { [module.freeForm ?? '']: written }
        : { ...(written as Record<string, unknown> | null), ...(task['args'] as Record<string, unknown> | undefined) };
    const known = new Set(
      fields(module.args).flatMap(([argument, type]) => [argument, ...(fieldInfo(type).aliases ?? [])]),
    );
    expect(Object.keys(given).filter((argument) => !known.has(argument))).toEqual([]);
    if (JSON.stringify(given).includes('{{')) return;
    const args: Record<string, unknown> = {};
    for (const [argument, type] of fields(module.args)) {
      const { aliases = [], source } = fieldInfo(type);
      const value = [argument, ...aliases].map((one) => given[one]).find((found) => found !== undefined);
      // Files of the controller are found by the engine; here their name is as good.
      const parsed =
        source === undefined || value === undefined
          ? type.safeParse(value)
          : { success: true, data: { kind: 'host', path: String(value) } };
      expect({ argument, ok: parsed.success }).toEqual({ argument, ok: true });
      if (parsed.data !== undefined) args[argument] = parsed.data;
    }
    expect(module.check?.(args as never)).toBeUndefined();
  });
});
