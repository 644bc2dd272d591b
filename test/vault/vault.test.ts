import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Secrets } from '../../src/core/secrets.ts';
import { loadVaultSecrets } from '../../src/vault/load-secrets.ts';
import { encryptVault, isEncrypted, Vault, VaultError, type VaultSecret } from '../../src/vault/vault.ts';
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
  type VaultStreams,
} from '../../src/vault/vault-files.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-vault-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const folder = () => mkdtempSync(join(root, `${++count}-`));
const secret = (id: string, password: string): VaultSecret => ({ id, password: Buffer.from(password) });
const SALT = Buffer.from('saltsaltsaltsaltsaltsaltsaltsalt');
const PLAIN = 'plain: é\nsecond: line\n';
const WITHOUT_ID = secret('default', 'hunter22');
const PROD = secret('prod', 'other-pw');

// What ansible-vault (core 2.19.11) makes of the same bytes, password and salt.
const VECTORS = [
  {
    name: 'format 1.1',
    secret: WITHOUT_ID,
    plain: Buffer.from(PLAIN),
    text: `$ANSIBLE_VAULT;1.1;AES256
37333631366337343733363136633734373336313663373437333631366337343733363136633734
3733363136633734373336313663373437333631366337340a386564383263356439313665393137
62316439356663653233626332383430366666316137303131616166653537363933613534626631
6538616565653466330a623365376562323431363836346235326565333962633562333264363964
61306538316264623161393639386535303361386165393739323561306335376430
`,
  },
  {
    name: 'format 1.2',
    secret: PROD,
    plain: Buffer.from(PLAIN),
    text: `$ANSIBLE_VAULT;1.2;AES256;prod
37333631366337343733363136633734373336313663373437333631366337343733363136633734
3733363136633734373336313663373437333631366337340a623463663439346631643462636238
66623832386334316437643233393031613166326637363763313132323065373637376538323838
6163623037666239370a616638376262303430363666316261383737323061643534333364326261
39626130613361626632643330336664373834613132383235376632656238643232
`,
  },
  {
    name: 'bytes',
    secret: PROD,
    plain: Buffer.from([0, 1, 255, 98, 105, 110]),
    text: `$ANSIBLE_VAULT;1.2;AES256;prod
37333631366337343733363136633734373336313663373437333631366337343733363136633734
3733363136633734373336313663373437333631366337340a326633383839333739353835363965
66396231386564643863316462386365363063633935343932643261616338326638643063626662
3261396238636562330a646665613235306630313362333136316434323064343362356162376465
6635
`,
  },
];

describe('the format', () => {
  it.each(VECTORS)('$name is that of ansible-vault', ({ secret: key, plain, text }) => {
    expect(encryptVault(plain, key, { salt: SALT })).toBe(text);
    expect(new Vault([key]).open(text)).toEqual({ plain, secret: key, id: key.id });
  });
  it('gives back whatever was encrypted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('default', 'a', 'lab-1'), (bytes, id) => {
        const plain = Buffer.from(bytes);
        const text = encryptVault(plain, secret(id, 'p'), {});
        expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
        expect(new Vault([secret('x', 'wrong'), secret(id, 'p')]).open(text).plain.equals(plain)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
  it('reads text with other line ends', () => {
    expect(new Vault([PROD]).decrypt(VECTORS[1]?.text.replaceAll('\n', '\r\n') ?? '')).toBe(PLAIN);
  });
  it('sees every change of the text', () => {
    const text = VECTORS[0]?.text ?? '';
    const changed = `${text.slice(0, 300)}${text[300] === '3' ? '4' : '3'}${text.slice(301)}`;
    expect(() => new Vault([WITHOUT_ID]).decrypt(changed)).toThrow(VaultError);
  });
  it.each([
    ['no vault text', 'plain', /not vault encrypted/],
    ['a header without cipher', '$ANSIBLE_VAULT;1.1\n00', /header .* damaged/],
    ['another cipher', '$ANSIBLE_VAULT;1.0;AES\n00', /cipher "AES"/],
    ['odd digits', '$ANSIBLE_VAULT;1.1;AES256\n123', /damaged/],
    ['too few parts', '$ANSIBLE_VAULT;1.1;AES256\n31323334', /damaged/],
  ])('refuses %s', (_, text, message) => {
    expect(() => new Vault([WITHOUT_ID]).decrypt(text, { file: 'v.yml', line: 1, column: 1 })).toThrow(message);
  });
  it('is not encrypted twice', () => {
    expect(() => encryptVault(Buffer.from(VECTORS[0]?.text ?? ''), PROD)).toThrow(/already encrypted/);
  });
});

describe('secrets', () => {
  it('of the label are tried first, others after it unless they must match', () => {
    const text = VECTORS[1]?.text ?? '';
    expect(new Vault([secret('prod', 'wrong'), secret('dev', 'other-pw')]).open(text).secret.id).toBe('dev');
    expect(() => new Vault([secret('dev', 'other-pw')], { matchIds: true }).open(text)).toThrow(
      /no vault secrets were found/,
    );
    expect(() => new Vault([]).open(text)).toThrow(/no vault secret was given/);
  });
  it('that were decrypted are registered', () => {
    const secrets = new Secrets();
    new Vault([WITHOUT_ID], { secrets }).decrypt(encryptVault(Buffer.from('s3cr3t-value'), WITHOUT_ID));
    expect(secrets.redact('the s3cr3t-value is out')).toBe('the ******** is out');
  });
  it('come from files, scripts, client scripts and prompts', async () => {
    const dir = folder();
    const file = (name: string, text: string, mode = 0o600) => {
      writeFileSync(join(dir, name), text);
      chmodSync(join(dir, name), mode);
      return join(dir, name);
    };
    const prompts: string[] = [];
    const secrets = await loadVaultSecrets({
      vaultIds: [
        `lab@${file('one', '  first \n\n')}`,
        `prod@${file('get-client.sh', '#!/bin/sh\n[ "$1 $2" = "--vault-id prod" ] && echo from-client\n', 0o700)}`,
        'asked@prompt',
        file('bare', 'bare'),
      ],
      passwordFiles: [file('script', '#!/bin/sh\necho from-script\n', 0o700)],
      ask: true,
      prompt: async (text) => {
        prompts.push(text);
        return 'typed';
      },
      warn: () => undefined,
    });
    expect(secrets.map(({ id, password }) => [id, password.toString()])).toEqual([
      ['lab', 'first'],
      ['prod', 'from-client'],
      ['asked', 'typed'],
      ['default', 'bare'],
      ['default', 'from-script'],
      ['default', 'typed'],
    ]);
    expect(prompts).toEqual(['Vault password (asked): ', 'Vault password: ']);
  });
  it('may be encrypted with an earlier one', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'a'), 'first');
    writeFileSync(join(dir, 'b'), encryptVault(Buffer.from('second\n'), secret('default', 'first')));
    const secrets = await loadVaultSecrets({
      vaultIds: [],
      passwordFiles: [join(dir, 'a'), join(dir, 'b')],
      warn: () => undefined,
    });
    expect(secrets.map(({ password }) => password.toString())).toEqual(['first', 'second']);
  });
  it('that cannot be had are warnings as long as there is another', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'a'), 'first');
    writeFileSync(join(dir, 'no-client'), '#!/bin/sh\nexit 2\n');
    chmodSync(join(dir, 'no-client'), 0o700);
    const warnings: string[] = [];
    const secrets = await loadVaultSecrets({
      vaultIds: [`x@${join(dir, 'no-client')}`],
      passwordFiles: [join(dir, 'missing'), join(dir, 'a')],
      warn: (message) => warnings.push(message),
    });
    expect(secrets.map(({ password }) => password.toString())).toEqual(['first']);
    expect(warnings.join('\n')).toMatch(/did not find a secret for vault-id=x[\s\S]*missing was not found/);
    await expect(loadVaultSecrets({ vaultIds: [], passwordFiles: [dir], warn: () => undefined })).rejects.toThrow(
      /can not be a directory/,
    );
    await expect(
      loadVaultSecrets({ vaultIds: [], passwordFiles: [], askIfNone: true, warn: () => undefined }),
    ).rejects.toThrow(/no terminal/);
  });
  it('that are new are asked for twice', async () => {
    const answers = ['one', 'two'];
    await expect(
      loadVaultSecrets({
        vaultIds: ['new@prompt'],
        passwordFiles: [],
        create: true,
        prompt: async () => answers.shift() ?? '',
        warn: () => undefined,
      }),
    ).rejects.toThrow(/do not match/);
  });
});

class Streams implements VaultStreams {
  output = Buffer.alloc(0);
  notes: string[] = [];
  input: string;
  constructor(input = '') {
    this.input = input;
  }
  async readStdin(): Promise<Buffer> {
    return Buffer.from(this.input);
  }
  writeStdout(data: Buffer): void {
    this.output = Buffer.concat([this.output, data]);
  }
  note(line: string): void {
    this.notes.push(line);
  }
}

describe('files', () => {
  const encrypt = { secret: PROD };
  const vault = new Vault([PROD]);
  const start = (text = PLAIN, mode = 0o644) => {
    const file = join(folder(), 'f.yml');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

  it('are encrypted and decrypted in place, readable only by their owner', async () => {
    const file = start();
    await encryptFiles([file], { encrypt, streams: new Streams() });
    expect(isEncrypted(readFileSync(file))).toBe(true);
    expect(mode(file)).toBe('600');
    expect(await viewFiles([file], { vault, streams: new Streams() })).toBe(PLAIN);
    await decryptFiles([file], { vault, streams: new Streams() });
    expect(readFileSync(file, 'utf8')).toBe(PLAIN);
    expect(mode(file)).toBe('600');
    expect(readdirSync(join(file, '..'))).toEqual(['f.yml']);
  });
  it('stay as they are when something goes wrong', async () => {
    const file = start('not encrypted');
    await expect(decryptFiles([file], { vault, streams: new Streams() })).rejects.toThrow(
      `not vault encrypted data for ${file}`,
    );
    const sealed = start(VECTORS[1]?.text);
    await expect(encryptFiles([sealed], { encrypt, streams: new Streams() })).rejects.toThrow(/already encrypted/);
    await expect(
      decryptFiles([sealed], { vault: new Vault([secret('prod', 'wrong')]), streams: new Streams() }),
    ).rejects.toThrow(/Decryption failed/);
    expect(readFileSync(sealed, 'utf8')).toBe(VECTORS[1]?.text);
    await expect(encryptFiles([join(root, 'none')], { encrypt, streams: new Streams() })).rejects.toThrow(
      /Unable to read source file/,
    );
  });
  it('go through standard streams, and to another file', async () => {
    const streams = new Streams('from stdin');
    await encryptFiles([], { encrypt, streams });
    expect(vault.decrypt(streams.output.toString())).toBe('from stdin');
    const file = start(streams.output.toString());
    const other = join(folder(), 'out');
    await decryptFiles([file], { vault, output: other, streams });
    expect(readFileSync(other, 'utf8')).toBe('from stdin');
    await expect(decryptFiles([file, file], { vault, output: other, streams })).rejects.toThrow(
      /At most one input file/,
    );
    const out = new Streams();
    await decryptFiles([file], { vault, output: '-', streams: out });
    expect(out.output.toString()).toBe('from stdin');
  });
  it('are replaced behind links', async () => {
    const file = start();
    const link = join(folder(), 'link');
    symlinkSync(file, link);
    await encryptFiles([link], { encrypt, streams: new Streams() });
    expect(isEncrypted(readFileSync(file))).toBe(true);
  });
  it('are re-keyed with mode kept', async () => {
    const file = start(VECTORS[0]?.text, 0o640);
    await rekeyFiles([file], { vault: new Vault([WITHOUT_ID]), encrypt, streams: new Streams() });
    expect(mode(file)).toBe('640');
    expect(readFileSync(file, 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    expect(vault.decrypt(readFileSync(file, 'utf8'))).toBe(PLAIN);
  });
  it('are edited in a private file that is gone afterwards', async () => {
    const file = start(VECTORS[1]?.text, 0o640);
    let edited = '';
    const run = async (_: string, path: string) => {
      edited = path;
      expect(mode(path)).toBe('600');
      expect(path).toMatch(/\.yml$/);
      writeFileSync(path, `${readFileSync(path, 'utf8')}third: line\n`);
      return 0;
    };
    await editFile(file, { vault, editor: 'ed', run });
    expect(vault.decrypt(readFileSync(file, 'utf8'))).toBe(`${PLAIN}third: line\n`);
    expect(readFileSync(file, 'utf8')).toMatch(/;prod\n/);
    expect(mode(file)).toBe('640');
    expect(existsSync(edited)).toBe(false);
    const before = readFileSync(file, 'utf8');
    await editFile(file, { vault, editor: 'ed', run: async () => 0 });
    expect(readFileSync(file, 'utf8')).toBe(before);
    await expect(editFile(file, { vault, editor: 'ed', run: async () => 3 })).rejects.toThrow(/ended with status 3/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
  it('are edited with a real editor', async () => {
    const file = start(VECTORS[1]?.text);
    await editFile(file, { vault, editor: `sed -i s/plain/changed/` });
    expect(vault.decrypt(readFileSync(file, 'utf8'))).toBe(PLAIN.replace('plain', 'changed'));
  });
  it('are created encrypted, never over others', async () => {
    const file = join(folder(), 'sub', 'new.yml');
    const run = async (_: string, path: string) => {
      writeFileSync(path, 'new');
      return 0;
    };
    await createFile(file, { encrypt, editor: 'ed', run });
    expect(vault.decrypt(readFileSync(file, 'utf8'))).toBe('new');
    await expect(createFile(file, { encrypt, editor: 'ed', run })).rejects.toThrow(/use 'edit' instead/);
  });
});

describe('strings', () => {
  const encrypt = { secret: WITHOUT_ID, salt: SALT };
  it('become YAML to paste, with comments between several', () => {
    const { strings, extra } = nameStrings(['hello', 'nameless'], ['a']);
    expect(extra).toBe(1);
    const { text, notes } = encryptStrings(strings, encrypt);
    expect(notes).toEqual([
      '# The encrypted version of variable ("a", the string #1 from the command line args).',
      '# The encrypted version of the string #2 from the command line args.)',
    ]);
    expect(text.split('\n').filter((line) => !/^ {10}[0-9a-f]+$/.test(line))).toEqual([
      'a: !vault |',
      '          $ANSIBLE_VAULT;1.1;AES256',
      '!vault |',
      '          $ANSIBLE_VAULT;1.1;AES256',
      '',
    ]);
  });
  it('need some text', () => {
    expect(() => encryptStrings([{ text: '', from: 'stdin' }], encrypt)).toThrow(/from stdin was empty/);
  });
  it('need one secret to be chosen', () => {
    expect(chooseSecret([WITHOUT_ID, PROD], 'prod')).toBe(PROD);
    expect(chooseSecret([PROD], undefined)).toBe(PROD);
    expect(() => chooseSecret([WITHOUT_ID, PROD], undefined)).toThrow(
      'The vault-ids default,prod are available to encrypt',
    );
    expect(() => chooseSecret([PROD], 'dev')).toThrow(/Did not find a match/);
    expect(() => chooseSecret([], undefined)).toThrow(/password is required/);
  });
});
