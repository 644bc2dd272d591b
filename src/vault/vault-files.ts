// What `vbx vault` does with files: encrypt, decrypt, view, edit, create, rekey, and encrypt strings. Files are replaced whole or not at all.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { UsageError } from '../core/error.ts';
import { encryptVault, Vault, VaultError, type VaultSecret } from './vault.ts';

/** Standard streams of the command; `-` as a file name means them. */
export interface VaultStreams {
  readStdin(): Promise<Buffer>;
  writeStdout(data: Buffer): void;
  /** A line on standard error. */
  note(line: string): void;
}

/** What to encrypt with: a secret and the label to write. */
export interface EncryptWith {
  readonly secret: VaultSecret;
  /** Default: the secret's own label. */
  readonly id?: string | undefined;
  readonly salt?: Buffer | undefined;
}

/**
 * The secret to encrypt with: the one labelled `encryptId`, else the only one. Throws a `UsageError` when there are several and none was chosen.
 */
export function chooseSecret(secrets: readonly VaultSecret[], encryptId: string | undefined): VaultSecret {
  if (encryptId !== undefined && encryptId !== '') {
    const secret = secrets.find(({ id }) => id === encryptId);
    if (secret === undefined)
      throw new VaultError(
        `Did not find a match for --encrypt-vault-id=${encryptId} in the known vault-ids ${secrets.map(({ id }) => id).join(', ')}`,
      );
    return secret;
  }
  const [first, second] = secrets;
  if (first === undefined) throw new UsageError("A vault password is required to use Ansible's Vault");
  if (second !== undefined)
    throw new UsageError(
      `The vault-ids ${secrets.map(({ id }) => id).join(',')} are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id`,
    );
  return first;
}

export async function encryptFiles(
  files: readonly string[],
  options: { readonly encrypt: EncryptWith; readonly output?: string | undefined; readonly streams: VaultStreams },
): Promise<void> {
  for (const file of inputs(files, options.output)) {
    const plain = await read(file, options.streams);
    write(options.output ?? file, Buffer.from(sealed(plain, options.encrypt, file)), options.streams);
  }
}
export async function decryptFiles(
  files: readonly string[],
  options: { readonly vault: Vault; readonly output?: string | undefined; readonly streams: VaultStreams },
): Promise<void> {
  for (const file of inputs(files, options.output))
    write(
      options.output ?? file,
      opened(await read(file, options.streams), options.vault, file).plain,
      options.streams,
    );
}
/** The plain text of the files, one behind the other. */
export async function viewFiles(
  files: readonly string[],
  options: { readonly vault: Vault; readonly streams: VaultStreams },
): Promise<string> {
  let text = '';
  for (const file of files)
    text += opened(await read(file, options.streams), options.vault, file).plain.toString('utf8');
  return text;
}
/** Encrypts the files again with another secret; mode and owner stay. */
export async function rekeyFiles(
  files: readonly string[],
  options: { readonly vault: Vault; readonly encrypt: EncryptWith; readonly streams: VaultStreams },
): Promise<void> {
  for (const file of files) {
    const { plain } = opened(await read(file, options.streams), options.vault, file);
    write(file, Buffer.from(encryptVault(plain, options.encrypt.secret, options.encrypt)), options.streams, true);
  }
}

export interface EditOptions {
  /** Shell words, as in $EDITOR. */
  readonly editor: string;
  /** Runs a command with the terminal and gives its exit status; tests give another. */
  readonly run?: (command: string, file: string) => Promise<number>;
}
/** Lets the user edit the plain text; nothing is written when it stays as it was. Label and secret stay those of the file; mode and owner too. */
export async function editFile(file: string, options: EditOptions & { readonly vault: Vault }): Promise<void> {
  const path = realPath(file);
  const { plain, secret, id } = opened(readBytes(path), options.vault, file);
  const edited = await editBytes(plain, path, options);
  if (!edited.equals(plain)) replace(path, Buffer.from(encryptVault(edited, secret, { id })), true);
}
/** Lets the user write a new file that is encrypted when the editor ends. */
export async function createFile(
  file: string,
  options: EditOptions & { readonly encrypt: EncryptWith },
): Promise<void> {
  const path = resolve(file);
  if (existsSync(path)) throw new VaultError(`${file} exists, please use 'edit' instead`);
  mkdirSync(dirname(path), { recursive: true });
  replace(
    path,
    Buffer.from(encryptVault(await editBytes(Buffer.alloc(0), path, options), options.encrypt.secret, options.encrypt)),
    false,
  );
}

export interface PlainString {
  readonly text: string;
  /** Name of the variable; without it the value alone is printed. */
  readonly name?: string | undefined;
  /** Where the text came from, for the comment between several: `the command line args`, `stdin`, `the interactive prompt`. */
  readonly from: string;
}
/** YAML for each string, to be pasted into a file. With more than one, `notes` are comment lines for standard error that tell them apart. */
export function encryptStrings(
  strings: readonly PlainString[],
  encrypt: EncryptWith,
): { readonly text: string; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const blocks = strings.map(({ text, name, from }, index) => {
    if (text === '') throw new UsageError(`The plaintext provided from ${from} was empty, not encrypting`);
    if (strings.length > 1)
      notes.push(
        name === undefined
          ? `# The encrypted version of the string #${index + 1} from ${from}.)`
          : `# The encrypted version of variable ("${name}", the string #${index + 1} from ${from}).`,
      );
    const lines = encryptVault(Buffer.from(text), encrypt.secret, encrypt).trimEnd().split('\n');
    return `${name === undefined ? '' : `${name}: `}!vault |\n${lines.map((line) => `          ${line}`).join('\n')}`;
  });
  return { text: `${blocks.join('\n')}\n`, notes };
}
/** The strings of the command line with names in their order; `extra` of them have no name. */
export function nameStrings(
  texts: readonly string[],
  names: readonly string[],
): { readonly strings: readonly PlainString[]; readonly extra: number } {
  return {
    strings: texts.map((text, index) => ({ text, name: names[index], from: 'the command line args' })),
    extra: names.length === 0 ? 0 : Math.max(0, texts.length - names.length),
  };
}

function inputs(files: readonly string[], output: string | undefined): readonly string[] {
  if (output !== undefined && files.length > 1)
    throw new UsageError('At most one input file may be used with the --output option');
  return files.length === 0 ? ['-'] : files;
}
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}
function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new VaultError(
      `Unable to read source file (${path}): ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
async function read(file: string, streams: VaultStreams): Promise<Buffer> {
  return file === '-' ? await streams.readStdin() : readBytes(realPath(file));
}
function opened(data: Buffer, vault: Vault, file: string) {
  try {
    return vault.open(data.toString('utf8'));
  } catch (error) {
    if (error instanceof VaultError)
      throw new VaultError(`${error.message} for ${file}`, { hint: error.hint, cause: error });
    throw error;
  }
}
function sealed(plain: Buffer, { secret, id, salt }: EncryptWith, file: string): string {
  try {
    return encryptVault(plain, secret, { id, salt });
  } catch (error) {
    if (error instanceof VaultError) throw new VaultError(`${error.message}: ${file}`, { cause: error });
    throw error;
  }
}

function write(file: string, data: Buffer, streams: VaultStreams, keep = false): void {
  if (file === '-') streams.writeStdout(data);
  else replace(realPath(file), data, keep);
}
function writeTo(path: string, data: Buffer): void {
  try {
    writeFileSync(path, data);
  } catch (error) {
    throw unwritable(path, error);
  }
}

const unwritable = (path: string, error: unknown): VaultError =>
  new VaultError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });

/** Writes beside the file and renames. The result has mode 0600, or with `keep` the mode and owner of the file that was there. */
function replace(path: string, data: Buffer, keep: boolean): void {
  const before = statSync(path, { throwIfNoEntry: false });
  // A device or a pipe is written to: a rename would leave a plain file where all others look for the device.
  if (before !== undefined && !before.isFile()) return writeTo(path, data);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}~`);
  try {
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      for (let written = 0; written < data.length;) written += writeSync(descriptor, data, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (keep && before !== undefined) {
      if (before.uid !== process.getuid?.() || before.gid !== process.getgid?.())
        chownSync(temporary, before.uid, before.gid);
      chmodSync(temporary, before.mode & 0o7777);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** The bytes after the user edited them in a file that only this user can read and that is overwritten and removed afterwards. */
async function editBytes(plain: Buffer, like: string, options: EditOptions): Promise<Buffer> {
  const folder = mkdtempSync(
    join(
      process.env['XDG_RUNTIME_DIR'] !== undefined && existsSync(process.env['XDG_RUNTIME_DIR'])
        ? process.env['XDG_RUNTIME_DIR']
        : tmpdir(),
      'vbx-vault-',
    ),
  );
  const file = join(folder, `edit${extname(like)}`);
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, plain);
    closeSync(descriptor);
    const status = await (options.run ?? runEditor)(options.editor, file);
    if (status !== 0)
      throw new VaultError(`the editor "${options.editor}" ended with status ${status}; nothing was changed`);
    return readFileSync(file);
  } finally {
    shred(file);
    rmSync(folder, { recursive: true, force: true });
  }
}
function shred(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, randomBytes(size), 0, size, 0);
  fsyncSync(descriptor);
  closeSync(descriptor);
}
function runEditor(editor: string, file: string): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn('/bin/sh', ['-c', `exec ${editor} "$1"`, 'vbx', file], { stdio: 'inherit' });
    child.on('error', (error) =>
      reject(new VaultError(`Unable to execute the editor "${editor}": ${error.message}`, { cause: error })),
    );
    child.on('close', (status) => done(status ?? 1));
  });
}
