// Names inside a running template: one frame for the template and one for each scope that Jinja opens (loop round, macro call, with).
import type { Origin } from '../core/origin.ts';
import type { Value } from '../core/value.ts';
import type { Engine } from './engine.ts';
import { globalValue } from './globals.ts';
import type { Program } from './program.ts';
import type { Body } from './compile.ts';

/** One run of one template. */
export class Run {
  readonly engine: Engine;
  readonly program: Program;
  /** False for templates included `without context`: they see globals only. */
  readonly seesVariables: boolean;
  /** Copies of variables that this template may change. */
  #copies: Map<string, Value> | undefined;
  /** Bodies of a block, the most derived first. */
  blocks: Map<string, Body[]> | undefined;
  parent: Program | undefined;
  /** Where the parent is named. */
  extendedAt: Origin | undefined;
  /** Whether names may be bound by another template than the one that reads them (an includer, a parent or child). */
  manyTemplates: boolean;
  /** The includer's names. */
  readonly outer: Frame | undefined;

  constructor(engine: Engine, program: Program, seesVariables: boolean, outer?: Frame) {
    this.outer = outer;
    this.manyTemplates = outer !== undefined;
    this.engine = engine;
    this.program = program;
    this.seesVariables = seesVariables;
  }

  variable(name: string): Value {
    if (!this.seesVariables) return globalValue(this.engine, name) ?? this.engine.undefinedName(name);
    if (!this.program.mutates) return this.engine.variable(name);
    const known = this.#copies?.get(name);
    if (known !== undefined) return known;
    const value = this.engine.variable(name, true);
    (this.#copies ??= new Map()).set(name, value);
    return value;
  }
}

export class Frame {
  readonly run: Run;
  readonly parent: Frame | undefined;
  vars: Map<string, Value> | undefined;
  constructor(run: Run, parent: Frame | undefined) {
    this.run = run;
    this.parent = parent;
  }
  set(name: string, value: Value): void {
    (this.vars ??= new Map()).set(name, value);
  }
  get(name: string): Value {
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.parent) {
      const value = frame.vars?.get(name);
      if (value !== undefined) return value;
    }
    return this.run.variable(name);
  }
}
