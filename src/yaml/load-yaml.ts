// YAML as Ansible reads it, into values with their places: YAML 1.1 scalars, merge keys, anchors, `!vault` and `!unsafe`; text becomes TemplateText.
//
// An own reader instead of the `yaml` package's: a vars file of 10,000 hosts takes that one ten seconds (every key is compared with all before it)
// and this one a fraction of a second, and PyYAML's rules (what is a number, where a scalar ends) differ from it in many small points.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { Value } from '../core/value.ts';
import type { VaultDecryptor } from './vault-text.ts';
import type { Path, Positions } from './yaml-positions.ts';
import { YamlReader, type YamlWarning } from './yaml-reader.ts';

export type { VaultDecryptor } from './vault-text.ts';
export { Positions } from './yaml-positions.ts';
export type { YamlWarning } from './yaml-reader.ts';

export interface YamlOptions {
  /** Opens `!vault` values and files that are encrypted whole. Without it a file encrypted whole is an error, a `!vault` value one when it is used. */
  readonly vault?: VaultDecryptor | undefined;
  /** False for text that is not the user's: its strings are never rendered. */
  readonly trusted?: boolean;
}

export interface LoadedYaml {
  /** null for an empty file. */
  readonly value: Value;
  /** Where the value at a path stands; `[]` is the document. */
  readonly origin: (path: Path) => Origin | undefined;
  readonly positions: Positions;
  readonly warnings: readonly YamlWarning[];
}

/** Parses a file that holds one document. Throws a PlaybookError with place and hint for anything that is not YAML. */
export function loadYaml(text: string, file: string, options: YamlOptions = {}): LoadedYaml {
  const reader = readerOf(text, file, options);
  const [first, second] = reader.documents();
  if (second !== undefined)
    throw new PlaybookError('a second YAML document begins here, where one is expected', {
      origin: second.origin,
      hint: 'split the file, or remove the --- line',
    });
  return loaded(reader, first?.value ?? null);
}

/** All documents of a file. */
export function loadYamlDocuments(text: string, file: string, options: YamlOptions = {}): LoadedYaml[] {
  const reader = readerOf(text, file, options);
  return reader.documents().map(({ value }) => loaded(reader, value));
}

function readerOf(text: string, file: string, options: YamlOptions): YamlReader {
  return new YamlReader(openFile(text, file, options), file, {
    vault: options.vault ?? NO_VAULT,
    trusted: options.trusted !== false,
  });
}

function loaded(reader: YamlReader, value: Value): LoadedYaml {
  const { positions } = reader;
  return { value, positions, warnings: reader.warnings, origin: (path) => positions.at(value, path) };
}

const NO_VAULT: VaultDecryptor = {
  decrypt(_text, origin) {
    throw new PlaybookError('this value is encrypted and no vault secret was given', {
      origin,
      hint: 'give one with --vault-password-file or --ask-vault-pass',
    });
  },
};

/** The text of a file that may be encrypted whole. */
function openFile(text: string, file: string, options: YamlOptions): string {
  return text.startsWith('$ANSIBLE_VAULT;')
    ? (options.vault ?? NO_VAULT).decrypt(text, { file, line: 1, column: 1 })
    : text;
}
