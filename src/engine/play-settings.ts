// What the settings of a play may hold once they are rendered: anything else makes the playbook a wrong one, before a host is touched.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, PyFloat, Unknown, type Value } from '../core/value.ts';
import { pythonRepr, typeName } from '../template/index.ts';
import { isBoolean } from './keyword-values.ts';

const BOOLEANS: ReadonlySet<string> = new Set(['force_handlers', 'gather_facts']);

/** Throws a PlaybookError in Ansible's words for a value that the setting cannot have. */
export function checkSetting(name: string, value: Value | undefined, origin: Origin | undefined): void {
  if (value === undefined || value === null || value instanceof Unknown) return;
  const refuse = (kind: string): never => {
    throw new PlaybookError(
      `Error processing keyword '${name}': The value ${pythonRepr(value)} could not be converted to '${kind}'.`,
      { origin },
    );
  };
  if (BOOLEANS.has(name) && !isBoolean(value)) refuse('bool');
  if (name === 'gather_timeout' && !isNumber(value, false)) refuse('int');
  if (name === 'max_fail_percentage' && !isNumber(value, true)) refuse('percent');
  if (name === 'fact_path' && (Array.isArray(value) || value instanceof Dict))
    throw new PlaybookError(
      `The field 'fact_path' is supposed to be a string type, however the incoming data structure is a ${typeName(value)}`,
      { origin },
    );
  if (name === 'gather_subset' && value instanceof Dict)
    throw new PlaybookError("Error processing keyword 'gather_subset': it takes a list of names", { origin });
}

function isNumber(value: Value, percent: boolean): boolean {
  if (typeof value === 'string') return (percent ? /^\s*\d+(?:\.\d+)?\s*%?\s*$/ : /^\s*\d+\s*$/).test(value);
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat;
}
