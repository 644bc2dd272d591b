// Judges server keys by known_hosts; the new ones of many hosts are asked for once, as one table, while their connections wait.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConnectionError } from '../core/error.ts';
import {
  fingerprint,
  judge,
  keyType,
  type KnownHostLine,
  knownHostsLine,
  knownName,
  knownTypes,
  parseKnownHosts,
} from './known-hosts.ts';

export interface HostKeyRow {
  /** Name as known_hosts has it: `host` or `[host]:port`. */
  readonly name: string;
  readonly type: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
}

export interface HostKeyTarget {
  /** HostKeyAlias, or the address. */
  readonly host: string;
  /** 22 with an alias. */
  readonly port: number;
  /** `strict` never asks; `ask` asks people; `no` takes everything, as OpenSSH does. */
  readonly policy: 'strict' | 'ask' | 'accept-new' | 'no';
  /** Files in which keys are looked up; new ones go to the first. */
  readonly files: readonly string[];
  readonly hashed: boolean;
}

export interface HostKeysOptions {
  readonly confirm: ((rows: readonly HostKeyRow[]) => Promise<boolean>) | undefined;
  /** Connections whose key is not known yet: the table waits for them, for a while. */
  readonly pending: () => number;
  readonly onWarning: (message: string) => void;
}

/** Milliseconds without another new key after which the table is shown although connections are still under way. */
const PATIENCE = 5000;

interface Question {
  readonly target: HostKeyTarget;
  readonly key: Buffer;
  readonly answer: PromiseWithResolvers<boolean>;
}

export class HostKeys {
  readonly #options: HostKeysOptions;
  readonly #files = new Map<string, KnownHostLine[]>();
  #questions: Question[] = [];
  #asking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HostKeysOptions) {
    this.#options = options;
  }

  /** Types of key known for the host: the server is asked for these first, as OpenSSH does. */
  types(target: HostKeyTarget): string[] {
    return knownTypes(this.#lines(target), target.host, target.port);
  }

  /** Resolves when the key may be trusted; raises ConnectionError otherwise. May wait for people, which `onAsk` is told of. */
  async check(target: HostKeyTarget, key: Buffer, onAsk: () => void): Promise<void> {
    const name = knownName(target.host, target.port);
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    const verdict = judge(this.#lines(target), target.host, target.port, key);
    switch (verdict.kind) {
      case 'known':
        return;
      case 'revoked':
        throw new ConnectionError(
          `the host key of ${name} (${shown}) is revoked by ${verdict.by.file}:${verdict.by.line}`,
          { hint: 'Somebody else may be answering for this host.' },
        );
      case 'changed': {
        const known = verdict.lines
          .map((line) => `${line.type} ${fingerprint(line.key)} at ${line.file}:${line.line}`)
          .join(', ');
        const text = verdict.otherType
          ? `${name} does not offer the host key that is known (${known}) but ${shown}`
          : `the host key of ${name} has CHANGED: it is ${shown}, known is ${known}`;
        if (target.policy === 'no')
          return this.#options.onWarning(`${text}; host key checking is off, so this is not an error`);
        throw new ConnectionError(text, {
          hint: `Somebody else may be answering for this host. If the change is meant, remove the line: ssh-keygen -R '${name}'`,
        });
      }
      case 'unknown':
        if (target.policy === 'no' || target.policy === 'accept-new') return this.#remember([{ target, key }]);
        if (verdict.authority !== undefined)
          throw new ConnectionError(
            `${name} is known by a certificate authority only (${verdict.authority.file}:${verdict.authority.line}), and host certificates are not supported by this transport`,
            { hint: 'Set ansible_connection: openssh for it.' },
          );
        if (target.policy === 'strict' || this.#options.confirm === undefined)
          throw new ConnectionError(`the host key of ${name} is not known (${shown})`, {
            hint: `Compare the fingerprint and add the key (ssh-keyscan${target.port === 22 ? '' : ` -p ${target.port}`} ${target.host} >> ${target.files[0] ?? 'known_hosts'}), run vbx in a terminal to be asked, or accept new keys.`,
          });
        onAsk();
        if (await this.#ask(target, key)) return;
        throw new ConnectionError(`the host key of ${name} (${shown}) was not accepted`);
    }
  }

  /** To be called whenever a connection got its key, failed or ended: it may have been the last one that the table waited for. */
  settled(): void {
    if (this.#questions.length > 0 && this.#options.pending() === 0) this.#show();
  }

  #ask(target: HostKeyTarget, key: Buffer): Promise<boolean> {
    const same = this.#questions.find(
      (question) =>
        question.target.host === target.host && question.target.port === target.port && question.key.equals(key),
    );
    if (same !== undefined) return same.answer.promise;
    const question = { target, key, answer: Promise.withResolvers<boolean>() };
    this.#questions.push(question);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), PATIENCE);
    setImmediate(() => this.settled());
    return question.answer.promise;
  }

  /** Asks for all keys that wait, after the table before has been answered. */
  #show(): void {
    clearTimeout(this.#timer);
    const { confirm } = this.#options;
    this.#asking = this.#asking.then(async () => {
      const questions = this.#questions;
      this.#questions = [];
      if (questions.length === 0 || confirm === undefined) return;
      const rows = questions.map(({ target, key }) => ({
        name: knownName(target.host, target.port),
        type: keyType(key),
        fingerprint: fingerprint(key),
      }));
      try {
        const accepted = await confirm(rows.toSorted((a, b) => a.name.localeCompare(b.name)));
        if (accepted) this.#remember(questions);
        for (const question of questions) question.answer.resolve(accepted);
      } catch (error) {
        for (const question of questions) question.answer.reject(error);
      }
    });
  }

  /** One write at the end of each file: what ssh itself adds meanwhile is not lost. */
  #remember(added: readonly { readonly target: HostKeyTarget; readonly key: Buffer }[]): void {
    const byFile = Map.groupBy(added, ({ target }) => target.files[0] ?? '/dev/null');
    for (const [file, entries] of byFile) {
      const lines = [
        ...new Map(
          entries.map(({ target, key }) => [
            `${knownName(target.host, target.port)} ${key.toString('base64')}`,
            knownHostsLine(target.host, target.port, key, target.hashed),
          ]),
        ).values(),
      ];
      const known = this.#read(file);
      known.push(...parseKnownHosts(lines.join('\n'), file));
      if (file === '/dev/null') continue;
      try {
        append(file, lines);
      } catch (error) {
        this.#options.onWarning(
          `new host keys could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  #lines(target: HostKeyTarget): KnownHostLine[] {
    return target.files.flatMap((file) => this.#read(file));
  }
  #read(file: string): KnownHostLine[] {
    const known = this.#files.get(file) ?? parseKnownHosts(readText(file), file);
    this.#files.set(file, known);
    return known;
  }
}

function append(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const before = readText(file);
  const handle = openSync(file, 'a', 0o600);
  try {
    writeSync(handle, `${before === '' || before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
