// Expressions of `constructed` inventories, evaluated by the template engine.
import { nodeHost, Templar, type LookupHost } from '../template/index.ts';
import { Unknown } from '../core/value.ts';
import type { Evaluate, HostScope } from './constructed.ts';

export function templateEvaluate(host: LookupHost = nodeHost()): Evaluate {
  const engine = (scope: HostScope) => new Templar({ scope, host, searchPath: [host.cwd()] });
  return {
    expression: (text, scope, origin) => engine(scope).expression(text, origin),
    conditional(text, scope, origin) {
      const holds = engine(scope).condition(text, origin);
      return holds instanceof Unknown ? false : holds;
    },
    render: (value, scope) => engine(scope).render(value),
  };
}
