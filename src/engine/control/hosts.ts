// add_host and group_by: the inventory changed in the middle of a run.
import { Dict } from '../../core/value.ts';
import { pythonStr } from '../../template/index.ts';
import { changed, ok, type Control } from './control.ts';

export const addHost: Control = ({ request, prepared }) => {
  const { run } = request;
  const written = String(prepared.args['name']);
  const groups = (prepared.args['groups'] as string[] | undefined) ?? [];
  const vars = new Dict();
  for (const [key, value] of prepared.values) {
    const name = pythonStr(key);
    if (!['name', 'host', 'hostname', 'groups', 'group', 'groupname'].includes(name)) vars.set(name, value);
  }
  // `name:port`, an IPv6 address only in brackets.
  const port = /^(\[.+\]|[^:]+):(\d+)$/.exec(written);
  const name = (port?.[1] ?? written).replace(/^\[(.*)\]$/, '$1');
  if (port?.[2] !== undefined) vars.set('ansible_ssh_port', Number(port[2]));
  const before = run.options.inventory.host(name);
  const isNew =
    before === undefined ||
    groups.some((group) => !before.groups.includes(group)) ||
    [...vars].some(([key, value]) => before.vars.get(key) !== value);
  run.options.inventory.addHost(name, groups, vars);
  run.variables.inventoryChanged(name);
  const result = { add_host: { host_name: name, groups, host_vars: vars } };
  return isNew ? changed(result) : ok(result);
};

export const groupBy: Control = ({ request, prepared }) => {
  const { run, host } = request;
  const group = String(prepared.args['key']).replaceAll(' ', '-');
  const parents = ((prepared.args['parents'] as string[] | undefined) ?? ['all']).map((parent) =>
    parent.replaceAll(' ', '-'),
  );
  const isNew = run.options.inventory.host(host)?.groups.includes(group) !== true;
  run.options.inventory.addToGroup(host, group, parents);
  run.variables.inventoryChanged(host);
  return (isNew ? changed : ok)({ add_group: group, parent_groups: parents });
};
