// Ansible's settings that vbx heeds: where each is written in ansible.cfg, its environment variables, its type and what it is when not written.

interface Kinds {
  boolean: boolean;
  integer: number;
  string: string;
  /** Split at commas. */
  list: readonly string[];
  /** A path, relative to the file it is written in. */
  path: string;
  /** Paths split at `:`. */
  pathspec: readonly string[];
  /** Paths split at commas; entries with a comma behind them are host lists. */
  pathlist: readonly string[];
}
export type Kind = keyof Kinds;

export interface Definition<T> {
  readonly kind: Kind;
  /** `section.key` of ansible.cfg, the strongest last as in Ansible. */
  readonly ini: readonly string[];
  /** The strongest last. */
  readonly env: readonly string[];
  readonly otherwise: T;
  readonly choices?: readonly string[];
}

function setting<K extends Kind>(kind: K, ini: string, env: string, otherwise: Kinds[K]): Definition<Kinds[K]> {
  return { kind, ini: words(ini), env: words(env), otherwise };
}
/** A setting that is undefined when it is not written. */
function maybe<K extends Kind>(kind: K, ini: string, env: string): Definition<Kinds[K] | undefined> {
  return { kind, ini: words(ini), env: words(env), otherwise: undefined };
}
function choice<const C extends string>(
  ini: string,
  env: string,
  choices: readonly C[],
  otherwise: NoInfer<C>,
): Definition<C> {
  return { kind: 'string', ini: words(ini), env: words(env), otherwise, choices };
}
function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

export const DEFINITIONS = {
  // Plays and how they run
  strategy: setting('string', 'defaults.strategy', 'ANSIBLE_STRATEGY', 'linear'),
  forks: setting('integer', 'defaults.forks', 'ANSIBLE_FORKS', 100),
  gathering: choice('defaults.gathering', 'ANSIBLE_GATHERING', ['implicit', 'explicit', 'smart'], 'implicit'),
  gatherSubset: maybe('list', 'defaults.gather_subset', 'ANSIBLE_GATHER_SUBSET'),
  gatherTimeout: maybe('integer', 'defaults.gather_timeout', 'ANSIBLE_GATHER_TIMEOUT'),
  hashBehaviour: choice('defaults.hash_behaviour', 'ANSIBLE_HASH_BEHAVIOUR', ['replace', 'merge'], 'replace'),
  forceHandlers: setting('boolean', 'defaults.force_handlers', 'ANSIBLE_FORCE_HANDLERS', false),
  anyErrorsFatal: setting('boolean', 'defaults.any_errors_fatal', 'ANSIBLE_ANY_ERRORS_FATAL', false),
  taskTimeout: setting('integer', 'defaults.task_timeout', 'ANSIBLE_TASK_TIMEOUT', 0),
  interpreterPython: maybe('string', 'defaults.interpreter_python', 'ANSIBLE_PYTHON_INTERPRETER'),
  pollInterval: setting('integer', 'defaults.poll_interval', 'ANSIBLE_POLL_INTERVAL', 15),
  noLog: setting('boolean', 'defaults.no_log', 'ANSIBLE_NO_LOG', false),
  privateRoleVars: setting('boolean', 'defaults.private_role_vars', 'ANSIBLE_PRIVATE_ROLE_VARS', false),
  injectFactsAsVars: setting('boolean', 'defaults.inject_facts_as_vars', 'ANSIBLE_INJECT_FACT_VARS', true),
  errorOnUndefinedVars: setting('boolean', 'defaults.error_on_undefined_vars', 'ANSIBLE_ERROR_ON_UNDEFINED_VARS', true),
  errorOnMissingHandler: setting(
    'boolean',
    'defaults.error_on_missing_handler',
    'ANSIBLE_ERROR_ON_MISSING_HANDLER',
    true,
  ),
  invalidTaskAttributeFailed: setting(
    'boolean',
    'defaults.invalid_task_attribute_failed',
    'ANSIBLE_INVALID_TASK_ATTRIBUTE_FAILED',
    true,
  ),
  duplicateDictKey: choice(
    'defaults.duplicate_dict_key',
    'ANSIBLE_DUPLICATE_YAML_DICT_KEY',
    ['error', 'warn', 'ignore'],
    'warn',
  ),
  /** Undefined when not written: vbx then takes a condition's truth value and warns once. */
  allowBrokenConditionals: maybe('boolean', 'defaults.allow_broken_conditionals', 'ANSIBLE_ALLOW_BROKEN_CONDITIONALS'),
  runTags: setting('list', 'tags.run', 'ANSIBLE_RUN_TAGS', []),
  skipTags: setting('list', 'tags.skip', 'ANSIBLE_SKIP_TAGS', []),
  moduleName: setting('string', 'defaults.module_name', '', 'command'),
  moduleArgs: maybe('string', 'defaults.module_args', 'ANSIBLE_MODULE_ARGS'),
  ansibleManaged: setting('string', 'defaults.ansible_managed', '', 'Ansible managed'),
  executable: setting('string', 'defaults.executable', 'ANSIBLE_EXECUTABLE', '/bin/sh'),
  diffAlways: setting('boolean', 'diff.always', 'ANSIBLE_DIFF_ALWAYS', false),
  diffContext: setting('integer', 'diff.context', 'ANSIBLE_DIFF_CONTEXT', 3),
  maxDiffSize: setting('integer', 'defaults.max_diff_size', 'ANSIBLE_MAX_DIFF_SIZE', 104448),
  retryFilesEnabled: setting('boolean', 'defaults.retry_files_enabled', 'ANSIBLE_RETRY_FILES_ENABLED', false),
  retryFilesSavePath: maybe('path', 'defaults.retry_files_save_path', 'ANSIBLE_RETRY_FILES_SAVE_PATH'),
  playbookDir: maybe('path', 'defaults.playbook_dir', 'ANSIBLE_PLAYBOOK_DIR'),

  // Where things are found
  libraryPath: setting('pathspec', 'defaults.library', 'ANSIBLE_LIBRARY', [
    '~/.ansible/plugins/modules',
    '/usr/share/ansible/plugins/modules',
  ]),
  rolesPath: setting('pathspec', 'defaults.roles_path', 'ANSIBLE_ROLES_PATH', [
    '~/.ansible/roles',
    '/usr/share/ansible/roles',
    '/etc/ansible/roles',
  ]),
  collectionsPath: setting(
    'pathspec',
    'defaults.collections_paths defaults.collections_path',
    'ANSIBLE_COLLECTIONS_PATHS ANSIBLE_COLLECTIONS_PATH',
    ['~/.ansible/collections', '/usr/share/ansible/collections'],
  ),
  logPath: maybe('path', 'defaults.log_path', 'ANSIBLE_LOG_PATH'),

  // Inventory
  inventory: setting('pathlist', 'defaults.inventory', 'ANSIBLE_INVENTORY', ['/etc/ansible/hosts']),
  inventoryEnabled: maybe('list', 'inventory.enable_plugins', 'ANSIBLE_INVENTORY_ENABLED'),
  inventoryIgnoreExtensions: maybe(
    'list',
    'defaults.inventory_ignore_extensions inventory.ignore_extensions',
    'ANSIBLE_INVENTORY_IGNORE',
  ),
  inventoryIgnorePatterns: maybe(
    'list',
    'defaults.inventory_ignore_patterns inventory.ignore_patterns',
    'ANSIBLE_INVENTORY_IGNORE_REGEX',
  ),
  inventoryUnparsedIsFailed: setting(
    'boolean',
    'inventory.unparsed_is_failed',
    'ANSIBLE_INVENTORY_UNPARSED_FAILED',
    false,
  ),
  inventoryUnparsedWarning: setting(
    'boolean',
    'inventory.inventory_unparsed_warning',
    'ANSIBLE_INVENTORY_UNPARSED_WARNING',
    true,
  ),
  /** Undefined when not written: a missing source is a warning, and one of a folder that cannot be read; one that was named and cannot be read is an error. */
  inventoryAnyUnparsedIsFailed: maybe(
    'boolean',
    'inventory.any_unparsed_is_failed',
    'ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED',
  ),
  inventoryExport: setting('boolean', 'inventory.export', 'ANSIBLE_INVENTORY_EXPORT', false),
  hostPatternMismatch: choice(
    'inventory.host_pattern_mismatch',
    'ANSIBLE_HOST_PATTERN_MISMATCH',
    ['error', 'warning', 'ignore'],
    'warning',
  ),
  transformInvalidGroupChars: choice(
    'defaults.force_valid_group_names',
    'ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS',
    ['always', 'never', 'ignore', 'silently'],
    'never',
  ),
  precedence: maybe('list', 'defaults.precedence', 'ANSIBLE_PRECEDENCE'),
  localhostWarning: setting('boolean', 'defaults.localhost_warning', 'ANSIBLE_LOCALHOST_WARNING', true),

  // Facts kept between runs
  factCaching: setting('string', 'defaults.fact_caching', 'ANSIBLE_CACHE_PLUGIN', 'memory'),
  factCachingConnection: maybe('path', 'defaults.fact_caching_connection', 'ANSIBLE_CACHE_PLUGIN_CONNECTION'),
  factCachingPrefix: maybe('string', 'defaults.fact_caching_prefix', 'ANSIBLE_CACHE_PLUGIN_PREFIX'),
  factCachingTimeout: setting('integer', 'defaults.fact_caching_timeout', 'ANSIBLE_CACHE_PLUGIN_TIMEOUT', 86400),

  // Vault
  askVaultPass: setting('boolean', 'defaults.ask_vault_pass', 'ANSIBLE_ASK_VAULT_PASS', false),
  vaultPasswordFile: maybe('path', 'defaults.vault_password_file', 'ANSIBLE_VAULT_PASSWORD_FILE'),
  vaultIdentityList: setting('list', 'defaults.vault_identity_list', 'ANSIBLE_VAULT_IDENTITY_LIST', []),
  vaultIdentity: setting('string', 'defaults.vault_identity', 'ANSIBLE_VAULT_IDENTITY', 'default'),
  vaultEncryptIdentity: maybe('string', 'defaults.vault_encrypt_identity', 'ANSIBLE_VAULT_ENCRYPT_IDENTITY'),
  vaultEncryptSalt: maybe('string', 'defaults.vault_encrypt_salt', 'ANSIBLE_VAULT_ENCRYPT_SALT'),
  vaultIdMatch: setting('boolean', 'defaults.vault_id_match', 'ANSIBLE_VAULT_ID_MATCH', false),
  editor: setting('string', 'defaults.editor', 'EDITOR ANSIBLE_EDITOR', 'vi'),
  pager: setting('string', 'defaults.pager', 'PAGER ANSIBLE_PAGER', 'less'),

  // How hosts are reached
  transport: maybe('string', 'defaults.transport', 'ANSIBLE_TRANSPORT'),
  remoteUser: maybe('string', 'defaults.remote_user', 'ANSIBLE_REMOTE_USER'),
  remotePort: maybe('integer', 'defaults.remote_port', 'ANSIBLE_REMOTE_PORT'),
  privateKeyFile: maybe('path', 'defaults.private_key_file', 'ANSIBLE_PRIVATE_KEY_FILE'),
  privateKeyPassphrase: maybe('string', '', 'ANSIBLE_PRIVATE_KEY_PASSPHRASE'),
  timeout: setting('integer', 'defaults.timeout ssh_connection.timeout', 'ANSIBLE_TIMEOUT ANSIBLE_SSH_TIMEOUT', 10),
  hostKeyChecking: setting(
    'boolean',
    'defaults.host_key_checking ssh_connection.host_key_checking',
    'ANSIBLE_HOST_KEY_CHECKING ANSIBLE_SSH_HOST_KEY_CHECKING',
    true,
  ),
  connectionRetries: setting('integer', 'connection.retries ssh_connection.retries', 'ANSIBLE_SSH_RETRIES', 0),
  sshArgs: maybe('string', 'ssh_connection.ssh_args', 'ANSIBLE_SSH_ARGS'),
  sshCommonArgs: maybe('string', 'ssh_connection.ssh_common_args', 'ANSIBLE_SSH_COMMON_ARGS'),
  sshExtraArgs: maybe('string', 'ssh_connection.ssh_extra_args', 'ANSIBLE_SSH_EXTRA_ARGS'),
  sshExecutable: setting('string', 'ssh_connection.ssh_executable', 'ANSIBLE_SSH_EXECUTABLE', 'ssh'),
  askPass: setting('boolean', 'defaults.ask_pass', 'ANSIBLE_ASK_PASS', false),
  connectionPasswordFile: maybe('path', 'defaults.connection_password_file', 'ANSIBLE_CONNECTION_PASSWORD_FILE'),

  // Becoming another user
  become: setting('boolean', 'privilege_escalation.become', 'ANSIBLE_BECOME', false),
  becomeMethod: setting('string', 'privilege_escalation.become_method', 'ANSIBLE_BECOME_METHOD', 'sudo'),
  becomeUser: setting(
    'string',
    'privilege_escalation.become_user sudo_become_plugin.user',
    'ANSIBLE_BECOME_USER ANSIBLE_SUDO_USER',
    'root',
  ),
  becomeExe: maybe(
    'string',
    'privilege_escalation.become_exe sudo_become_plugin.executable',
    'ANSIBLE_BECOME_EXE ANSIBLE_SUDO_EXE',
  ),
  becomeFlags: maybe(
    'string',
    'privilege_escalation.become_flags sudo_become_plugin.flags',
    'ANSIBLE_BECOME_FLAGS ANSIBLE_SUDO_FLAGS',
  ),
  becomePassword: maybe('string', 'sudo_become_plugin.password', 'ANSIBLE_BECOME_PASS ANSIBLE_SUDO_PASS'),
  becomeAskPass: setting('boolean', 'privilege_escalation.become_ask_pass', 'ANSIBLE_BECOME_ASK_PASS', false),
  becomePasswordFile: maybe('path', 'defaults.become_password_file', 'ANSIBLE_BECOME_PASSWORD_FILE'),
  becomeAllowSameUser: setting(
    'boolean',
    'privilege_escalation.become_allow_same_user',
    'ANSIBLE_BECOME_ALLOW_SAME_USER',
    false,
  ),

  // What is printed
  verbosity: setting('integer', 'defaults.verbosity', 'ANSIBLE_VERBOSITY', 0),
  verboseToStderr: setting('boolean', 'defaults.verbose_to_stderr', 'ANSIBLE_VERBOSE_TO_STDERR', false),
  stdoutCallback: setting('string', 'defaults.stdout_callback', 'ANSIBLE_STDOUT_CALLBACK', 'default'),
  resultFormat: choice('defaults.callback_result_format', 'ANSIBLE_CALLBACK_RESULT_FORMAT', ['json', 'yaml'], 'json'),
  prettyResults: maybe('boolean', 'defaults.callback_format_pretty', 'ANSIBLE_CALLBACK_FORMAT_PRETTY'),
  displaySkippedHosts: setting('boolean', 'defaults.display_skipped_hosts', 'ANSIBLE_DISPLAY_SKIPPED_HOSTS', true),
  displayOkHosts: setting('boolean', 'defaults.display_ok_hosts', 'ANSIBLE_DISPLAY_OK_HOSTS', true),
  displayFailedStderr: setting('boolean', 'defaults.display_failed_stderr', 'ANSIBLE_DISPLAY_FAILED_STDERR', false),
  displayArgsToStdout: setting('boolean', 'defaults.display_args_to_stdout', 'ANSIBLE_DISPLAY_ARGS_TO_STDOUT', false),
  showCustomStats: setting('boolean', 'defaults.show_custom_stats', 'ANSIBLE_SHOW_CUSTOM_STATS', false),
  showPerHostStart: setting('boolean', 'defaults.show_per_host_start', 'ANSIBLE_SHOW_PER_HOST_START', false),
  showTaskPathOnFailure: setting(
    'boolean',
    'defaults.show_task_path_on_failure',
    'ANSIBLE_SHOW_TASK_PATH_ON_FAILURE',
    false,
  ),
  checkModeMarkers: setting('boolean', 'defaults.check_mode_markers', 'ANSIBLE_CHECK_MODE_MARKERS', false),
  forceColor: setting('boolean', 'defaults.force_color', 'ANSIBLE_FORCE_COLOR', false),
  noColor: setting('boolean', 'defaults.nocolor', 'NO_COLOR ANSIBLE_NOCOLOR', false),
  deprecationWarnings: setting('boolean', 'defaults.deprecation_warnings', 'ANSIBLE_DEPRECATION_WARNINGS', true),
  systemWarnings: setting('boolean', 'defaults.system_warnings', 'ANSIBLE_SYSTEM_WARNINGS', true),
} as const;

export type SettingName = keyof typeof DEFINITIONS;
/** Values by name; a choice is one of its words. */
export type SettingValues = {
  readonly [N in SettingName]: (typeof DEFINITIONS)[N] extends Definition<infer T> ? T : never;
};
