// `-e`: variables of the command line, as k=v words (texts), JSON or YAML (typed), or @file.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import { Dict, userText } from '../core/value.ts';
import { splitArgs, unquote } from '../playbook/split-args.ts';
import { loadYaml } from '../yaml/load-yaml.ts';
import type { VaultDecryptor } from '../yaml/vault-text.ts';

/** Layers of the values given with -e, in order (later ones win). Words that are no name=value are left out, as under Ansible, and told to `warn`. Errors: UsageError. */
export function extraVars(
  given: readonly string[],
  vault: VaultDecryptor | undefined,
  warn: (message: string) => void,
): VarsLayer[] {
  return given.flatMap((text): VarsLayer[] => {
    if (text.startsWith('@')) {
      const file = resolve(text.slice(1));
      let content: string;
      try {
        content = readFileSync(file, 'utf8');
      } catch (error) {
        throw new UsageError(`cannot read the variables file ${file}: ${(error as Error).message}`);
      }
      return [
        layerOf(
          vault !== undefined && content.startsWith('$ANSIBLE_VAULT')
            ? vault.decrypt(content, { file, line: 1, column: 1 })
            : content,
          file,
          vault,
        ),
      ];
    }
    if (/^\s*[{[]/.test(text)) return [layerOf(text, '-e', vault)];
    const vars = new Dict();
    for (const word of splitArgs(text.trim())) {
      const equals = word.text.indexOf('=');
      if (equals <= 0)
        warn(
          `-e ${text}: "${word.text}" is left out, as it is no name=value; for structures use JSON: -e '{"name": [1, 2]}', or a file: -e @vars.yml`,
        );
      else vars.set(word.text.slice(0, equals).trim(), userText(unquote(word.text.slice(equals + 1).trim())));
    }
    return vars.size === 0 ? [] : [{ level: 'extra vars', vars, origin: { file: '-e', line: 1, column: 1 } }];
  });
}

function layerOf(text: string, file: string, vault: VaultDecryptor | undefined): VarsLayer {
  const { value } = loadYaml(text, file, { vault });
  if (value === null) return { level: 'extra vars', vars: new Dict(), origin: { file, line: 1, column: 1 } };
  if (!(value instanceof Dict))
    throw new UsageError(`${file === '-e' ? `-e ${text}` : file} must hold a mapping of variables`);
  return { level: 'extra vars', vars: value, origin: { file, line: 1, column: 1 } };
}
