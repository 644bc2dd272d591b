// `vbx doc`: what a module does, its arguments and an example, from the module itself.
import type { z } from 'zod';
import { fieldInfo } from '../core/args.ts';
import { UsageError } from '../core/error.ts';
import type { Module } from '../core/module.ts';
import { MODULES, resolveModule } from '../modules/registry.ts';
import { loadModule } from './controller.ts';

export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly choices?: readonly string[];
  readonly aliases: readonly string[];
  readonly description: string;
}

/** Prints the documentation of modules, or the list of all. Errors: UsageError for a name that no module has. */
export async function doc(
  names: readonly string[],
  flags: { readonly list?: boolean; readonly json?: boolean },
): Promise<number> {
  if (flags.list === true || names.length === 0) {
    const modules = await Promise.all(
      Object.keys(MODULES).map(async (name) => ({ name, summary: (await loadModule(name))?.summary ?? '' })),
    );
    const width = Math.max(...modules.map(({ name }) => name.length));
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(Object.fromEntries(modules.map(({ name, summary }) => [name, summary])), null, 2)}\n`
        : modules.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join(''),
    );
    return 0;
  }
  const modules: Module[] = [];
  for (const name of names) {
    const { canonical, nearest } = resolveModule(name);
    const module = canonical === undefined ? undefined : await loadModule(canonical);
    if (module === undefined)
      throw new UsageError(`there is no module "${name}"`, {
        hint: nearest === undefined ? '"vbx doc --list" lists all' : `did you mean "${nearest}"?`,
      });
    modules.push(module);
  }
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(Object.fromEntries(modules.map((module) => [module.name, { summary: module.summary, kind: module.kind, args: argumentsOf(module), example: module.example.trim() }])), null, 2)}\n`
      : modules.map(describe).join('\n'),
  );
  return 0;
}

function describe(module: Module): string {
  const lines = [`${module.name}`, `  ${module.summary}.`.replace(/\.\.$/, '.'), ''];
  if ((module.aliases ?? []).length > 0) lines.push(`  Also known as ${module.aliases?.join(', ') ?? ''}.`, '');
  const args = argumentsOf(module);
  if (args.length > 0) lines.push('Arguments (= marks those that are needed):', '');
  for (const arg of args) {
    lines.push(`${arg.required ? '=' : '-'} ${arg.name}${arg.name === module.freeForm ? '  (also as free text)' : ''}`);
    if (arg.description !== '') lines.push(...wrap(arg.description, 8));
    const facts = [
      arg.type,
      ...(arg.choices === undefined ? [] : [`one of ${arg.choices.join(', ')}`]),
      ...(arg.default === undefined ? [] : [`default ${JSON.stringify(arg.default)}`]),
      ...(arg.aliases.length > 0 ? [`also written ${arg.aliases.join(', ')}`] : []),
    ];
    lines.push(`        [${facts.join('; ')}]`, '');
  }
  lines.push('Example:', '', module.example.trim().replace(/^/gm, '  '), '');
  return `${lines.join('\n')}\n`;
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + line.length + word.length + 1 > 100) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}`);
}

/** The arguments of a module as data, in the order of its schema. */
export function argumentsOf(module: Module): Argument[] {
  return Object.entries(module.args as Record<string, z.ZodType>).map(([name, type]) => {
    const shape = unwrapped(type);
    return {
      name,
      type: shape.type,
      required: !type.safeParse(undefined).success,
      aliases: fieldInfo(type).aliases ?? [],
      description: descriptionOf(type),
      ...(shape.default === undefined ? {} : { default: shape.default }),
      ...(shape.choices === undefined ? {} : { choices: shape.choices }),
    };
  });
}

function descriptionOf(type: z.ZodType): string {
  let current: z.ZodType | undefined = type;
  while (current !== undefined) {
    if (current.description !== undefined) return current.description;
    current = (current.def as { innerType?: z.ZodType }).innerType;
  }
  return '';
}

function unwrapped(type: z.ZodType): { type: string; default?: unknown; choices?: readonly string[] } {
  const def = type.def as {
    type: string;
    innerType?: z.ZodType;
    out?: z.ZodType;
    defaultValue?: unknown;
    entries?: Record<string, string>;
    element?: z.ZodType;
  };
  if (def.type === 'default') return { ...unwrapped(def.innerType as z.ZodType), default: def.defaultValue };
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'readonly')
    return unwrapped(def.innerType as z.ZodType);
  if (def.type === 'pipe') return unwrapped(def.out as z.ZodType);
  if (def.type === 'enum') return { type: 'string', choices: Object.values(def.entries ?? {}) };
  if (def.type === 'array') {
    const item = unwrapped(def.element as z.ZodType);
    return { type: `list of ${item.type}`, ...(item.choices === undefined ? {} : { choices: item.choices }) };
  }
  const names: Record<string, string> = {
    record: 'dictionary',
    object: 'dictionary',
    unknown: 'any value',
    custom: 'path',
    union: 'one of several types',
    number: 'number',
    string: 'string',
    boolean: 'boolean',
  };
  return { type: names[def.type] ?? def.type };
}
