// What a template's outputs amount to: one value keeps its type, several become text, none is None.
import { Unknown, type Value } from '../core/value.ts';
import type { Body } from './compile.ts';
import type { Frame } from './frame.ts';
import { Module } from './program.ts';
import { NotKnown, Tripped, Undefined } from './special.ts';
import { outputText } from './python/text.ts';

/** The value of a body's outputs. The first undefined value among them is the result if joining needs it, or if the body fails later on. */
export function collect(body: Body, frame: Frame): Value {
  return native((out) => body(frame, out));
}

/** The value of what `write` puts out. */
export function native(write: (out: Value[]) => void): Value {
  const out: Value[] = [];
  try {
    write(out);
  } catch (error) {
    const first = out.find((value) => value instanceof Undefined);
    if (first !== undefined && !(error instanceof NotKnown)) return first;
    if (error instanceof Tripped) return error.marker;
    throw error;
  }
  return joined(out);
}

/** Several outputs as one value. */
export function joined(out: readonly Value[]): Value {
  if (out.length === 1 && !(out[0] instanceof Module)) return out[0] as Value;
  try {
    let text = '';
    let count = 0;
    let only: Value = null;
    for (const value of out) {
      if (value === null) continue;
      if (value instanceof Module) return joined(flatten(out));
      // The first value may be the only one: it is text only once a second follows.
      if (count === 1) text = shown(only);
      if (count === 0) only = value;
      else text += shown(value);
      count++;
    }
    return count === 0 ? null : count === 1 ? only : text;
  } catch (error) {
    if (error instanceof Tripped) return error.marker;
    if (error instanceof NotKnown) return new Unknown(error.because);
    throw error;
  }
}

function shown(value: Value): string {
  return typeof value === 'string' ? value : outputText(value);
}

function flatten(values: readonly Value[]): Value[] {
  return values.flatMap((value) => (value instanceof Module ? flatten(value.out) : [value]));
}
