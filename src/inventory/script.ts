// Executable inventory sources: run with `--list`, and with `--host NAME` where they do not give `_meta`.
import { execFile } from 'node:child_process';
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, type Value } from '../core/value.ts';
import type { VaultDecryptor } from '../yaml/vault-text.ts';
import type { InventoryBuilder } from './inventory-builder.ts';
import { parseJson } from './json-value.ts';

export interface ScriptOptions {
  /** Seconds for one call. */
  readonly timeout: number;
  readonly warn: (message: string, origin?: Origin) => void;
  readonly vault?: VaultDecryptor | undefined;
}

/** Runs the source and reads its answer into the inventory. Throws `PlaybookError` for a failure or an answer that is no inventory. */
export async function runInventoryScript(path: string, into: InventoryBuilder, options: ScriptOptions): Promise<void> {
  const answer = json(await run(path, ['--list'], options.timeout), path, '--list', options.vault);
  let meta: Value | undefined;
  const hosts = new Set<string>();
  for (const [key, data] of answer) {
    const group = String(key);
    if (group === '_meta') {
      meta = data instanceof Dict ? data.get('hostvars') : undefined;
      if (meta !== undefined && !(meta instanceof Dict))
        throw new PlaybookError(`${path} --list: _meta.hostvars is no mapping`);
    } else readGroup(group, data, path, into, hosts);
  }
  const names = [...hosts];
  if (meta instanceof Dict) {
    for (const name of names) {
      const vars = meta.get(name);
      if (vars instanceof Dict) into.addHost(name, undefined, undefined, assignment(vars, path));
    }
    return;
  }
  // Without _meta every host is asked for, a few at a time.
  const answers = new Map<string, Dict>();
  const waiting = [...names];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const output = await run(path, ['--host', name], options.timeout);
      if (output.trim() !== '') answers.set(name, json(output, path, `--host ${name}`, options.vault));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  for (const name of names) {
    const vars = answers.get(name);
    if (vars !== undefined) into.addHost(name, undefined, undefined, assignment(vars, path));
  }
}

function assignment(vars: Dict, path: string) {
  return { vars, origin: { file: path, line: 1, column: 1 }, originOf: undefined };
}

function readGroup(name: string, data: Value, path: string, into: InventoryBuilder, hosts: Set<string>): void {
  const group = into.addGroup(name);
  const known = ['hosts', 'vars', 'children'];
  let content: Dict;
  // Old forms: a list of hosts, or the variables of a single host of that name.
  if (!(data instanceof Dict)) content = new Dict([['hosts', data]]);
  else if (!known.some((key) => data.has(key)))
    content = new Dict([
      ['hosts', [group]],
      ['vars', data],
    ] satisfies [Value, Value][]);
  else content = data;
  const members = content.get('hosts');
  if (members !== undefined) {
    for (const host of list(members, `${name}.hosts`, path)) {
      hosts.add(host);
      into.addHost(host, group);
    }
  }
  const vars = content.get('vars');
  if (vars !== undefined) {
    if (!(vars instanceof Dict)) throw new PlaybookError(`${path} --list: ${name}.vars is no mapping`);
    into.setGroupVars(group, assignment(vars, path));
  }
  const children = content.get('children');
  if (children !== undefined)
    for (const child of list(children, `${name}.children`, path)) into.addChild(group, into.addGroup(child));
}
function list(value: Value, what: string, path: string): string[] {
  if (!Array.isArray(value)) throw new PlaybookError(`${path} --list: ${what} is no list`);
  return value.map((item) => {
    if (typeof item !== 'string') throw new PlaybookError(`${path} --list: ${what} has a name that is no text`);
    return item;
  });
}

function json(text: string, path: string, argument: string, vault: VaultDecryptor | undefined): Dict {
  const value = parseJson(text, `the answer of ${path} ${argument}`, vault);
  if (!(value instanceof Dict)) throw new PlaybookError(`${path} ${argument} gave JSON that is no mapping`);
  return value;
}

function run(path: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      path,
      args,
      { timeout: timeout * 1000, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024 * 1024, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else {
          const why =
            error.killed === true
              ? `it took longer than ${timeout} seconds`
              : typeof error.code === 'number'
                ? `exit status ${error.code}`
                : error.message;
          reject(
            new PlaybookError(`${path} ${args.join(' ')} failed: ${why}`, {
              hint: stderr.trim() === '' ? undefined : stderr.trim(),
              cause: error,
            }),
          );
        }
      },
    );
    child.stdin?.end();
  });
}
