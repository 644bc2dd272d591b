// The tree of a template. `at` is the offset in its source where a node starts.
import type { Value } from '../core/value.ts';

export type Expression =
  | { readonly kind: 'const'; readonly value: Value; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'namespaced'; readonly name: string; readonly attribute: string; readonly at: number }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Expression[]; readonly at: number }
  | { readonly kind: 'dict'; readonly items: readonly (readonly [Expression, Expression])[]; readonly at: number }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string; readonly at: number }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression; readonly at: number }
  | {
      readonly kind: 'slice';
      readonly of: Expression;
      readonly start: Expression | null;
      readonly stop: Expression | null;
      readonly step: Expression | null;
      readonly at: number;
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: Arguments; readonly at: number }
  | {
      readonly kind: 'filter';
      readonly name: string;
      readonly of: Expression | null;
      readonly args: Arguments;
      readonly at: number;
    }
  | {
      readonly kind: 'test';
      readonly name: string;
      readonly of: Expression;
      readonly args: Arguments;
      readonly at: number;
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+'; readonly of: Expression; readonly at: number }
  | { readonly kind: 'not'; readonly of: Expression; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | { readonly kind: 'concat'; readonly items: readonly Expression[]; readonly at: number }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly (readonly [CompareOperator, Expression])[];
      readonly at: number;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression; readonly at: number }
  | {
      readonly kind: 'choice';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression | null;
      readonly at: number;
    };

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly (readonly [string, Expression])[];
  readonly star: Expression | null;
  readonly starStar: Expression | null;
}
export const NO_ARGUMENTS: Arguments = { positional: [], keywords: [], star: null, starStar: null };

export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Defaults of the last parameters. */
  readonly defaults: readonly Expression[];
  readonly body: readonly Statement[];
}

export type Statement =
  | { readonly kind: 'data'; readonly text: string; readonly at: number }
  | { readonly kind: 'output'; readonly value: Expression; readonly at: number }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[];
      readonly at: number;
    }
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly iterable: Expression;
      readonly test: Expression | null;
      readonly recursive: boolean;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly at: number;
    }
  | { readonly kind: 'set'; readonly target: Expression; readonly value: Expression; readonly at: number }
  | {
      readonly kind: 'setblock';
      readonly target: Expression;
      readonly filter: Expression | null;
      readonly body: readonly Statement[];
      readonly at: number;
    }
  | { readonly kind: 'macro'; readonly macro: Macro; readonly at: number }
  | {
      readonly kind: 'callblock';
      readonly call: Expression & { readonly kind: 'call' };
      readonly caller: Macro;
      readonly at: number;
    }
  | {
      readonly kind: 'filterblock';
      readonly filter: Expression;
      readonly body: readonly Statement[];
      readonly at: number;
    }
  | {
      readonly kind: 'with';
      readonly targets: readonly Expression[];
      readonly values: readonly Expression[];
      readonly body: readonly Statement[];
      readonly at: number;
    }
  | { readonly kind: 'autoescape'; readonly body: readonly Statement[]; readonly at: number }
  | {
      readonly kind: 'block';
      readonly name: string;
      readonly scoped: boolean;
      readonly required: boolean;
      readonly body: readonly Statement[];
      readonly at: number;
    }
  | { readonly kind: 'extends'; readonly template: Expression; readonly at: number }
  | {
      readonly kind: 'include';
      readonly template: Expression;
      readonly ignoreMissing: boolean;
      readonly withContext: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'import';
      readonly template: Expression;
      readonly target: string;
      readonly withContext: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'from';
      readonly template: Expression;
      readonly names: readonly (readonly [string, string])[];
      readonly withContext: boolean;
      readonly at: number;
    };

export interface Template {
  readonly body: readonly Statement[];
}
