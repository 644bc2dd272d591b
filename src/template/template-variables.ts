// The variables that the template module and lookup add: template_path, ansible_managed and their like.
import type { Value } from '../core/value.ts';
import type { RenderContext } from './context.ts';
import { dateOf, fromMicroseconds } from './python/date.ts';

/** Names and values for a template file; what the user defined as `ansible_managed` stays. */
export function templateVariables(context: RenderContext, path: string, destination?: string): Map<string, Value> {
  const { host, scope } = context;
  const variables = new Map<string, Value>([
    ['template_host', host.hostname()],
    ['template_path', path],
    ['template_fullpath', path.startsWith('/') ? path : `${host.cwd()}/${path}`],
    ['template_uid', host.user()],
    ['template_run_date', dateOf('datetime', { ...fromMicroseconds(BigInt(Math.floor(host.now() * 1e6)), undefined), offset: undefined })],
  ]);
  if (destination !== undefined) variables.set('template_destpath', destination);
  if (scope.lookup('ansible_managed') === undefined) variables.set('ansible_managed', 'Ansible managed');
  return variables;
}
