// validate_argument_spec: values checked against a role's specification of its arguments (types, choices, requirements, sub-options).
import { Dict, findUnknown, PyFloat, toPlain, type Value } from '../../core/value.ts';
import { pythonRepr, pythonStr, typeName } from '../../template/index.ts';
import { notBoolean } from '../refusal-words.ts';
import { failed, ok, unknown, type Control } from './control.ts';

interface Spec {
  readonly type?: string;
  readonly elements?: string;
  readonly required?: boolean;
  readonly choices?: readonly unknown[];
  readonly options?: Readonly<Record<string, Spec>>;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
  readonly mutually_exclusive?: readonly (readonly string[])[];
  readonly required_together?: readonly (readonly string[])[];
  readonly required_one_of?: readonly (readonly string[])[];
  readonly required_if?: readonly (readonly [string, unknown, readonly string[], boolean?])[];
  readonly required_by?: Readonly<Record<string, string | readonly string[]>>;
}

export const validateArgumentSpec: Control = ({ prepared }) => {
  const { values, templar, scope } = prepared;
  const spec = (toPlain(values.get('argument_spec') ?? new Dict()) ?? {}) as Record<string, Spec>;
  const provided = values.get('provided_arguments');
  const given = new Dict();
  for (const name of Object.keys(spec)) {
    const raw = provided instanceof Dict && provided.has(name) ? provided.get(name) : scope.lookup(name);
    if (raw !== undefined) given.set(name, templar.render(raw));
  }
  if (provided instanceof Dict) for (const [name, value] of provided) if (!given.has(name)) given.set(name, value);
  const because = findUnknown(given)?.because;
  if (because !== undefined) return unknown(because);
  const problems = checkOptions(
    spec,
    given,
    '',
    provided instanceof Dict ? new Set([...provided.keys()].map(pythonStr)) : new Set(),
  );
  const about = { validate_args_context: values.get('validate_args_context') ?? new Dict() };
  if (problems.length > 0)
    return failed(`Validation of arguments failed:\n${problems.join('\n')}`, {
      ...about,
      argument_spec_data: spec,
      argument_errors: problems,
    });
  return ok({ ...about, msg: 'The arg spec validation passed' });
};

function checkOptions(
  spec: Readonly<Record<string, Spec>>,
  given: Dict,
  path: string,
  strict: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  const where = path === '' ? '' : ` found in ${path}`;
  const has = (name: string): boolean =>
    given.has(name) || (spec[name]?.aliases?.some((alias) => given.has(alias)) ?? false);
  const missing = Object.entries(spec)
    .filter(([name, option]) => option.required === true && option.default === undefined && !has(name))
    .map(([name]) => name);
  if (missing.length > 0) problems.push(`missing required arguments: ${missing.sort().join(', ')}${where}`);
  const known = new Set(Object.entries(spec).flatMap(([name, option]) => [name, ...(option.aliases ?? [])]));
  const extra = (path === '' ? [...strict] : [...given.keys()].map(pythonStr)).filter((name) => !known.has(name));
  if (extra.length > 0)
    problems.push(
      `${path === '' ? '' : `${path.replaceAll(' -> ', '.')}.`}${extra.join(', ')}. Supported parameters include: ${[...known].sort().join(', ')}.`,
    );
  for (const [name, option] of Object.entries(spec)) {
    const key = [name, ...(option.aliases ?? [])].find((each) => given.has(each));
    const value = key === undefined ? undefined : given.get(key);
    if (value === undefined || (value === null && option.required !== true)) continue;
    problems.push(...checkValue(name, option, value, path));
  }
  return problems;
}

function checkValue(name: string, option: Spec, value: Value, path: string): string[] {
  const full = path === '' ? name : `${path} -> ${name}`;
  const type = option.type ?? (option.options === undefined ? 'str' : 'dict');
  if (!fits(value, type))
    return [
      `argument '${name}' is of type ${typeName(value)}${path === '' ? '' : ` found in '${path}'.`} and we were unable to convert to ${type}: ${cannot(value, type)}`,
    ];
  const problems: string[] = [];
  const one = (item: Value): void => {
    if (
      option.choices !== undefined &&
      !option.choices.some((choice) => String(choice) === pythonStr(item) || choice === toPlain(item))
    )
      problems.push(
        `value of ${name} must be one of: ${option.choices.map(String).join(', ')}, got: ${pythonStr(item)}${path === '' ? '' : ` found in ${path}`}`,
      );
    if (option.options !== undefined && item instanceof Dict) {
      problems.push(...checkOptions(option.options, item, full, new Set()), ...checkRules(option, item, full));
    }
  };
  if (type === 'list') {
    const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value];
    for (const item of items) {
      if (option.elements !== undefined && !fits(item, option.elements))
        problems.push(
          `Elements value for option '${name}' is of type ${typeName(item)} and we were unable to convert to ${option.elements}: ${cannot(item, option.elements)}`,
        );
      else one(item);
    }
  } else one(value);
  return problems;
}

function checkRules(option: Spec, given: Dict, path: string): string[] {
  const problems: string[] = [];
  const has = (name: string): boolean => given.has(name) && given.get(name) !== null;
  for (const names of option.mutually_exclusive ?? [])
    if (names.filter(has).length > 1)
      problems.push(`parameters are mutually exclusive: ${names.join('|')} found in ${path}`);
  for (const names of option.required_together ?? [])
    if (names.some(has) && !names.every(has))
      problems.push(`parameters are required together: ${names.join(', ')} found in ${path}`);
  for (const names of option.required_one_of ?? [])
    if (!names.some(has)) problems.push(`one of the following is required: ${names.join(', ')} found in ${path}`);
  for (const [name, wanted, names] of option.required_if ?? [])
    if (has(name) && toPlain(given.get(name) as Value) === wanted && !names.every(has))
      problems.push(
        `${name} is ${String(wanted)} but all of the following are missing: ${names.filter((each) => !has(each)).join(', ')} found in ${path}`,
      );
  for (const [name, needed] of Object.entries(option.required_by ?? {})) {
    const names = typeof needed === 'string' ? [needed] : needed;
    if (has(name) && !names.every(has))
      problems.push(
        `missing parameter(s) required by '${name}': ${names.filter((each) => !has(each)).join(', ')} found in ${path}`,
      );
  }
  return problems;
}

function fits(value: Value, type: string): boolean {
  switch (type) {
    case 'str':
    case 'path':
    case 'raw':
    case 'jsonarg':
    case 'json':
      return true;
    case 'bool':
      return (
        typeof value === 'boolean' ||
        ['yes', 'no', 'true', 'false', 'on', 'off', '1', '0', 'y', 'n', 't', 'f', '1.0', '0.0'].includes(
          pythonStr(value).toLowerCase(),
        )
      );
    case 'int':
      return (
        (typeof value === 'number' && Number.isInteger(value)) ||
        typeof value === 'bigint' ||
        (value instanceof PyFloat && Number.isInteger(value.value)) ||
        (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value))
      );
    case 'float':
      return (
        typeof value === 'number' ||
        value instanceof PyFloat ||
        (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
      );
    case 'list':
      return Array.isArray(value) || typeof value === 'string' || typeof value === 'number' || value instanceof PyFloat;
    case 'dict':
      return (
        value instanceof Dict || (typeof value === 'string' && (value.trim().startsWith('{') || value.includes('=')))
      );
    case 'bytes':
    case 'bits':
      return (
        typeof value === 'number' ||
        (typeof value === 'string' && /^\s*\d+(\.\d+)?\s*[KMGTPEZY]?[Bb]?\s*$/i.test(value))
      );
    default:
      return true;
  }
}

/** Why a value is not of a type: integers are told by the value, others by its type. */
function cannot(value: Value, type: string): string {
  if (type === 'dict' && typeof value === 'string')
    return value.startsWith('{')
      ? 'unable to evaluate string as dictionary'
      : value.includes('=')
        ? 'unable to evaluate string in the "key=value" format as dictionary'
        : 'dictionary requested, could not parse JSON or key=value';
  if (type === 'bool' && (typeof value === 'string' || typeof value === 'number' || value instanceof PyFloat))
    return notBoolean(pythonStr(value));
  return `${type === 'int' ? `"${pythonRepr(value)}"` : `<class '${typeName(value)}'>`} cannot be converted to ${article(type)}`;
}

function article(type: string): string {
  const words: Record<string, string> = {
    int: 'an int',
    float: 'a float',
    bool: 'a bool',
    list: 'a list',
    dict: 'a dict',
  };
  return words[type] ?? `a ${type}`;
}
