// The order in which ways to log in are offered, each made only when its turn comes: keys named for the host, the agent, default keys, password, questions.
import { existsSync, readFileSync } from 'node:fs';
import type { AnyAuthMethod, BaseAgent, ParsedKey } from 'ssh2';
import { ConnectionError } from '../core/error.ts';
import { ssh2 } from './ssh2-library.ts';

export interface LoginMethods {
  readonly user: string;
  /** Named by the inventory, the command line or ssh_config: offered first; one that is missing is told. */
  readonly keyFiles: readonly string[];
  /** ~/.ssh/id_*: offered last; missing ones are nothing. */
  readonly defaultKeyFiles: readonly string[];
  /** Path of the agent's socket. */
  readonly agent: string | undefined;
  /** Only the agent's keys that are in the key files. */
  readonly identitiesOnly: boolean;
  readonly password: string | undefined;
  /** Of the first key file that wants one. */
  readonly passphrase: string | undefined;
  /** Ways that the configuration switches off. */
  readonly without: ReadonlySet<'publickey' | 'password' | 'keyboard-interactive'>;
  /** What the configuration wants and this transport left out, for the message when the login is refused. */
  readonly notes: readonly string[];
  /** Asks for the passphrase of a file (`once` a run), or an answer to the server's question; undefined where nobody can be asked. */
  readonly ask: ((text: string, once: boolean) => Promise<string>) | undefined;
}

export interface Login {
  /** The next method, given what the server still takes; undefined when all were offered. */
  readonly next: (left: readonly string[] | undefined, partial: boolean) => Promise<AnyAuthMethod | undefined>;
  /** The error when nothing was taken. */
  readonly refused: (where: string) => ConnectionError;
}

/** The state of one login. `onError`: a question of the server that cannot be answered. */
export function loginMethods(methods: LoginMethods, onError: (error: unknown) => void): Login {
  const offered: string[] = [];
  const notes: string[] = [...methods.notes];
  let taken: readonly string[] | undefined;
  let passwordUsed = false;
  const offers = offersOf(methods, offered, notes);
  const answer = async (questions: readonly { text: string; echo: boolean }[]): Promise<string[]> => {
    const answers: string[] = [];
    for (const question of questions) {
      if (!question.echo && methods.password !== undefined && !passwordUsed) {
        passwordUsed = true;
        answers.push(methods.password);
      } else if (methods.ask !== undefined)
        answers.push(await methods.ask(`${methods.user}: ${question.text.trim()}`, false));
      else
        throw new ConnectionError(`the server asks "${question.text.trim()}" and nobody is there to answer`, {
          hint: 'Run vbx in a terminal, or use keys.',
        });
    }
    return answers;
  };
  return {
    async next(left, partial) {
      taken = left ?? taken;
      // After a first factor was taken, a password may be asked for again.
      if (partial) passwordUsed = false;
      for (;;) {
        const { value, done } = await offers.next();
        if (done === true || value === undefined) return undefined;
        const kind = value.type === 'agent' ? 'publickey' : value.type;
        if (kind === 'publickey' || kind === 'password' || kind === 'keyboard-interactive')
          if (methods.without.has(kind)) continue;
        if (taken !== undefined && !taken.includes(kind)) continue;
        // A server that has both takes the password by either; it is offered once by each.
        if (value.type !== 'keyboard-interactive') return value;
        passwordUsed = false;
        return {
          ...value,
          prompt: (_name, _instructions, _language, prompts, finish) =>
            void answer(prompts.map((one) => ({ text: one.prompt, echo: one.echo === true }))).then(finish, onError),
        };
      }
    },
    refused(where) {
      const takes = taken === undefined ? '' : `; it takes: ${taken.join(', ')}`;
      const tried =
        offered.length === 0
          ? 'there was nothing to offer (no key, no agent, no password)'
          : `offered: ${offered.join(', ')}`;
      const gssapi = taken?.some((name) => name.startsWith('gssapi')) === true && !passwordUsed;
      return new ConnectionError(
        `${where} refused the login of ${methods.user}; ${tried}${takes}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`,
        {
          hint: gssapi
            ? 'For Kerberos, certificates or hardware keys set ansible_connection: openssh.'
            : 'Check ansible_user and the keys; -k asks for a password.',
        },
      );
    },
  };
}

async function* offersOf(methods: LoginMethods, offered: string[], notes: string[]): AsyncGenerator<AnyAuthMethod> {
  const { utils, createAgent } = ssh2();
  const locked: { file: string; data: Buffer }[] = [];
  const open = (file: string, data: Buffer, passphrase?: string): ParsedKey | undefined => {
    const parsed = utils.parseKey(data, passphrase);
    if (!(parsed instanceof Error)) return Array.isArray(parsed) ? parsed[0] : parsed;
    if (/passphrase/i.test(parsed.message) && passphrase === undefined) locked.push({ file, data });
    else notes.push(`${file}: ${parsed.message}`);
    return undefined;
  };
  function* keys(files: readonly string[], named: boolean): Generator<AnyAuthMethod> {
    for (const file of files) {
      if (!existsSync(file)) {
        if (named) notes.push(`${file}: no such file`);
        continue;
      }
      if (existsSync(`${file}-cert.pub`))
        notes.push(`${file}-cert.pub is not offered: certificates need ansible_connection: openssh`);
      const data = read(file, notes);
      const key = data === undefined ? undefined : open(file, data);
      if (key === undefined || data === undefined) continue;
      offered.push(file);
      yield { type: 'publickey', username: methods.user, key: data };
    }
  }

  yield* keys(methods.keyFiles, true);
  if (methods.agent !== undefined) {
    const agent = methods.identitiesOnly
      ? filtered(
          createAgent(methods.agent),
          publicKeys([...methods.keyFiles, ...methods.defaultKeyFiles], utils.parseKey),
        )
      : createAgent(methods.agent);
    offered.push(`the agent's keys`);
    yield { type: 'agent', username: methods.user, agent };
  }
  yield* keys(methods.defaultKeyFiles, false);
  for (const { file, data } of locked) {
    const passphrase = methods.passphrase ?? (await methods.ask?.(`Passphrase for ${file}`, true));
    if (passphrase === undefined) {
      notes.push(`${file} wants a passphrase`);
      continue;
    }
    if (open(file, data, passphrase) === undefined) continue;
    offered.push(file);
    yield { type: 'publickey', username: methods.user, key: data, passphrase };
  }
  if (methods.password !== undefined) {
    offered.push('the password');
    yield { type: 'password', username: methods.user, password: methods.password };
  }
  // Three rounds: two factors and one slip.
  for (let round = 0; round < 3; round++) {
    if (methods.password === undefined && methods.ask === undefined) return;
    if (methods.password !== undefined && methods.ask === undefined && round > 0) return;
    offered.push('answers to its questions');
    yield { type: 'keyboard-interactive', username: methods.user, prompt: () => undefined };
  }
}

function read(file: string, notes: string[]): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    notes.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Public keys of files: from FILE.pub, or the file where it needs no passphrase. */
function publicKeys(files: readonly string[], parseKey: (data: Buffer) => ParsedKey | ParsedKey[] | Error): Buffer[] {
  return files.flatMap((file) => {
    for (const name of [`${file}.pub`, file]) {
      const data = read(name, []);
      const parsed = data === undefined ? undefined : parseKey(data);
      const key = Array.isArray(parsed) ? parsed[0] : parsed;
      if (key !== undefined && !(key instanceof Error)) return [key.getPublicSSH()];
    }
    return [];
  });
}

/** An agent that shows only the given keys (IdentitiesOnly). */
function filtered(agent: BaseAgent, wanted: readonly Buffer[]): BaseAgent {
  const shown: BaseAgent = Object.create(agent);
  shown.getIdentities = (callback) =>
    agent.getIdentities((error, keys) =>
      callback(
        error,
        keys?.filter((key) => wanted.some((one) => one.equals(publicBytes(key)))),
      ),
    );
  return shown;
}

function publicBytes(key: unknown): Buffer {
  if (Buffer.isBuffer(key)) return key;
  if (typeof key === 'object' && key !== null && 'getPublicSSH' in key && typeof key.getPublicSSH === 'function') {
    const bytes: unknown = key.getPublicSSH();
    if (Buffer.isBuffer(bytes)) return bytes;
  }
  return Buffer.alloc(0);
}
