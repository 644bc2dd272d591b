// One template case as JSON -> its result as JSON: the work behind `vbx eval --jsonl`, in the format of the corpus.
import { Dict, type Unknown, type Value } from '../core/value.ts';
import { VbxError, TemplateError } from '../core/error.ts';
import { formatOrigin } from '../core/origin.ts';
import { mapScope, type RenderContext, type Scope } from './context.ts';
import { HostVars } from './host-vars.ts';
import type { LookupHost } from './host.ts';
import type { TemplateOverrides } from './overrides.ts';
import { Templar } from './templar.ts';
import { fromWire, toWire } from './wire.ts';
import { pythonRepr } from './python/text.ts';
import { isFloat, typeName } from './python/types.ts';

export interface EvalCase {
  readonly id?: string;
  readonly mode?: 'template' | 'file' | 'when' | 'expr' | 'arg';
  readonly template: unknown;
  readonly vars?: unknown;
  /** Variables whose texts are data. */
  readonly untrusted?: readonly string[] | null;
  readonly overrides?: TemplateOverrides | null;
  /** Variables of an inventory's hosts; the case is evaluated for `host` (web01). */
  readonly hosts?: Readonly<Record<string, unknown>> | null;
  readonly host?: string;
  /** Plugins of collections too, not those of ansible-core only. */
  readonly collections?: boolean;
}

export interface EvalResult {
  readonly id?: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly repr?: string;
  /** What the template module writes (mode `file`). */
  readonly written?: string | null;
  readonly error?: { readonly kind: string; readonly message: string; readonly at?: string; readonly hint?: string };
}

/** Evaluates one case; errors of templates are part of the result. `host` gives files, `searchPath` where they are looked for. */
export function evaluateCase(given: EvalCase, host: LookupHost, searchPath: readonly string[]): EvalResult {
  const id = given.id === undefined ? {} : { id: given.id };
  try {
    const { value, written } = evaluate(given, host, searchPath);
    const shown = Array.isArray(value) || value instanceof Dict || isFloat(value) ? { repr: pythonRepr(value) } : {};
    return {
      ...id,
      type: typeName(value),
      value: toWire(value),
      ...shown,
      ...(written === undefined ? {} : { written }),
    };
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    const place = error.origin === undefined || error.origin.file === '' ? {} : { at: formatOrigin(error.origin) };
    return {
      ...id,
      error: {
        kind: error instanceof TemplateError ? error.kind : 'runtime',
        message: error.message,
        ...place,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
      ...(given.mode === 'file' ? { written: null } : {}),
    };
  }
}

function evaluate(
  given: EvalCase,
  host: LookupHost,
  searchPath: readonly string[],
): { value: Value; written?: string | null } {
  const context: RenderContext = {
    scope: scopeOf(given, host, searchPath),
    host,
    searchPath,
    collections: given.collections ?? false,
    inventoryHosts: inventory(given),
  };
  const templar = new Templar(context);
  const trusted = fromWire(given.template, true);
  switch (given.mode ?? 'template') {
    case 'template':
    case 'arg':
      return { value: templar.render(trusted) };
    case 'when':
      return { value: templar.condition(fromWire(given.template, false)) as boolean | Unknown };
    case 'expr':
      return { value: templar.expression(String(given.template)) };
    case 'file': {
      const root = searchPath[0] ?? host.cwd();
      const paths = [`${root}/templates/templates`, `${root}/templates`, root];
      const { value, text } = new Templar({ ...context, searchPath: paths }).file(String(given.template), {
        name: `${root}/templates/_case.j2`,
        overrides: given.overrides ?? {},
      });
      return { value: value === null ? '' : value, written: text };
    }
  }
}

function inventory(given: EvalCase): (pattern: string) => readonly string[] {
  const hosts = Object.keys(given.hosts ?? { [given.host ?? 'web01']: {} });
  return (pattern) => (pattern === 'all' || pattern === '*' ? hosts : hosts.filter((name) => name === pattern));
}

/** The case's variables, with what an inventory of its hosts defines. */
function scopeOf(given: EvalCase, host: LookupHost, searchPath: readonly string[]): Scope {
  const untrusted = new Set(given.untrusted ?? []);
  const own = new Map<string, Value>();
  const wire = fromWire(given.vars ?? {}, false);
  const raw = wire instanceof Dict ? (given.vars as Record<string, unknown>) : {};
  for (const [name, value] of Object.entries(raw)) own.set(name, fromWire(value, !untrusted.has(name)));
  const name = given.host ?? 'web01';
  const hosts = given.hosts ?? { [name]: {} };
  const names = Object.keys(hosts);
  const magic = (of: string): Dict =>
    new Dict([
      ['inventory_hostname', of],
      ['inventory_hostname_short', of.split('.')[0] ?? of],
      ['group_names', ['ungrouped']],
      [
        'groups',
        new Dict([
          ['all', [...names]],
          ['ungrouped', [...names]],
        ]),
      ],
    ]);
  const variablesOf = (of: string): Dict => {
    const vars = fromWire(hosts[of] ?? {}, true);
    return vars instanceof Dict ? vars : new Dict();
  };
  const hostvars = new HostVars(names, (of) => mapScope(variablesOf(of), magic(of)), {
    host,
    searchPath,
    collections: given.collections ?? false,
  });
  const play = new Map<string, Value>([
    ['hostvars', hostvars],
    ['playbook_dir', searchPath[0] ?? host.cwd()],
    ['inventory_file', null],
    ['inventory_dir', null],
    ['ansible_facts', new Dict()],
    ['ansible_config_file', null],
    ['ansible_version', 'Unknown'],
  ]);
  const all = mapScope(own, variablesOf(name), magic(name), play);
  return { ...all, untrusted: (variable) => untrusted.has(variable) };
}
