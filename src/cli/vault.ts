// `vbx vault`: encrypts, decrypts, shows and edits vault files, with the options of ansible-vault.
import { ask, canAsk } from './terminal.ts';
import { loadSettings } from '../config/settings.ts';
import { homedir } from 'node:os';
import { UsageError } from '../core/error.ts';
import { loadVaultSecrets } from '../vault/load-secrets.ts';
import {
  chooseSecret,
  createFile,
  decryptFiles,
  editFile,
  encryptFiles,
  encryptStrings,
  nameStrings,
  rekeyFiles,
  viewFiles,
  type EncryptWith,
  type VaultStreams,
} from '../vault/vault-files.ts';
import { Vault, type VaultSecret } from '../vault/vault.ts';

export interface VaultFlags {
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPass?: boolean;
  readonly encryptVaultId?: string;
  readonly newVaultId?: string;
  readonly newVaultPasswordFile?: string;
  readonly output?: string;
  readonly name?: readonly string[];
  readonly stdinName?: string;
  readonly prompt?: boolean;
  readonly showInput?: boolean;
}

const streams: VaultStreams = {
  async readStdin() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  writeStdout: (data) => void process.stdout.write(data),
  note: (line) => void process.stderr.write(`${line}\n`),
};

const warn = (message: string): void => void process.stderr.write(`[WARNING]: ${message}\n`);
const prompting = (): { prompt?: (text: string) => Promise<string> } =>
  canAsk() ? { prompt: (text) => ask({ text, secret: true }) } : {};

/** Carries out one action on files or strings. Errors: VaultError, UsageError. */
export async function vault(action: string, args: readonly string[], flags: VaultFlags): Promise<number> {
  const settings = loadSettings({ env: process.env, cwd: process.cwd(), home: homedir() }).values;
  const creating = action === 'encrypt' || action === 'create' || action === 'encrypt-string';
  const secrets = await loadVaultSecrets({
    vaultIds: [...settings.vaultIdentityList, ...(flags.vaultId ?? [])],
    passwordFiles: [
      ...(flags.vaultPasswordFile ?? []),
      ...(settings.vaultPasswordFile === undefined ? [] : [settings.vaultPasswordFile]),
    ],
    ask: flags.askVaultPass === true || settings.askVaultPass,
    askIfNone: true,
    create: creating,
    defaultId: settings.vaultIdentity,
    warn,
    ...prompting(),
  });
  const opened = new Vault(secrets, { matchIds: settings.vaultIdMatch });
  const encrypt = (among: readonly VaultSecret[] = secrets): EncryptWith => ({
    secret: chooseSecret(among, flags.encryptVaultId ?? settings.vaultEncryptIdentity),
    ...(settings.vaultEncryptSalt === undefined ? {} : { salt: Buffer.from(settings.vaultEncryptSalt) }),
  });
  const needed = (least: number): void => {
    if (args.length < least) throw new UsageError(`vbx vault ${action} needs a file`);
  };
  switch (action) {
    case 'encrypt':
      await encryptFiles(args, { encrypt: encrypt(), output: flags.output, streams });
      done('Encryption');
      return 0;
    case 'decrypt':
      await decryptFiles(args, { vault: opened, output: flags.output, streams });
      if (flags.output !== '-' && args.length > 0) done('Decryption');
      return 0;
    case 'view':
      needed(1);
      process.stdout.write(await viewFiles(args, { vault: opened, streams }));
      return 0;
    case 'edit':
      needed(1);
      for (const file of args) await editFile(file, { vault: opened, editor: settings.editor });
      return 0;
    case 'create':
      if (args.length !== 1) throw new UsageError('vbx vault create takes one file');
      await createFile(args[0] as string, { encrypt: encrypt(), editor: settings.editor });
      return 0;
    case 'rekey': {
      needed(1);
      const fresh = await loadVaultSecrets({
        vaultIds: flags.newVaultId === undefined ? [] : [flags.newVaultId],
        passwordFiles: flags.newVaultPasswordFile === undefined ? [] : [flags.newVaultPasswordFile],
        askIfNone: true,
        create: true,
        defaultId: settings.vaultIdentity,
        warn,
        ...prompting(),
      });
      await rekeyFiles(args, { vault: opened, encrypt: { ...encrypt(fresh) }, streams });
      process.stderr.write('Rekey successful\n');
      return 0;
    }
    case 'encrypt-string': {
      const { text, notes } = encryptStrings(await stringsOf(args, flags), encrypt());
      for (const note of notes) process.stderr.write(`${note}\n`);
      process.stdout.write(text);
      done('Encryption');
      return 0;
    }
    default:
      throw new UsageError(`vbx vault has no action "${action}"`);
  }
}

function done(what: string): void {
  if (process.stdout.isTTY) process.stderr.write(`${what} successful\n`);
}

async function stringsOf(args: readonly string[], flags: VaultFlags): Promise<Parameters<typeof encryptStrings>[0]> {
  const texts = args.filter((text) => text !== '-');
  const { strings, extra } = nameStrings(texts, flags.name ?? []);
  if (extra > 0) warn(`${extra} more strings than names: those have none`);
  const all = [...strings];
  if (flags.prompt === true)
    all.push({
      text: await ask({ text: 'String to encrypt: ', secret: flags.showInput !== true }),
      name: await ask({ text: 'Variable name (enter for no name): ', secret: false }).then((name) =>
        name === '' ? undefined : name,
      ),
      from: 'the interactive prompt',
    });
  if (args.includes('-') || (all.length === 0 && flags.prompt !== true)) {
    if (process.stdin.isTTY)
      process.stderr.write(
        'Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)\n',
      );
    all.push({ text: (await streams.readStdin()).toString('utf8'), name: flags.stdinName, from: 'stdin' });
  }
  return all;
}
