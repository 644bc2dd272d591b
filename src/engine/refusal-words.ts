// How Ansible words the refusal of one argument, since playbooks that expect a refusal look for these words in `msg`.

import { pythonText, reprString } from '../core/python-text.ts';

/** What a schema said of a value: the parts of zod's issues that matter here. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly message: string;
}

/** The booleans that Ansible takes, in its message; their order there is that of a set, so nobody can rely on it. */
const BOOLEANS = "'y', 'yes', 'on', '1', 'true', 't', 1, 'n', 'no', 'off', '0', 'false', 'f', 0";

/** The words for a value that does not fit; undefined where Ansible has no rule of its own. `rest` is the place within the argument. */
export function refusalWords(
  name: string,
  rest: readonly PropertyKey[],
  issue: SchemaIssue,
  value: unknown,
): string | undefined {
  if (value === undefined) return undefined;
  const inside = rest.length > 0 && typeof rest[0] === 'number';
  const option = typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : name;
  const context = [name, ...rest.slice(0, -1).filter((part) => typeof part === 'string')].join(' -> ');
  const found = typeof rest.at(-1) === 'string' ? ` found in ${context}` : '';
  if (issue.code === 'invalid_value' && issue.values !== undefined) {
    const words = issue.values.map(String).join(', ');
    return inside && found === ''
      ? `value of ${option} must be one or more of: ${words}. Got no match for: ${pythonText(value)}`
      : `value of ${option} must be one of: ${words}, got: ${pythonText(value)}${found}`;
  }
  if (issue.code !== 'invalid_type') return undefined;
  // An integer is a number with a rule, of which zod says no other type.
  const type = issue.expected === 'number' && issue.message.includes('integer') ? 'int' : TYPES[String(issue.expected)];
  if (type === undefined) return undefined;
  const subject = inside && found === '' ? `Elements value for option '${name}'` : `argument '${option}'`;
  return `${subject} is of type ${pythonType(value)}${found === '' ? '' : ` found in '${context}'.`} and we were unable to convert to ${type}: ${reason(type, value)}`;
}

/** The words for a text or number that is no boolean. */
export function notBoolean(written: string): string {
  return `The value '${written}' is not a valid boolean. Valid booleans include: ${BOOLEANS}`;
}

/** zod's types to Ansible's. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  int: 'int',
  number: 'float',
  array: 'list',
  record: 'dict',
  object: 'dict',
  string: 'str',
};

function reason(type: string, value: unknown): string {
  const plain = `<class '${pythonType(value)}'>`;
  switch (type) {
    case 'bool':
      return typeof value === 'object' ? `${plain} cannot be converted to a bool` : notBoolean(pythonText(value));
    case 'int':
      return `"${typeof value === 'string' ? reprString(value) : pythonText(value)}" cannot be converted to an int`;
    case 'dict':
      if (typeof value !== 'string') return `${plain} cannot be converted to a dict`;
      return value.startsWith('{')
        ? 'unable to evaluate string as dictionary'
        : value.includes('=')
          ? 'unable to evaluate string in the "key=value" format as dictionary'
          : 'dictionary requested, could not parse JSON or key=value';
    case 'str':
      return `'${pythonText(value)}' is not a string and conversion is not allowed`;
    default:
      return `${plain} cannot be converted to a ${type}`;
  }
}

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'object':
      return 'dict';
    default:
      return 'str';
  }
}
