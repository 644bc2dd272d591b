// Which defaults and variables of roles a task sees: those of dependencies, of the roles that led to it, and its own, weakest first.
import type { Node, Play, Role } from '../../core/play.ts';
import type { VarsLayer } from '../../core/host.ts';
import type { Dict } from '../../core/value.ts';

/** Dependencies of a role and theirs, in the order in which they run. */
export function allDependencies(role: Role): readonly Role[] {
  return role.dependencies.flatMap((dependency) => [...allDependencies(dependency), dependency]);
}

/** Defaults of a role by itself: of its dependencies, then its own. */
function plainDefaults(role: Role): readonly VarsLayer[] {
  return [...allDependencies(role).flatMap(plainDefaults), role.defaults];
}

/** Defaults that a task of the role sees above those of the play's other roles. */
export function roleDefaults(role: Role): readonly VarsLayer[] {
  return [
    ...allDependencies(role).flatMap(plainDefaults),
    ...role.parents.map((parent) => parent.defaults),
    role.defaults,
  ];
}

/** Variables (vars/) that a role shows to the rest of its play. */
function exportedVars(role: Role): readonly VarsLayer[] {
  return [...new Set(allDependencies(role))].flatMap(exportedVars).concat(role.vars);
}

/** Variables that a task of the role sees: of the roles that led here, of its dependencies, its own. */
export function roleVars(role: Role): readonly VarsLayer[] {
  return [
    ...role.parents.map((parent) => parent.vars),
    ...[...new Set(allDependencies(role))].flatMap(exportedVars),
    role.vars,
  ];
}

/** Parameters of the roles that led here, then the role's own. */
export function roleParams(role: Role): readonly VarsLayer[] {
  return [...role.parents, role].filter((one) => one.params.size > 0).map((one) => paramsLayer(one.params));
}
const layers = new WeakMap<Dict, VarsLayer>();
function paramsLayer(params: Dict): VarsLayer {
  let layer = layers.get(params);
  if (layer === undefined) layers.set(params, (layer = { level: 'role (and include_role) params', vars: params }));
  return layer;
}

/** Defaults and exported vars that the play's public roles give to all of its tasks. */
export function publicLayers(roles: readonly Role[]): {
  readonly defaults: readonly VarsLayer[];
  readonly vars: readonly VarsLayer[];
} {
  return { defaults: roles.flatMap(plainDefaults), vars: roles.flatMap(exportedVars) };
}

/** Roles whose defaults and vars the whole play sees from its start: of `roles:` and of import_role, where they are public. */
export function publicRoles(play: Play, privateRoleVars: boolean): Role[] {
  const roles = new Set<Role>();
  if (!privateRoleVars) for (const run of play.roles) if (run.role.public) roles.add(run.role);
  const ofPlay = new Set(play.roles.map((run) => run.role));
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (
        node.role?.public === true &&
        !ofPlay.has(node.role) &&
        !node.role.parents.some((parent) => ofPlay.has(parent) && dependsOn(parent, node.role))
      )
        roles.add(node.role);
      if (node.kind === 'block') for (const part of [node.block, node.rescue, node.always]) walk(part);
    }
  };
  for (const nodes of [play.preTasks, ...play.roles.map((run) => run.nodes), play.tasks, play.postTasks]) walk(nodes);
  return [...roles];
}
function dependsOn(role: Role, other: Role | undefined): boolean {
  return other !== undefined && allDependencies(role).includes(other);
}
