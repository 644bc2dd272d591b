// What a loop goes over: its items, the variables of each, and what an item is called.
import { TemplateError, VbxError } from '../core/error.ts';
import type { Task, Written } from '../core/play.ts';
import { Dict, KNOWN_AFTER_APPLY, Unknown, type Value } from '../core/value.ts';
import { isVariableName } from '../playbook/keywords.ts';
import { pythonRepr, pythonStr, typeName, type Templar } from '../template/index.ts';
import { viewOf, type ItemRequest } from './prepare.ts';
import { toBool } from './run-context.ts';

/** The items of a loop, or that they are not known. Errors: TemplateError; a value that is no list. */
export function loopItems(request: ItemRequest, templar: Templar): Value[] | Unknown {
  const { loop } = request.task;
  if (loop === undefined) return [];
  if (loop.lookup === 'loop') {
    const value = templar.render(loop.value);
    if (value instanceof Unknown) return value;
    if (!Array.isArray(value))
      throw new VbxError(`The \`loop\` value must resolve to a 'list', not '${typeName(value)}'.`, {
        origin: loop.origin,
        hint: value instanceof Dict ? 'for a dictionary use "{{ x | dict2items }}"' : undefined,
      });
    return value;
  }
  const rendered = templar.render(loop.lookup === 'first_found' ? definedOf(loop.value, templar) : loop.value);
  if (rendered instanceof Unknown) return rendered;
  if (loop.lookup === 'list' && rendered instanceof Dict)
    throw new VbxError('with_list expects a list', { origin: loop.origin });
  const terms = Array.isArray(rendered) ? rendered : [rendered];
  // The terms travel as a variable: they are values, not text to be written into an expression.
  const { scope } = viewOf({ ...request, loopVars: new Map([...(request.loopVars ?? []), ['vbx_terms', terms]]) });
  const { action } = request.task;
  const looking = request.run.templar(
    scope,
    request.task,
    request.play,
    action.includes('template') ? 'templates' : action.includes('var') ? 'vars' : 'files',
  );
  const found = looking.expression(`query('${loop.lookup}', *vbx_terms)`, loop.origin);
  return found instanceof Unknown ? found : Array.isArray(found) ? found : [found];
}

/** What `with_first_found` looks for, without what is named by undefined variables: the next may be found. */
function definedOf(value: Value, templar: Templar): Value {
  const isDefined = (part: Value): boolean => {
    try {
      templar.render(part);
      return true;
    } catch (error) {
      if (error instanceof TemplateError && error.kind === 'undefined') return false;
      throw error;
    }
  };
  if (Array.isArray(value)) return value.map((part) => definedOf(part, templar)).filter((part) => isDefined(part));
  if (value instanceof Dict)
    return new Dict(
      [...value]
        .map(([key, part]): [Value, Value] => [key, definedOf(part, templar)])
        .filter(([, part]) => isDefined(part)),
    );
  return value;
}

/** The variables of one item: the loop variable, its index, `ansible_loop`. */
export function itemVariables(
  task: Task,
  items: readonly Value[],
  index: number,
  templar: Templar,
): ReadonlyMap<string, Value> {
  const { control } = task.loop as NonNullable<Task['loop']>;
  const item = items[index] as Value;
  const vars = new Map<string, Value>([
    [control.loopVar, item],
    ['ansible_loop_var', control.loopVar],
  ]);
  if (control.indexVar !== undefined) {
    vars.set(control.indexVar, index);
    vars.set('ansible_index_var', control.indexVar);
  }
  if (control.extended !== undefined && toBool(templar.render(control.extended.value))) {
    const all = control.extendedAllItems === undefined || toBool(templar.render(control.extendedAllItems.value));
    const loop = new Dict([
      ...(all ? ([['allitems', items as Value[]]] as [Value, Value][]) : []),
      ['index', index + 1],
      ['index0', index],
      ['first', index === 0],
      ['last', index + 1 === items.length],
      ['length', items.length],
      ['revindex', items.length - index],
      ['revindex0', items.length - index - 1],
    ]);
    if (index > 0) loop.set('previtem', items[index - 1] as Value);
    if (index + 1 < items.length) loop.set('nextitem', items[index + 1] as Value);
    vars.set('ansible_loop', loop);
  }
  return vars;
}

/** The task with the names of its loop's variables, where templates say them. Errors: a value that is no name. */
export function withNames(task: Task, templar: Templar): Task {
  const { loop } = task;
  const templates = loop?.control.nameTemplates;
  if (loop === undefined || templates === undefined) return task;
  const name = (written: Written | undefined, fallback: string | undefined): string | undefined => {
    if (written === undefined) return fallback;
    const rendered = templar.render(written.value);
    if (typeof rendered === 'string' && isVariableName(rendered)) return rendered;
    throw new VbxError(
      `Invalid variable name ${rendered instanceof Unknown ? 'that is not known yet' : pythonRepr(rendered)}.`,
      { origin: written.origin },
    );
  };
  const indexVar = name(templates.indexVar, loop.control.indexVar);
  return {
    ...task,
    loop: {
      ...loop,
      control: {
        ...loop.control,
        loopVar: name(templates.loopVar, loop.control.loopVar) ?? 'item',
        ...(indexVar === undefined ? {} : { indexVar }),
      },
    },
  };
}

/** The label of an item in events: `loop_control.label`, or the item as text. Errors: TemplateError. */
export function labelOf(request: ItemRequest, vars: ReadonlyMap<string, Value>, item: Value): string {
  const label = request.task.loop?.control.label;
  return text(label === undefined ? item : viewOf({ ...request, loopVars: vars }).templar.render(label.value));
}

function text(value: Value): string {
  return value instanceof Unknown ? KNOWN_AFTER_APPLY : pythonStr(value);
}
