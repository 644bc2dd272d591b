// How a task reaches its machine: variables over keywords over the command line, as Ansible decides it.
import type { Become, ConnectionSettings, ShellSpec } from '../core/connection.ts';
import { VbxError } from '../core/error.ts';
import type { Keyword, Keywords } from '../core/play.ts';
import { Unknown, type Value } from '../core/value.ts';
import type { Templar } from '../template/index.ts';
import type { Scope } from '../template/context.ts';
import type { ConnectionDefaults } from './run-options.ts';
import { toBool } from './run-context.ts';

export interface Connection {
  readonly settings: ConnectionSettings;
  readonly spec: ShellSpec;
}

const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

/** Names that mean the controller where the inventory does not say otherwise. */
export const isThisMachine = (name: string): boolean => LOCAL.has(name);

/**
 * `name` is the host acted on (the delegate, where there is one) and `scope` its variables; `known` says whether the inventory has it.
 * Keywords are rendered by `templar`, which sees the variables of the host that the task is for. Errors: VbxError for a connection or
 * become method that vbx does not have, TemplateError.
 */
export function connectionOf(
  name: string,
  known: boolean,
  scope: Scope,
  keywords: Keywords,
  templar: Templar,
  scopeTemplar: Templar,
  defaults: ConnectionDefaults,
  delegated: boolean,
): Connection {
  const variable = (...names: string[]): Value | undefined => {
    for (const candidate of names) {
      const raw = scope.lookup(candidate);
      if (raw === undefined || raw === null) continue;
      const value = scopeTemplar.render(raw);
      if (value !== null && value !== '') return value;
    }
    return undefined;
  };
  const keyword = (key: Keyword): Value | undefined => {
    const written = keywords[key];
    return written === undefined ? undefined : templar.render(written.value);
  };
  const text = (value: Value | undefined): string | undefined =>
    value === undefined || value === null || value instanceof Unknown ? undefined : String(value as string);
  const number = (value: Value | undefined): number | undefined => {
    if (value === undefined || value === null) return undefined;
    const parsed = Number(text(value));
    if (!Number.isInteger(parsed) || parsed < 1 || parsed > 65535)
      throw new VbxError(`the port of ${name} must be a number from 1 to 65535, not ${text(value) ?? 'nothing'}`);
    return parsed;
  };
  const word =
    text(variable('ansible_connection') ?? keyword('connection')) ??
    (!known && isThisMachine(name) ? 'local' : undefined) ??
    defaults.connection ??
    'ssh';
  const transport = transportOf(word, name);
  const port =
    number(variable('ansible_port', 'ansible_ssh_port') ?? (delegated ? undefined : keyword('port'))) ?? defaults.port;
  const user =
    text(variable('ansible_user', 'ansible_ssh_user')) ??
    (delegated && known ? undefined : text(keyword('remote_user'))) ??
    defaults.user;
  const password = text(variable('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password')) ?? defaults.password;
  const key = text(variable('ansible_ssh_private_key_file', 'ansible_private_key_file')) ?? defaults.privateKeyFile;
  const passphrase = text(variable('ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase'));
  const args = [
    text(variable('ansible_ssh_common_args')) ?? defaults.sshCommonArgs,
    text(variable('ansible_ssh_extra_args')) ?? defaults.sshExtraArgs,
  ]
    .filter((part): part is string => part !== undefined && part !== '')
    .join(' ');
  const checking = text(variable('ansible_ssh_host_key_checking', 'ansible_host_key_checking'));
  const timeout = Number(text(variable('ansible_ssh_timeout', 'ansible_timeout')) ?? defaults.timeout);
  const settings: ConnectionSettings = {
    transport,
    name,
    host: transport === 'local' ? 'localhost' : (text(variable('ansible_host', 'ansible_ssh_host')) ?? name),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(key === undefined ? {} : { privateKeyFile: key }),
    ...(passphrase === undefined ? {} : { privateKeyPassphrase: passphrase }),
    ...(args === '' ? {} : { sshArgs: args }),
    hostKeyChecking:
      checking === undefined
        ? defaults.hostKeyChecking
        : checking === 'accept-new'
          ? 'accept-new'
          : toBool(checking)
            ? 'yes'
            : 'no',
    connectTimeout: Number.isFinite(timeout) && timeout > 0 ? timeout : defaults.timeout,
  };
  const wanted = variable('ansible_become') ?? keyword('become');
  if (!(wanted === undefined ? defaults.become : toBool(wanted))) return { settings, spec: {} };
  const method = (text(variable('ansible_become_method') ?? keyword('become_method')) ?? defaults.becomeMethod).replace(
    /^(ansible\.builtin|community\.general)\./,
    '',
  );
  if (method !== 'sudo' && method !== 'su' && method !== 'doas')
    throw new VbxError(`become method "${method}" of ${name} is not supported`, {
      hint: 'vbx knows sudo, su and doas',
    });
  const becomeUser =
    text(variable('ansible_become_user', `ansible_${method}_user`) ?? keyword('become_user')) ?? defaults.becomeUser;
  const becomePassword =
    text(
      variable(
        'ansible_become_password',
        'ansible_become_pass',
        `ansible_${method}_pass`,
        `ansible_${method}_password`,
      ),
    ) ?? defaults.becomePassword;
  const exe =
    text(variable('ansible_become_exe', `ansible_${method}_exe`) ?? keyword('become_exe')) ?? defaults.becomeExe;
  const flags =
    text(variable('ansible_become_flags', `ansible_${method}_flags`) ?? keyword('become_flags')) ??
    defaults.becomeFlags;
  const become: Become = {
    method,
    user: becomeUser,
    ...(becomePassword === undefined ? {} : { password: becomePassword }),
    ...(exe === undefined ? {} : { exe }),
    ...(flags === undefined ? {} : { flags }),
  };
  return { settings, spec: { become } };
}

function transportOf(word: string, name: string): ConnectionSettings['transport'] {
  const short = word.replace(/^ansible\.(builtin|netcommon|legacy)\./, '');
  if (short === 'ssh' || short === 'smart' || short === 'paramiko' || short === 'paramiko_ssh' || short === 'ssh2')
    return 'ssh';
  if (short === 'openssh') return 'openssh';
  if (short === 'local') return 'local';
  throw new VbxError(`the connection "${word}" of ${name} is not supported`, {
    hint: "vbx knows ssh, openssh (the system's ssh) and local",
  });
}
