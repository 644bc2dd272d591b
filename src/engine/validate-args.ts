// Arguments of a task against its module's schema: aliases, free form, unknown names, types. Pure; used at load time and again when rendered.
import { z } from 'zod';
import { fieldInfo, type FieldInfo, type RefusedWords } from '../core/args.ts';
import type { Module } from '../core/module.ts';
import { nearest } from '../core/nearest.ts';
import { refusalWords, type SchemaIssue } from './refusal-words.ts';

export interface ArgProblem {
  /** The argument as the user wrote it, or undefined when one is missing or the rule is over several. */
  readonly arg?: string;
  readonly message: string;
  readonly hint?: string;
  /** The module's own words for a rule over several arguments, as they stand in a failed result. */
  readonly own?: string;
  /** Ansible's words for a value that does not fit. */
  readonly words?: string;
  /** What a failed result has beside those words. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The argument that is required and not given. */
  readonly missing?: string;
  /** There is no argument of that name. */
  readonly unknownName?: true;
}

interface Prepared {
  readonly schema: z.ZodObject;
  /** Every accepted spelling to the argument's name. */
  readonly names: ReadonlyMap<string, string>;
  readonly info: ReadonlyMap<string, FieldInfo>;
}

const prepared = new WeakMap<Module, Prepared>();

function prepare(module: Module): Prepared {
  let known = prepared.get(module);
  if (known === undefined) {
    const shape = module.args as Record<string, z.ZodType>;
    const names = new Map<string, string>();
    const info = new Map<string, FieldInfo>();
    for (const [name, type] of Object.entries(shape)) {
      const own = fieldInfo(type);
      info.set(name, own);
      names.set(name, name);
      for (const alias of own.aliases ?? []) names.set(alias, name);
    }
    known = { schema: z.object(shape), names, info };
    prepared.set(module, known);
  }
  return known;
}

/** What the fields of a module say beside their types, by name. */
export function fieldsOf(module: Module): ReadonlyMap<string, FieldInfo> {
  return prepare(module).info;
}

/**
 * Names as the user wrote them to the module's own: aliases resolved, free-form text under its argument's name. `null` counts as not given but where it is a value.
 * Unknown names are problems with the nearest known name.
 */
export function nameArgs(
  module: Module,
  given: Readonly<Record<string, unknown>>,
): { args: Record<string, unknown>; problems: ArgProblem[] } {
  const { names, info } = prepare(module);
  const args: Record<string, unknown> = {};
  const problems: ArgProblem[] = [];
  const open = module.openArgs === true;
  for (const [written, value] of Object.entries(given)) {
    const name = written === '_raw_params' ? (module.freeForm ?? written) : names.get(written);
    if (name === undefined && open) args[written] = value;
    else if (name === undefined || (written === '_raw_params' && module.freeForm === undefined)) {
      if (written === '_raw_params')
        problems.push({ message: `${module.name} takes no free-form text; it takes: ${[...names.keys()].join(', ')}` });
      else {
        const near = nearest(written, [...names.keys()]);
        problems.push({
          arg: written,
          unknownName: true,
          message: `${module.name} has no argument "${written}"`,
          hint:
            near === undefined
              ? `it takes: ${[...new Set(names.values())].sort().join(', ')}`
              : `did you mean "${near}"?`,
        });
      }
    } else if (value !== undefined && (value !== null || info.get(name)?.nullable === true)) {
      if (name in args && name !== written && written !== '_raw_params') continue;
      args[name] = value;
    }
  }
  return { args, problems };
}

/** Validates named arguments whole: types, required ones, the module's own rule. `args` is there when there are no problems. */
export function validateArgs(
  module: Module,
  given: Readonly<Record<string, unknown>>,
): { args?: Record<string, unknown>; problems: ArgProblem[] } {
  const { args, problems } = nameArgs(module, given);
  const parsed = prepare(module).schema.safeParse(args);
  const wrongs = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(module, issue, args));
  // In the order in which Ansible looks: what is missing, what does not fit, what is not known.
  if (wrongs.length > 0 || problems.length > 0 || !parsed.success)
    return {
      problems: [
        ...wrongs.filter(({ missing }) => missing !== undefined),
        ...wrongs.filter(({ missing }) => missing === undefined),
        ...problems,
      ],
    };
  const open = module.openArgs === true;
  const output = open ? { ...args, ...parsed.data } : parsed.data;
  const wrong = module.check?.(output as never);
  return wrong === undefined
    ? { args: output, problems: [] }
    : { problems: [{ message: `${module.name}: ${wrong}`, own: wrong }] };
}

/**
 * What can be judged before anything is rendered: names, and the types of those values that hold no template (`isStatic`).
 * A missing argument is a problem only if no defaults could supply it (`complete`).
 */
export function checkArgs(
  module: Module,
  given: Readonly<Record<string, unknown>>,
  isStatic: (value: unknown) => boolean,
  complete: boolean,
): ArgProblem[] {
  const { args, problems } = nameArgs(module, given);
  const shape = module.args as Record<string, z.ZodType>;
  let allStatic = complete;
  for (const [name, type] of Object.entries(shape)) {
    const value = args[name];
    if (value === undefined) {
      if (complete && !type.safeParse(undefined).success)
        problems.push({ message: `${module.name} needs the argument "${name}"` });
      continue;
    }
    if (!isStatic(value)) {
      allStatic = false;
      continue;
    }
    const parsed = type.safeParse(value);
    if (!parsed.success)
      problems.push(
        ...parsed.error.issues.map((issue) => problemOf(module, { ...issue, path: [name, ...issue.path] }, args)),
      );
  }
  if (problems.length === 0 && allStatic) problems.push(...validateArgs(module, given).problems);
  return problems;
}

function problemOf(
  module: Module,
  issue: SchemaIssue & { path: readonly PropertyKey[]; params?: Record<string, unknown> | undefined },
  args: Record<string, unknown>,
): ArgProblem {
  const [name, ...rest] = issue.path;
  if (name === undefined) return { message: `${module.name}: ${issue.message}` };
  const where = `${String(name)}${rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
  if (rest.length === 0 && args[String(name)] === undefined)
    return { message: `${module.name} needs the argument "${String(name)}"`, missing: String(name) };
  let value: unknown = args;
  for (const part of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  const message = `${module.name}: argument "${where}" ${issue.message}${value === undefined || typeof value === 'object' ? '' : `, not ${JSON.stringify(value)}`}`;
  const refused = issue.params as Partial<RefusedWords> | undefined;
  const words = refusalWords(String(name), rest, issue, value);
  return {
    arg: String(name),
    message,
    ...(words === undefined ? {} : { words }),
    ...(refused?.msg === undefined ? {} : { own: refused.msg, fields: { details: refused.details } }),
  };
}
