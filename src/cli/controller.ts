// What the commands of vbx need of the controller, made from the command line and the settings: vault, variables, inventory, playbooks, connections.
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { namedSetting } from '../config/named.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { UsageError, VbxError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Module } from '../core/module.ts';
import type { Origin } from '../core/origin.ts';
import { Secrets } from '../core/secrets.ts';
import { fromPlain, type Value } from '../core/value.ts';
import type { ConnectionDefaults } from '../engine/run-options.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { expandLimit } from '../inventory/limit.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { templateEvaluate } from '../inventory/template-evaluate.ts';
import { MODULES, resolveModule } from '../modules/registry.ts';
import { expandHome } from '../playbook/find-role.ts';
import { PlaybookLoader } from '../playbook/load.ts';
import { pythonSources, usesAnsibleLibrary } from '../playbook/python-sources.ts';
import { LIBRARY } from '../playbook/task-action.ts';
import { nodeFiles, type FileSource } from '../playbook/node-files.ts';
import { mapScope, nodeHost, Templar, type LookupHost, type Scope } from '../template/index.ts';
import { loadVaultSecrets } from '../vault/load-secrets.ts';
import { Vault } from '../vault/vault.ts';
import { extraVars } from './extra-vars.ts';
import type { ConnectionFlags, InventoryFlags } from './options.ts';
import { passwordFrom } from './password.ts';
import { pythonBoot, pythonLibrary } from './python-library.ts';
import { ask, canAsk } from './terminal.ts';

/** A module by its canonical name: vbx's own, or the file of a library folder. */
export function loadModule(name: string): Promise<Module | undefined> {
  return name.startsWith(LIBRARY)
    ? libraryFile(name.slice(LIBRARY.length))
    : (MODULES[name]?.() ?? Promise.resolve(undefined));
}

async function libraryFile(path: string): Promise<Module> {
  const bytes = await readFile(path);
  if (path.endsWith('.py') && usesAnsibleLibrary(bytes.toString())) {
    const { pythonModule } = await import('../modules/python-module.ts');
    const text = bytes.toString();
    return pythonModule(path, text, {
      ...pythonSources(path, text, { readFile: (file) => nodeFiles().readFile(file), library: pythonLibrary() }),
      boot: pythonBoot(),
    });
  }
  const { libraryModule } = await import('../modules/library-module.ts');
  return libraryModule(path, bytes);
}

export class Controller {
  readonly secrets = new Secrets();
  readonly files: FileSource = nodeFiles();
  readonly lookupHost: LookupHost = {
    ...nodeHost(),
    setting: (name) => {
      const found = namedSetting(this.settings.values, name);
      return found === undefined ? undefined : fromPlain(found);
    },
  };
  readonly settings: Settings;
  readonly flags: InventoryFlags;
  readonly warn: (message: string, origin?: Origin) => void;
  readonly vault: Vault;
  readonly extraVars: readonly VarsLayer[];

  private constructor(
    flags: InventoryFlags,
    settings: Settings,
    vault: Vault,
    secrets: Secrets,
    warn: (message: string, origin?: Origin) => void,
  ) {
    this.flags = flags;
    this.settings = settings;
    this.vault = vault;
    this.secrets = secrets;
    this.warn = warn;
    this.extraVars = extraVars(flags.extraVars ?? [], vault, warn);
  }

  /** Reads settings, vault secrets (asking for them where wanted) and extra variables. Errors: UsageError, VaultError, PlaybookError. */
  static async make(flags: InventoryFlags, warn: (message: string, origin?: Origin) => void): Promise<Controller> {
    const settings = loadSettings({ env: process.env, cwd: process.cwd(), home: homedir() });
    for (const warning of settings.warnings) warn(warning);
    const { values } = settings;
    const secrets = new Secrets();
    const found = await loadVaultSecrets({
      vaultIds: [...values.vaultIdentityList, ...(flags.vaultId ?? [])],
      passwordFiles: [
        ...(flags.vaultPasswordFile ?? []),
        ...(values.vaultPasswordFile === undefined ? [] : [values.vaultPasswordFile]),
      ],
      ask: flags.askVaultPass === true || values.askVaultPass,
      defaultId: values.vaultIdentity,
      warn,
      ...(canAsk() ? { prompt: (text: string) => ask({ text, secret: true }) } : {}),
    });
    return new Controller(flags, settings, new Vault(found, { matchIds: values.vaultIdMatch, secrets }), secrets, warn);
  }

  /** The inventory of -i, or of the settings. Errors: PlaybookError for sources that cannot be read. */
  async inventory(): Promise<LoadedInventory> {
    const { values } = this.settings;
    const given = this.flags.inventory ?? [];
    return loadInventory(given.length > 0 ? given : values.inventory, {
      warn: this.warn,
      vault: this.vault,
      evaluator: templateEvaluate(this.lookupHost),
      hashBehaviour: values.hashBehaviour,
      transformInvalidGroupChars: values.transformInvalidGroupChars,
      hostPatternMismatch: values.hostPatternMismatch,
      precedence: values.precedence,
      enabled: values.inventoryEnabled,
      ignoreExtensions: values.inventoryIgnoreExtensions,
      ignorePatterns: values.inventoryIgnorePatterns,
      unparsedIsFailed: values.inventoryUnparsedIsFailed,
      unparsedWarning: given.length > 0 && values.inventoryUnparsedWarning,
      anyUnparsedIsFailed: values.inventoryAnyUnparsedIsFailed,
      extraVars: this.extraVars,
    });
  }

  /** The hosts of --limit, or undefined without one. Errors: VbxError (status 1, as under Ansible) when it selects none or names what is not there. */
  limit(inventory: LoadedInventory): readonly string[] | undefined {
    const { limit } = this.flags;
    if (limit === undefined) return undefined;
    let hosts: readonly string[];
    try {
      hosts = inventory.select(expandLimit(limit), { strict: true });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new VbxError(error.message, { origin: error.origin, hint: error.hint, cause: error });
    }
    if (hosts.length === 0)
      throw new VbxError(
        `Specified inventory, host pattern and/or --limit leaves us with no hosts to target: --limit ${limit} selects no host of the inventory`,
      );
    return hosts;
  }

  /** One loader for the playbooks of a run and what they include; `listing`: of playbooks that are only listed. */
  loader(options: { readonly listing?: boolean } = {}): PlaybookLoader {
    const { values } = this.settings;
    return new PlaybookLoader({
      files: this.files,
      rolesPath: values.rolesPath,
      collectionsPath: values.collectionsPath,
      pythonLibrary,
      libraryPath: [
        ...(this.flags.modulePath ?? [])
          .flatMap((folders) => folders.split(':'))
          .filter((folder) => folder !== '')
          .map((folder) => resolve(expandHome(folder))),
        ...values.libraryPath,
      ],
      modules: resolveModule,
      ...options,
      vault: this.vault,
      extraVars: this.extraVars,
      privateRoleVars: values.privateRoleVars,
      duplicateKeys: values.duplicateDictKey,
      renderStatic: (value: Value, layers: readonly VarsLayer[]) => this.templar(layers).render(value),
    });
  }

  /** Templates over layers of variables, weakest first. */
  templar(layers: readonly VarsLayer[], searchPath: readonly string[] = [process.cwd()]): Templar {
    return new Templar({
      scope: mapScope(...layers.toReversed().map((layer) => layer.vars)),
      host: this.lookupHost,
      searchPath,
      warn: this.warn,
    });
  }

  /** Templates over a scope. */
  templarOf(scope: Scope): Templar {
    return new Templar({
      scope,
      host: this.lookupHost,
      searchPath: [process.cwd()],
      warn: this.warn,
      allowBrokenConditionals: false,
    });
  }

  /** How hosts are reached where neither variables nor keywords say so. Asks for passwords where wanted. */
  async connection(flags: ConnectionFlags): Promise<ConnectionDefaults> {
    const { values } = this.settings;
    const password =
      flags.askPass === true || values.askPass
        ? await ask({ text: 'SSH password: ', secret: true })
        : await passwordFrom(flags.connectionPasswordFile ?? values.connectionPasswordFile);
    const askBecome = flags.askBecomePass === true || values.becomeAskPass;
    let becomePassword = askBecome
      ? await ask({
          text: `BECOME password${password === undefined ? '' : '[defaults to SSH password]'}: `,
          secret: true,
        })
      : await passwordFrom(flags.becomePasswordFile ?? values.becomePasswordFile);
    if (askBecome && becomePassword === '' && password !== undefined) becomePassword = password;
    for (const secret of [password, becomePassword]) if (secret !== undefined) this.secrets.add(secret);
    const privateKeyFile =
      flags.privateKey === undefined ? values.privateKeyFile : resolve(expandHome(flags.privateKey));
    const defined = <T extends object>(record: T): Partial<T> =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
    return {
      ...defined({
        connection: flags.connection ?? values.transport,
        user: flags.user ?? values.remoteUser,
        port: values.remotePort,
        password,
        privateKeyFile,
        // What finds one by itself (auto) names none.
        interpreterPython: values.interpreterPython?.startsWith('auto') === true ? undefined : values.interpreterPython,
        sshCommonArgs: flags.sshCommonArgs ?? values.sshCommonArgs,
        sshExtraArgs: flags.sshExtraArgs ?? values.sshExtraArgs,
        becomePassword,
        becomeExe: values.becomeExe,
        becomeFlags: values.becomeFlags,
      }),
      timeout: flags.timeout ?? values.timeout,
      hostKeyChecking: flags.hostKeyChecking ?? (values.hostKeyChecking ? 'yes' : 'no'),
      become: flags.become ?? values.become,
      becomeMethod: flags.becomeMethod ?? values.becomeMethod,
      becomeUser: flags.becomeUser ?? values.becomeUser,
    } as ConnectionDefaults;
  }
}

/** A file's text for showing a line of it; undefined when it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
