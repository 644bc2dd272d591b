// Statements -> JavaScript closures that write native values to a list of outputs.
import { Dict, Tuple, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Expression, Macro, Statement } from './ast.ts';
import { MacroCallable } from './access.ts';
import { compileExpression, prepareArguments, type Body, type Compilation, type Evaluate } from './compile.ts';
import { Frame, Run } from './frame.ts';
import { OWN_CONTAINERS } from './own.ts';
import { collect, native } from './output.ts';
import { through } from './error-steps.ts';
import { includeTemplate, Module, type Program } from './program.ts';
import { Loop } from './loop.ts';
import {
  BlockReference,
  Callable,
  Namespace,
  PythonError,
  templateError,
  typeError,
  Undefined,
  type Keywords,
} from './special.ts';
import { iterate, need, truthy, typeName } from './python/types.ts';
import { FILTERED, readsName } from './names.ts';

/** The closure of statements. `blocks` receives the template's blocks by name. */
export function compileStatements(
  statements: readonly Statement[],
  unit: Compilation,
  blocks: Map<string, Body>,
  topLevel = false,
): Body {
  const parts = statements.map((statement) => compileStatement(statement, unit, blocks, topLevel));
  if (parts.length === 1) return parts[0] as Body;
  return (frame, out) => {
    for (const part of parts) part(frame, out);
  };
}

/** Compiles what is not inside of an `{% if %}` any more. */
function hard<Result>(unit: Compilation, compile: () => Result): Result {
  const { soft } = unit;
  unit.soft = false;
  const result = compile();
  unit.soft = soft;
  return result;
}

function compileStatement(node: Statement, unit: Compilation, blocks: Map<string, Body>, topLevel: boolean): Body {
  const inner = (body: readonly Statement[]): Body => hard(unit, () => compileStatements(body, unit, blocks));
  switch (node.kind) {
    case 'data': {
      const { text } = node;
      return topLevel
        ? (frame, out) => {
            if (frame.run.parent === undefined) out.push(text);
          }
        : (_, out) => {
            out.push(text);
          };
    }
    case 'output': {
      const value = guard(compileExpression(node.value, unit), unit, node.at);
      return topLevel
        ? (frame, out) => {
            if (frame.run.parent === undefined) out.push(value(frame));
          }
        : (frame, out) => {
            out.push(value(frame));
          };
    }
    case 'if':
      return ifStatement(node, unit, blocks, topLevel);
    case 'for':
      return forStatement(node, unit, inner);
    case 'set': {
      const value = guard(compileExpression(node.value, unit), unit, node.at);
      const assign = target(node.target, unit);
      return (frame) => {
        const result = value(frame);
        if ((Array.isArray(result) || result instanceof Dict) && node.value.kind !== 'name') OWN_CONTAINERS.add(result);
        assign(frame, result);
      };
    }
    case 'setblock': {
      const body = inner(node.body);
      const assign = target(node.target, unit);
      const through = node.filter === null ? undefined : filtered(node.filter, unit);
      return (frame) => {
        const value = collect(body, new Frame(frame.run, frame));
        assign(frame, through === undefined ? value : through(frame, value));
      };
    }
    case 'macro': {
      const make = hard(unit, () => macro(node.macro, unit, inner(node.macro.body), true));
      return (frame) => frame.set(node.macro.name, make(frame));
    }
    case 'callblock': {
      const make = hard(unit, () => macro(node.caller, unit, inner(node.caller.body), false));
      const of = compileExpression(node.call.of, unit);
      const prepare = prepareArguments(node.call.args, unit);
      return (frame, out) => {
        const { args, keywords } = prepare(frame, []);
        out.push(
          called(frame, unit, node.at, () =>
            frame.run.engine.call(of(frame), args, new Map([...keywords, ['caller', make(frame)]])),
          ),
        );
      };
    }
    case 'filterblock': {
      const body = inner(node.body);
      const through = filtered(node.filter, unit);
      return (frame, out) => out.push(through(frame, collect(body, new Frame(frame.run, frame))));
    }
    case 'with': {
      const values = node.values.map((value) => guard(compileExpression(value, unit), unit, node.at));
      const targets = node.targets.map((part) => target(part, unit));
      const body = inner(node.body);
      return (frame, out) => {
        const scope = new Frame(frame.run, frame);
        targets.forEach((assign, index) => assign(scope, (values[index] as Evaluate)(frame)));
        body(scope, out);
      };
    }
    case 'autoescape': {
      const body = inner(node.body);
      return (frame, out) => body(new Frame(frame.run, frame), out);
    }
    case 'block':
      return block(node, inner(node.body), blocks, topLevel);
    case 'extends': {
      const template = compileExpression(node.template, unit);
      return (frame) => {
        const { run } = frame;
        if (run.parent !== undefined)
          throw templateError('runtime', 'Error rendering template: extended multiple times', unit.locate(node.at));
        const parent = guarded(frame, unit, node.at, () =>
          includeTemplate(run.engine, run.program, template(frame), false),
        ) as Program;
        run.parent = parent;
        run.extendedAt = unit.locate(node.at);
        run.manyTemplates = true;
        for (const [name, body] of parent.blocks) {
          const stack = run.blocks?.get(name);
          if (stack === undefined) (run.blocks ??= new Map()).set(name, [body]);
          else stack.push(body);
        }
      };
    }
    case 'include': {
      const template = compileExpression(node.template, unit);
      return (frame, out) => {
        const program = guarded(frame, unit, node.at, () =>
          includeTemplate(frame.run.engine, frame.run.program, template(frame), node.ignoreMissing),
        );
        if (program === undefined) return;
        const run = new Run(
          frame.run.engine,
          program,
          node.withContext,
          node.withContext ? withoutLoop(frame) : undefined,
        );
        through('included', unit.locate(node.at), out, () => program.run(run, out));
      };
    }
    case 'import': {
      const template = compileExpression(node.template, unit);
      return (frame) => frame.set(node.target, module(frame, template, node, unit));
    }
    case 'from': {
      const template = compileExpression(node.template, unit);
      return (frame) => {
        const from = module(frame, template, node, unit);
        for (const [name, as] of node.names) {
          frame.set(
            as,
            from.attribute(name) ??
              Undefined.of(`the template '${from.name}' does not export the requested name '${name}'`, name),
          );
        }
      };
    }
  }
}

function module(
  frame: Frame,
  template: Evaluate,
  node: { readonly withContext: boolean; readonly at: number },
  unit: Compilation,
): Module {
  const program = guarded(frame, unit, node.at, () =>
    includeTemplate(frame.run.engine, frame.run.program, template(frame), false),
  ) as Program;
  const out: Value[] = [];
  const run = new Run(frame.run.engine, program, node.withContext, node.withContext ? withoutLoop(frame) : undefined);
  const root = through('imported', unit.locate(node.at), out, () => program.run(run, out));
  return new Module(program.name, root, out);
}

/** The includer's names as an included template sees them: all but `loop`. */
function withoutLoop(frame: Frame): Frame {
  const scope = new Frame(frame.run, frame);
  for (let outer: Frame | undefined = frame; outer !== undefined; outer = outer.parent) {
    if (outer.vars?.has('loop') === true) {
      scope.set('loop', Undefined.of("'loop' is undefined", 'loop'));
      break;
    }
  }
  return scope;
}

/** An expression whose errors say where it stands. */
function guard(evaluate: Evaluate, unit: Compilation, at: number): Evaluate {
  return (frame) => {
    try {
      return evaluate(frame);
    } catch (error) {
      throw frame.run.engine.located(error, unit.locate(at));
    }
  };
}
/** A call whose failure is its value. */
function called(frame: Frame, unit: Compilation, at: number, run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    return frame.run.engine.failed(error, unit.locate(at));
  }
}
function guarded<Result>(frame: Frame, unit: Compilation, at: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw frame.run.engine.located(error, unit.locate(at));
  }
}

function ifStatement(
  node: Statement & { kind: 'if' },
  unit: Compilation,
  blocks: Map<string, Body>,
  topLevel: boolean,
): Body {
  const { soft } = unit;
  unit.soft = true;
  const branches = node.branches.map(
    ({ test, body }) =>
      [guard(compileExpression(test, unit), unit, test.at), compileStatements(body, unit, blocks, topLevel)] as const,
  );
  const otherwise = compileStatements(node.otherwise, unit, blocks, topLevel);
  unit.soft = soft;
  return (frame, out) => {
    for (const [test, body] of branches) if (truthy(test(frame))) return body(frame, out);
    return otherwise(frame, out);
  };
}

function forStatement(
  node: Statement & { kind: 'for' },
  unit: Compilation,
  inner: (body: readonly Statement[]) => Body,
): Body {
  const iterable = guard(compileExpression(node.iterable, unit), unit, node.at);
  const assign = target(node.target, unit);
  const test =
    node.test === null
      ? undefined
      : guard(
          hard(unit, () => compileExpression(node.test as Expression, unit)),
          unit,
          node.at,
        );
  const body = inner(node.body);
  const otherwise = node.otherwise.length === 0 ? undefined : inner(node.otherwise);
  const needsLoop = node.recursive || readsName(node.body, 'loop');
  const rounds = (frame: Frame, value: Value, depth: number, out: Value[]): void => {
    let list: Value[] = guarded(frame, unit, node.at, () => Array.from(iterate(value)));
    if (test !== undefined) {
      list = list.filter((element) => {
        const scope = new Frame(frame.run, frame);
        assign(scope, element);
        return truthy(test(scope));
      });
    }
    if (list.length === 0) return otherwise?.(new Frame(frame.run, frame), out);
    const again = node.recursive
      ? new Callable('LoopContext', 'loop', ([more = null]) =>
          collect((_, deeper) => rounds(frame, more, depth + 1, deeper), frame),
        )
      : undefined;
    const loop = needsLoop ? new Loop(list, depth, again) : undefined;
    for (let index = 0; index < list.length; index++) {
      const scope = new Frame(frame.run, frame);
      if (loop !== undefined) {
        loop.index = index;
        scope.set('loop', loop);
      }
      guarded(frame, unit, node.at, () => assign(scope, list[index] as Value));
      body(scope, out);
    }
  };
  return (frame, out) => rounds(frame, iterable(frame), 1, out);
}

type Assign = (frame: Frame, value: Value) => void;

function target(node: Expression, unit: Compilation): Assign {
  if (node.kind === 'name') {
    const { name } = node;
    return (frame, value) => frame.set(name, value);
  }
  if (node.kind === 'namespaced') {
    return (frame, value) => {
      const namespace = frame.get(node.name);
      if (!(namespace instanceof Namespace)) {
        throw templateError(
          'runtime',
          'Error rendering template: cannot assign attribute on non-namespace object',
          unit.locate(node.at),
        );
      }
      namespace.values.set(node.attribute, value);
    };
  }
  const parts = node.kind === 'tuple' ? node.items.map((part) => target(part, unit)) : [];
  return (frame, value) => {
    const source = need(value);
    let values: Value[];
    try {
      values = Array.from(iterate(source));
    } catch {
      throw new PythonError('TypeError', `cannot unpack non-iterable ${typeName(source)} object`);
    }
    if (values.length < parts.length)
      throw new PythonError(
        'ValueError',
        `not enough values to unpack (expected ${parts.length}, got ${values.length})`,
      );
    if (values.length > parts.length)
      throw new PythonError('ValueError', `too many values to unpack (expected ${parts.length})`);
    parts.forEach((assign, index) => assign(frame, values[index] as Value));
  };
}

/** A chain of filters, applied to a value. */
function filtered(node: Expression, unit: Compilation): (frame: Frame, value: Value) => Value {
  const slot = FILTERED;
  const bottom = (expression: Expression): Expression =>
    expression.kind === 'filter'
      ? {
          ...expression,
          of: expression.of === null ? { kind: 'name', name: slot, at: expression.at } : bottom(expression.of),
        }
      : expression;
  const apply = guard(compileExpression(bottom(node), unit), unit, node.at);
  return (frame, value) => {
    const scope = new Frame(frame.run, frame);
    scope.set(slot, value);
    return apply(scope);
  };
}

/** `named`: whether it has a name of its own, as the body of a call block has not. */
function macro(node: Macro, unit: Compilation, body: Body, named: boolean): (frame: Frame) => Value {
  const { name, parameters } = node;
  if (new Set(parameters).size < parameters.length)
    throw new TemplateError('runtime', `Error rendering template: duplicate argument in definition of macro '${name}'`);
  const defaults = node.defaults.map((value) => compileExpression(value, unit));
  const firstDefault = parameters.length - defaults.length;
  const takesMore = readsName(node.body, 'varargs');
  const takesNamed = readsName(node.body, 'kwargs');
  const takesCaller = readsName(node.body, 'caller');
  const attributes = (): Dict =>
    new Dict([
      ['name', named ? name : null],
      ['arguments', Tuple.from(parameters) as Tuple],
      ['catch_kwargs', takesNamed],
      ['catch_varargs', takesMore],
      ['caller', takesCaller],
    ]);
  return (defined) => {
    const run = (args: readonly Value[], keywords: Keywords): Value => {
      const frame = new Frame(defined.run, defined);
      const rest = new Map(keywords);
      const caller = rest.get('caller');
      if (takesCaller) {
        rest.delete('caller');
        frame.set('caller', caller ?? Undefined.of('No caller defined', 'caller'));
      }
      parameters.forEach((parameter, index) => {
        let value = args[index];
        if (index >= args.length && rest.has(parameter)) {
          value = rest.get(parameter);
          rest.delete(parameter);
        }
        frame.set(
          parameter,
          // None is a value like others.
          value !== undefined
            ? value
            : index >= firstDefault
              ? (defaults[index - firstDefault] as Evaluate)(frame)
              : Undefined.of(`parameter '${parameter}' was not provided`, parameter),
        );
      });
      if (takesNamed) frame.set('kwargs', new Dict(rest));
      else if (rest.size > 0) {
        const [unexpected] = rest.keys();
        throw typeError(
          unexpected === 'caller'
            ? `macro '${name}' was invoked with two values for the special caller argument. This is most likely a bug.`
            : `macro '${name}' takes no keyword argument '${unexpected ?? ''}'`,
        );
      }
      if (takesMore) frame.set('varargs', Tuple.from(args.slice(parameters.length)) as Tuple);
      else if (args.length > parameters.length)
        throw typeError(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
      return defined.run.engine.guarded(() => collect(body, frame));
    };
    return new MacroCallable(name, run, attributes());
  };
}

function block(node: Statement & { kind: 'block' }, body: Body, blocks: Map<string, Body>, topLevel: boolean): Body {
  const { name, required, scoped } = node;
  const own: Body = required
    ? () => {
        throw new TemplateError('runtime', `Error rendering template: Required block '${name}' not found`);
      }
    : body;
  blocks.set(name, own);
  return (frame, out) => {
    if (topLevel && frame.run.parent !== undefined) return;
    renderBlock(frame, name, 0, scoped ? frame : rootOf(frame), out);
  };
}

function rootOf(frame: Frame): Frame {
  let root = frame;
  while (root.parent !== undefined && root.parent.run === frame.run) root = root.parent;
  return root;
}

/** Writes the `depth`th body of a block (0: the most derived one). */
export function renderBlock(frame: Frame, name: string, depth: number, scope: Frame, out: Value[]): void {
  const body = frame.run.blocks?.get(name)?.[depth] ?? frame.run.program.blocks.get(name);
  if (body === undefined) return;
  const inside = new Frame(frame.run, scope);
  inside.set('super', above(frame, name, depth + 1, scope));
  body(inside, out);
}

/** The body of a block that those before `depth` stand in for. */
function above(frame: Frame, name: string, depth: number, scope: Frame): Value {
  if (frame.run.blocks?.get(name)?.[depth] === undefined)
    return Undefined.of(`there is no parent block called '${name}'.`, 'super');
  return new BlockReference(
    'super',
    () => native((inner) => renderBlock(frame, name, depth, scope, inner)),
    () => above(frame, name, depth + 1, scope),
  );
}
