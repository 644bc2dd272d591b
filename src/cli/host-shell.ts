// The command that opens a shell on a host for a person: the system's ssh with what the inventory says of the host, or a shell here.
import { pythonStr } from '../template/index.ts';
import { Variables } from '../engine/variables/index.ts';
import type { Inventory } from '../core/host.ts';
import { splitWords } from '../core/words.ts';
import type { ConnectionDefaults } from '../engine/run-options.ts';
import type { Controller } from './controller.ts';

/** The words of the command. Passwords are not among them: ssh asks. */
export function shellCommand(
  host: string,
  inventory: Inventory,
  defaults: ConnectionDefaults,
  controller: Controller,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const variables: Variables = new Variables({
    inventory,
    extraVars: controller.extraVars,
    options: { check: false, diff: false, forks: 1, verbosity: 0, playbookDir: process.cwd() },
    render: (value, scope) => controller.templarOf(scope).render(value),
    readVarsFile: () => undefined,
    hashBehaviour: controller.settings.values.hashBehaviour,
  });
  const scope = variables.scope({ host });
  const templar = controller.templarOf(scope);
  const variable = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const raw = scope.lookup(name);
      const value = raw === undefined || raw === null ? '' : pythonStr(templar.render(raw));
      if (value !== '') return value;
    }
    return undefined;
  };
  const { SHELL: shell = '/bin/sh' } = env;
  const connection =
    variable('ansible_connection') ??
    defaults.connection ??
    (inventory.host(host) === undefined && ['localhost', '127.0.0.1', '::1'].includes(host) ? 'local' : 'ssh');
  if (/(^|\.)local$/.test(connection)) return [shell];
  const port = variable('ansible_port', 'ansible_ssh_port') ?? defaults.port?.toString();
  const user = variable('ansible_user', 'ansible_ssh_user') ?? defaults.user;
  const key = variable('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? defaults.privateKeyFile;
  const args = [
    variable('ansible_ssh_common_args') ?? defaults.sshCommonArgs,
    variable('ansible_ssh_extra_args') ?? defaults.sshExtraArgs,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
  return [
    'ssh',
    '-t',
    ...(port === undefined ? [] : ['-p', port]),
    ...(key === undefined ? [] : ['-i', key]),
    ...(splitWords(args).words ?? []),
    '--',
    `${user === undefined ? '' : `${user}@`}${variable('ansible_host', 'ansible_ssh_host') ?? host}`,
  ];
}
