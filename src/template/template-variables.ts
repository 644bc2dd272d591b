// The variables that the template module and lookup add: template_path, ansible_managed and their like.
import type { Value } from '../core/value.ts';
import type { RenderContext } from './context.ts';
import type { Names } from './engine.ts';
import { dateOf, fromMicroseconds } from './python/date.ts';

/**
 * Names and values for a template file, worked out when they are read; `more` come first. What the user defined as `ansible_managed` stays.
 */
export function templateVariables(context: RenderContext, path: string, destination?: string, more?: ReadonlyMap<string, Value>): Names {
  const { host, scope } = context;
  const made: Record<string, () => Value | undefined> = {
    template_host: () => host.hostname(),
    template_path: () => path,
    template_fullpath: () => (path.startsWith('/') ? path : `${host.cwd()}/${path}`),
    template_uid: () => host.user(),
    template_run_date: () => dateOf('datetime', { ...fromMicroseconds(BigInt(Math.floor(host.now() * 1e6)), undefined), offset: undefined }),
    template_destpath: () => destination ?? null,
    ansible_managed: () => (scope.lookup('ansible_managed') === undefined ? 'Ansible managed' : undefined),
  };
  return {
    get: (name) => {
      const own = more?.get(name);
      return own === undefined && Object.hasOwn(made, name) ? made[name]?.() : own;
    },
    keys: () => [...Object.keys(made).filter((name) => made[name]?.() !== undefined), ...(more?.keys() ?? [])],
  };
}
