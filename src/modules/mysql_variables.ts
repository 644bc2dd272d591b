// mysql_variables: global variables of MySQL or MariaDB, told or set, by the client on the host.
import type { z } from 'zod';
import { choice, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { loginArgs, NO_CLIENT, refusal, serverFailure, sqlName, sqlStep, sqlText } from './mysql/client.ts';
import { rowsProbe, type ResultSets } from './mysql/result-sets.ts';

interface Variable {
  readonly kind: 'variable' | ResultSets['kind'];
  /** Null where the server has no variable of that name. */
  readonly value: string | null;
  /** What the server begins with next time; null where nothing is kept of it. */
  readonly kept: string | null;
  readonly info: { readonly message: string };
}

const args = {
  variable: str().describe('The variable.'),
  value: str().optional().describe('What to set it to; without it its value is told.'),
  mode: choice('global', 'persist', 'persist_only')
    .default('global')
    .describe('Set it now, now and for the next start, or for the next start alone (MySQL 8).'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const mysql_variables = defineModule<typeof args, { readonly variable: Variable }>({
  name: 'community.mysql.mysql_variables',
  summary: 'Tell or set global variables of MySQL or MariaDB',
  args,
  check: ({ variable }) => (/^[0-9A-Za-z_.]+$/.test(variable) ? undefined : `invalid variable name "${variable}"`),
  example: `
- community.mysql.mysql_variables:
    variable: max_connections
    value: 200
`,
  probe: (given, basics): { variable: Probe<Variable> } => {
    const name = sqlText(given.variable);
    return {
      variable: rowsProbe(
        `variable:${given.variable}`,
        given,
        basics.home,
        {
          now: `SHOW GLOBAL VARIABLES WHERE Variable_name = ${name}`,
          ...(given.mode === 'global'
            ? {}
            : {
                kept: `SELECT VARIABLE_VALUE AS 'kept' FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = ${name}`,
              }),
        },
        variableOf,
        { optional: ['kept'] },
      ),
    };
  },
})({
  plan: (given, { variable: now }): Plan<{ readonly variable: Variable }> => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    if (now.kind === 'refused') return { failed: refusal(given, now.info.message) };
    if (now.value === null) return { failed: `Variable not available "${given.variable}"` };
    if (given.value === undefined) return { after: {} };
    const wanted = wantedOf(given, now.value);
    const [set, keep] = [
      given.mode !== 'persist_only' && !alike(wanted, now.value),
      given.mode !== 'global' && (now.kept === null || !alike(wanted, now.kept)),
    ];
    return {
      after:
        set || keep
          ? {
              variable: {
                ...now,
                ...(given.mode === 'persist_only' ? {} : { value: wanted }),
                ...(given.mode === 'global' ? {} : { kept: wanted }),
              },
            }
          : {},
    };
  },
  apply: (given, { before, after }, basics) =>
    before.variable === after.variable ? [] : [sqlStep(given, basics.home, [statement(given, before.variable)])],
  result: (given, { before: { variable: was }, after: { variable: is } }) => {
    if (given.value === undefined) return { msg: was.value };
    if (was !== is)
      return {
        msg: `Variable change succeeded prev_value=${(given.mode === 'persist_only' ? was.kept : was.value) ?? 'False'}`,
        queries: [statement(given, was).replace(/'(.*)'$/s, '$1')],
      };
    return {
      msg:
        given.mode === 'global'
          ? 'Variable is already set to requested value.'
          : given.mode === 'persist'
            ? 'Variable is already set to requested value globallyand stored into mysqld-auto.cnf file.'
            : 'Variable is already stored into mysqld-auto.cnf with requested value.',
    };
  },
  failure: serverFailure(),
});

function variableOf({ kind, sets, info }: ResultSets): Variable {
  const kept = sets['kept']?.[0]?.['kept'] ?? null;
  return { kind: kind === 'rows' ? 'variable' : kind, value: sets['now']?.[0]?.['Value'] ?? null, kept, info };
}

const isNumber = (text: string): boolean => /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
/** Numbers are compared as such: 1 is 1.0. */
const alike = (left: string, right: string): boolean =>
  left === right || (isNumber(left) && isNumber(right) && Number(left) === Number(right));

/** Servers tell ON and OFF, whichever way they are set. */
function wantedOf({ value = '' }: Args, now: string): string {
  if (now !== 'ON' && now !== 'OFF') return value;
  return value === 'on' || value === '1' ? 'ON' : value === 'off' || value === '0' ? 'OFF' : value;
}

function statement(given: Args, now: Variable): string {
  const wanted = wantedOf(given, now.value ?? '');
  const name = given.variable.split('.').map(sqlName).join('.');
  return `SET ${given.mode.toUpperCase()} ${name} = ${isNumber(wanted) ? wanted.trim() : sqlText(wanted)}`;
}
