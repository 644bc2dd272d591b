// The template engine: Jinja2 as Ansible runs it. Everything that other parts use is exported here.
export { Templar } from './templar.ts';
export {
  mapScope,
  type CustomFilter,
  type CustomLookup,
  type CustomPlugins,
  type CustomTest,
  type RenderContext,
  type Scope,
} from './context.ts';
export type { FetchRequest, FileStatus, LookupHost, RunResult } from './host.ts';
export { nodeHost } from './node-host.ts';
export { HostVars } from './host-vars.ts';
export { OMIT } from './special.ts';
export { pythonRepr, pythonStr } from './python/text.ts';
export { truthy, typeName } from './python/types.ts';
export { pythonEquals } from './python/compare.ts';
export { checkSyntax, variablesOf } from './check.ts';
export { unknownPlugins, type PluginKind } from './unknown-plugins.ts';
export type { TemplateOverrides } from './overrides.ts';
export { nearest } from '../core/nearest.ts';
