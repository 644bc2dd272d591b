// Settings of Ansible's that mean nothing to vbx: some are harmless to leave out, the others are named in one warning when the user wrote them.

/** Left out without a word: Ansible's own upkeep, looks. */
const QUIET = new Set(
  words(`defaults.home defaults.local_tmp defaults.remote_tmp defaults.nocows defaults.cow_selection defaults.cowsay_enabled_stencils defaults.cowpath
    defaults.bin_ansible_callbacks defaults.devel_warning defaults.command_warnings defaults.action_warnings defaults.module_compression defaults.keep_remote_files
    defaults.pipelining connection.pipelining ssh_connection.pipelining ssh_connection.control_path ssh_connection.control_path_dir ssh_connection.transfer_method ssh_connection.scp_if_ssh
    ssh_connection.sftp_batch_mode ssh_connection.usetty defaults.internal_poll_interval defaults.allow_world_readable_tmpfiles defaults.system_tmpdirs defaults.admin_users
    defaults.async_dir defaults.collections_scan_sys_path defaults.collections_on_ansible_version_mismatch defaults.docsite_root_url defaults.display_traceback
    defaults.vars_plugins_enabled defaults.run_vars_plugins defaults.use_persistent_connections defaults.log_filter defaults.log_verbosity defaults.debug
    defaults.jinja2_native_warning defaults.deprecation_warning defaults.python_module_rlimit_nofile privilege_escalation.agnostic_become_prompt defaults.module_strict_utf8_response
    defaults.no_target_syslog defaults.syslog_facility defaults.target_log_info defaults.old_plugin_cache_clear defaults.validate_action_group_metadata
    inventory.cache inventory.cache_plugin inventory.cache_timeout inventory.cache_connection inventory.cache_prefix`),
);
const QUIET_SECTIONS = new Set([
  'galaxy',
  'colors',
  'selinux',
  'persistent_connection',
  'paramiko_connection',
  'netconf_connection',
  'powershell',
  'accelerate',
]);
const QUIET_ENV = new Set(
  words(`ANSIBLE_CONFIG ANSIBLE_HOME ANSIBLE_PYTHON_INTERPRETER ANSIBLE_LOCAL_TEMP ANSIBLE_REMOTE_TEMP ANSIBLE_REMOTE_TMP ANSIBLE_NOCOWS ANSIBLE_COW_SELECTION ANSIBLE_COW_ACCEPTLIST
    ANSIBLE_COW_PATH ANSIBLE_DEVEL_WARNING ANSIBLE_PIPELINING ANSIBLE_SSH_PIPELINING ANSIBLE_SSH_CONTROL_PATH ANSIBLE_SSH_CONTROL_PATH_DIR ANSIBLE_SSH_TRANSFER_METHOD
    ANSIBLE_SCP_IF_SSH ANSIBLE_SFTP_BATCH_MODE ANSIBLE_SSH_USETTY ANSIBLE_KEEP_REMOTE_FILES ANSIBLE_DEBUG ANSIBLE_LOAD_CALLBACK_PLUGINS ANSIBLE_ACTION_WARNINGS ANSIBLE_COMMAND_WARNINGS
    ANSIBLE_ASYNC_DIR ANSIBLE_COLLECTIONS_SCAN_SYS_PATH ANSIBLE_DISPLAY_TRACEBACK ANSIBLE_VERSION ANSIBLE_ROOT ANSIBLE_TEST_PREFER_VENV ANSIBLE_LIBRARY_PATH ANSIBLE_PLAYBOOK_ARGS`),
);
const QUIET_ENV_PREFIX =
  /^ANSIBLE_(?:GALAXY|COLOR|TEST|PERSISTENT|PARAMIKO|NETCONF|INVENTORY_CACHE|VARS_PLUGIN|COLLECTIONS_ON)_|^_ANSIBLE_/;

/** Settings that are read, for the config lookup, and have no effect in vbx: named where their value is not the usual one. */
export const IDLE: ReadonlySet<string> = new Set([
  'errorOnUndefinedVars',
  'invalidTaskAttributeFailed',
  'maxDiffSize',
  'connectionRetries',
  'sshExecutable',
  'becomeAllowSameUser',
  'verboseToStderr',
  'displayArgsToStdout',
  'systemWarnings',
]);

/** Why a setting has no effect, where that is worth a word. */
const REASONS: Readonly<Record<string, string>> = {
  'defaults.jinja2_native': 'templates always give native types',
  ANSIBLE_JINJA2_NATIVE: 'templates always give native types',
  'defaults.callbacks_enabled': 'see --reporter',
  ANSIBLE_CALLBACKS_ENABLED: 'see --reporter',
};

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Whether a setting of a file, unknown to vbx, is passed over in silence. */
export function isQuietSetting(section: string, key: string): boolean {
  return QUIET_SECTIONS.has(section) || QUIET.has(`${section}.${key}`);
}
export function isQuietVariable(name: string): boolean {
  return QUIET_ENV.has(name) || QUIET_ENV_PREFIX.test(name);
}
/** The name with the reason behind it, if there is one. */
export function withReason(name: string): string {
  const reason = REASONS[name];
  return reason === undefined ? name : `${name} (${reason})`;
}
