// Where vault passwords come from: files, executables, client scripts and prompts, in the order of Ansible.
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { DEFAULT_VAULT_ID, isEncrypted, Vault, VaultError, type VaultSecret } from './vault.ts';

export interface SecretSources {
  /** Of the setting vault_identity_list, then of `--vault-id`: `label@source`, `source`; a source is a path, `prompt` or `prompt_ask_vault_pass`. */
  readonly vaultIds: readonly string[];
  /** Of `--vault-password-file`, then of the setting vault_password_file. */
  readonly passwordFiles: readonly string[];
  /** `--ask-vault-pass`. */
  readonly ask?: boolean;
  /** Ask when there is no other source (`vbx vault`). */
  readonly askIfNone?: boolean;
  /** A password to encrypt with: prompts say "new" and ask twice. */
  readonly create?: boolean;
  /** Label of secrets without one (setting vault_identity). */
  readonly defaultId?: string | undefined;
  /** Asks for a line that is not shown. */
  readonly prompt?: (text: string) => Promise<string>;
  readonly warn: (message: string) => void;
}

/**
 * The secrets in the order in which they are tried. A source that fails is a warning as long as another one gives a secret, else its error is
 * thrown. A password file may itself be encrypted with an earlier secret.
 */
export async function loadVaultSecrets(sources: SecretSources): Promise<VaultSecret[]> {
  const defaultId = sources.defaultId ?? DEFAULT_VAULT_ID;
  const slugs = [...sources.vaultIds, ...sources.passwordFiles.map((file) => `${defaultId}@${file}`)];
  if (sources.ask === true || (slugs.length === 0 && sources.askIfNone === true))
    slugs.push(`${defaultId}@prompt_ask_vault_pass`);
  const secrets: VaultSecret[] = [];
  let failure: unknown;
  for (const slug of slugs) {
    const at = slug.indexOf('@');
    const label = at < 0 ? '' : slug.slice(0, at);
    const source = slug.slice(at + 1);
    if (label.includes(';')) throw new VaultError(`"${label}" is no vault id: it cannot hold ";"`);
    const id = label === '' ? defaultId : label;
    if (source === 'prompt' || source === 'prompt_ask_vault_pass') {
      secrets.push({ id, password: await ask(id, source === 'prompt', sources) });
      continue;
    }
    try {
      secrets.push({ id, password: await passwordFrom(source, label === '' ? undefined : label, secrets) });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      sources.warn(`Error getting vault password file (${label === '' ? 'no label' : label}): ${error.message}`);
      failure = error;
    }
  }
  if (secrets.length === 0 && failure !== undefined) throw failure;
  return secrets;
}

async function ask(id: string, named: boolean, sources: SecretSources): Promise<Buffer> {
  if (sources.prompt === undefined)
    throw new VaultError('a vault password is needed and there is no terminal to ask for it', {
      hint: 'use --vault-password-file',
    });
  const texts = named
    ? sources.create === true
      ? [`New vault password (${id}): `, `Confirm new vault password (${id}): `]
      : [`Vault password (${id}): `]
    : sources.create === true
      ? ['New Vault password: ', 'Confirm New Vault password: ']
      : ['Vault password: '];
  let first: string | undefined;
  for (const text of texts) {
    const answer = (await sources.prompt(text)).trim();
    if (answer === '') throw new VaultError('Invalid vault password was provided');
    first ??= answer;
    if (answer !== first) throw new VaultError('Passwords do not match');
  }
  return Buffer.from(first ?? '');
}

async function passwordFrom(
  written: string,
  label: string | undefined,
  secrets: readonly VaultSecret[],
): Promise<Buffer> {
  const path = resolve(written === '~' || written.startsWith('~/') ? join(homedir(), written.slice(1)) : written);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new VaultError(`The vault password file ${path} was not found`);
  if (status.isDirectory()) throw new VaultError(`The vault password file provided '${path}' can not be a directory`);
  if (isExecutable(path) && (status.mode & 0o111) !== 0) {
    const client = path.slice(0, path.length - extname(path).length).endsWith('-client');
    const password = trimBreaks(
      await run(path, client && label !== undefined ? ['--vault-id', label] : [], client ? label : undefined),
    );
    if (password.length === 0) throw new VaultError(`Invalid vault password was provided from script (${path})`);
    return password;
  }
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new VaultError(
      `Could not read vault password file '${path}': ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  let password = Buffer.from(content.toString('latin1').trim(), 'latin1');
  if (isEncrypted(password))
    password = Buffer.from(
      new Vault(secrets).open(password.toString('utf8'), { file: path, line: 1, column: 1 }).plain,
    );
  password = trimBreaks(password);
  if (password.length === 0) throw new VaultError(`Invalid vault password was provided from file (${path})`);
  return password;
}

function trimBreaks(bytes: Buffer): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.toString('latin1').replace(/^[\r\n]+|[\r\n]+$/g, ''), 'latin1');
}
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Standard output of a password script, which may talk to the user on the terminal. `label` is given to client scripts. */
function run(path: string, args: readonly string[], label: string | undefined): Promise<Buffer> {
  return new Promise((done, reject) => {
    const child = spawn(path, args, { stdio: ['inherit', 'pipe', label === undefined ? 'inherit' : 'pipe'] });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
    child.on('error', (error) =>
      reject(
        new VaultError(
          `Problem running vault password script ${path} (${error.message}). If this is not a script, remove the executable bit from the file.`,
          { cause: error },
        ),
      ),
    );
    child.on('close', (status) => {
      if (status === 0) done(Buffer.concat(output));
      else if (status === 2 && label !== undefined)
        reject(
          new VaultError(
            `Vault password client script ${path} did not find a secret for vault-id=${label}: ${complaint.trim()}`,
          ),
        );
      else
        reject(
          new VaultError(
            `Vault password script ${path} returned non-zero (${status ?? 'killed'})${complaint.trim() === '' ? '' : `: ${complaint.trim()}`}`,
          ),
        );
    });
  });
}
