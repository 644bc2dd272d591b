// Which names a template reads from outside of itself.
import type { Arguments, Expression, Macro, Statement } from './ast.ts';

/** Whether any expression below reads `name` (bound there or not). */
export function readsName(body: readonly Statement[], name: string): boolean {
  let found = false;
  visitStatements(body, {
    read: (text) => {
      found ||= text === name;
    },
    include: () => {
      /* an included template does not see loop, varargs or caller */
    },
  });
  return found;
}

/** Names that the statements bind anywhere, with those that Jinja binds itself. */
export function boundNames(body: readonly Statement[]): Set<string> {
  const bound = new Set<string>(SPECIAL);
  visitStatements(body, {
    read: () => {
      /* only what is bound counts */
    },
    bind: (name) => bound.add(name),
  });
  return bound;
}

/** Whether a statement below binds `name`. */
export function bindsName(body: readonly Statement[], name: string): boolean {
  let found = false;
  visitStatements(body, {
    read: () => {
      /* only what is bound counts */
    },
    bind: (bound) => {
      found ||= bound === name;
    },
  });
  return found;
}

/** What a filter block's filters are applied to; no name that a template could write. */
export const FILTERED = '\u0000filtered';

const SPECIAL = ['loop', 'self', 'super', 'varargs', 'kwargs', 'caller', FILTERED];

/** Root names that the statements read and do not bind themselves, as far as the text tells. */
export function freeNames(body: readonly Statement[]): Set<string> {
  const names = new Set<string>();
  const bound = new Set<string>(SPECIAL);
  visitStatements(body, {
    read: (name) => {
      if (!bound.has(name)) names.add(name);
    },
    bind: (name) => bound.add(name),
  });
  return names;
}

/** Root names that an expression reads. */
export function expressionNames(expression: Expression): Set<string> {
  const names = new Set<string>();
  visit(expression, { read: (name) => names.add(name) });
  return names;
}

interface Visitor {
  read(name: string): void;
  bind?(name: string): void;
  include?(): void;
}

function visitStatements(body: readonly Statement[], visitor: Visitor): void {
  for (const statement of body) visitStatement(statement, visitor);
}

function visitStatement(node: Statement, visitor: Visitor): void {
  switch (node.kind) {
    case 'data':
      return;
    case 'output':
      return visit(node.value, visitor);
    case 'if':
      for (const { test, body } of node.branches) {
        visit(test, visitor);
        visitStatements(body, visitor);
      }
      return visitStatements(node.otherwise, visitor);
    case 'for':
      visit(node.iterable, visitor);
      bind(node.target, visitor);
      if (node.test !== null) visit(node.test, visitor);
      visitStatements(node.body, visitor);
      return visitStatements(node.otherwise, visitor);
    case 'set':
      visit(node.value, visitor);
      return bind(node.target, visitor);
    case 'setblock':
      visitStatements(node.body, visitor);
      if (node.filter !== null) visit(node.filter, visitor);
      return bind(node.target, visitor);
    case 'macro':
      visitor.bind?.(node.macro.name);
      return visitMacro(node.macro, visitor);
    case 'callblock':
      visit(node.call, visitor);
      return visitMacro(node.caller, visitor);
    case 'filterblock':
      visitStatements(node.body, visitor);
      return visit(node.filter, visitor);
    case 'with':
      node.values.forEach((value) => visit(value, visitor));
      node.targets.forEach((target) => bind(target, visitor));
      return visitStatements(node.body, visitor);
    case 'autoescape':
    case 'block':
      return visitStatements(node.body, visitor);
    case 'extends':
    case 'include':
      visitor.include?.();
      return visit(node.template, visitor);
    case 'import':
      visitor.bind?.(node.target);
      return visit(node.template, visitor);
    case 'from':
      node.names.forEach(([, as]) => visitor.bind?.(as));
      return visit(node.template, visitor);
  }
}

function visitMacro(macro: Macro, visitor: Visitor): void {
  macro.defaults.forEach((value) => visit(value, visitor));
  macro.parameters.forEach((parameter) => visitor.bind?.(parameter));
  visitStatements(macro.body, visitor);
}

function bind(target: Expression, visitor: Visitor): void {
  if (target.kind === 'name') visitor.bind?.(target.name);
  else if (target.kind === 'tuple') target.items.forEach((part) => bind(part, visitor));
  else if (target.kind === 'namespaced') visitor.read(target.name);
}

function visit(node: Expression, visitor: Visitor): void {
  switch (node.kind) {
    case 'const':
      return;
    case 'name':
    case 'namespaced':
      return visitor.read(node.name);
    case 'tuple':
    case 'list':
    case 'concat':
      return node.items.forEach((part) => visit(part, visitor));
    case 'dict':
      return node.items.forEach(([key, value]) => {
        visit(key, visitor);
        visit(value, visitor);
      });
    case 'attribute':
    case 'unary':
    case 'not':
      return visit(node.of, visitor);
    case 'item':
      visit(node.of, visitor);
      return visit(node.key, visitor);
    case 'slice':
      visit(node.of, visitor);
      for (const part of [node.start, node.stop, node.step]) if (part !== null) visit(part, visitor);
      return;
    case 'call':
    case 'test':
      visit(node.of, visitor);
      return visitArguments(node.args, visitor);
    case 'filter':
      if (node.of !== null) visit(node.of, visitor);
      return visitArguments(node.args, visitor);
    case 'binary':
    case 'and':
    case 'or':
      visit(node.left, visitor);
      return visit(node.right, visitor);
    case 'compare':
      visit(node.first, visitor);
      return node.rest.forEach(([, right]) => visit(right, visitor));
    case 'choice':
      visit(node.test, visitor);
      visit(node.yes, visitor);
      if (node.no !== null) visit(node.no, visitor);
  }
}

function visitArguments(args: Arguments, visitor: Visitor): void {
  args.positional.forEach((part) => visit(part, visitor));
  args.keywords.forEach(([, part]) => visit(part, visitor));
  if (args.star !== null) visit(args.star, visitor);
  if (args.starStar !== null) visit(args.starStar, visitor);
}
