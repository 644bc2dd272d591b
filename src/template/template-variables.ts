// The variables that the template module and lookup add: template_path, ansible_managed and their like.
import { userText, type PyDate, type Value } from '../core/value.ts';
import type { RenderContext } from './context.ts';
import type { Names } from './engine.ts';
import { dateOf, dateParts, fromMicroseconds } from './python/date.ts';
import { strftime } from './python/strftime.ts';
import { pythonStr } from './python/text.ts';

/**
 * Names and values for a template file, worked out when they are read; `more` come first. What the user defined as `ansible_managed` stays.
 * `written`: the path as the user has it; by default the path that was found.
 */
export function templateVariables(
  context: RenderContext,
  path: string,
  {
    destination,
    written,
    more,
  }: { destination?: string | undefined; written?: string | undefined; more?: ReadonlyMap<string, Value> } = {},
): Names {
  const { host, scope } = context;
  const made: Record<string, () => Value | undefined> = {
    template_host: () => host.hostname(),
    template_path: () => written ?? path,
    template_fullpath: () => (path.startsWith('/') ? path : `${host.cwd()}/${path}`),
    template_uid: () => host.status(path)?.owner() ?? host.user(),
    template_mtime: () => datetime(host.status(path)?.mtime ?? host.now()),
    template_run_date: () => datetime(host.now()),
    template_destpath: () => destination ?? null,
    ansible_managed: () => (scope.lookup('ansible_managed') === undefined ? managed() : undefined),
  };
  /** The setting `ansible_managed`: names in braces, then the file's time as strftime writes it; a file's name means nothing to it. */
  const managed = (): Value => {
    const text = pythonStr(host.setting?.('DEFAULT_MANAGED_STR') ?? 'Ansible managed');
    // As Python's format() fills it in; what stands for a name is a template, as the rest of the setting may be.
    const filled = text.replace(/\{\{|\}\}|\{(host|uid|file)\}/g, (mark, name: string | undefined) =>
      name === undefined ? mark.slice(1) : `{{ template_${name === 'file' ? 'path' : name} }}`,
    );
    const dated = filled.includes('%')
      ? strftime(filled, dateParts(datetime(host.status(path)?.mtime ?? host.now())))
      : filled;
    return userText(dated, { file: 'ansible_managed', line: 1, column: 1 });
  };
  return {
    get: (name) => {
      const own = more?.get(name);
      return own === undefined && Object.hasOwn(made, name) ? made[name]?.() : own;
    },
    keys: () => [...Object.keys(made).filter((name) => made[name]?.() !== undefined), ...(more?.keys() ?? [])],
  };
}

/** Local time without its offset, as Python's datetime.now() has it. */
function datetime(seconds: number): PyDate {
  return dateOf('datetime', {
    ...fromMicroseconds(BigInt(Math.floor(seconds * 1e6)), -new Date(seconds * 1000).getTimezoneOffset()),
    offset: undefined,
  });
}
