// Settings by the names that Ansible's `config` lookup has for them.
import { DEFINITIONS, type SettingName, type SettingValues } from './definitions.ts';

/** Names that their environment variable does not tell. */
const OWN_NAMES: Readonly<Record<string, SettingName>> = {
  DEFAULT_HOST_LIST: 'inventory',
  INJECT_FACTS_AS_VARS: 'injectFactsAsVars',
  DEFAULT_UNDEFINED_VAR_BEHAVIOR: 'errorOnUndefinedVars',
  DEFAULT_MANAGED_STR: 'ansibleManaged',
  DEFAULT_MODULE_NAME: 'moduleName',
  COLLECTIONS_PATHS: 'collectionsPath',
  COLLECTIONS_PATH: 'collectionsPath',
  DEFAULT_BECOME_EXE: 'becomeExe',
  DEFAULT_BECOME_FLAGS: 'becomeFlags',
  DEFAULT_REMOTE_PORT: 'remotePort',
  CACHE_PLUGIN: 'factCaching',
  CACHE_PLUGIN_CONNECTION: 'factCachingConnection',
  CACHE_PLUGIN_PREFIX: 'factCachingPrefix',
  CACHE_PLUGIN_TIMEOUT: 'factCachingTimeout',
  DUPLICATE_YAML_DICT_KEY: 'duplicateDictKey',
};

const BY_VARIABLE: ReadonlyMap<string, SettingName> = new Map(
  Object.entries(DEFINITIONS).flatMap(([name, { env }]) =>
    env.map((variable) => [variable.replace(/^ANSIBLE_/, ''), name as SettingName] as const),
  ),
);

/** What is in effect for `DEFAULT_FORKS`, `HOST_KEY_CHECKING` and their like; undefined for a name that vbx has no setting for. What is not set is null. */
export function namedSetting(values: SettingValues, name: string): SettingValues[SettingName] | null | undefined {
  const found = OWN_NAMES[name] ?? BY_VARIABLE.get(name) ?? BY_VARIABLE.get(name.replace(/^DEFAULT_/, ''));
  return found === undefined ? undefined : (values[found] ?? null);
}
