// The types of module arguments as Ansible takes them: `yes` is a boolean, "8080" an int, "a,b" a list.
import { z } from 'zod';
import type { Content } from './content.ts';
import { pythonText } from './python-text.ts';

/** What a field says beside its type; kept in zod's metadata. */
export interface FieldInfo {
  readonly aliases?: readonly string[];
  /** A file or tree of the controller: resolved by the engine before the module sees it. */
  readonly source?: SourceKind;
  /** A relative path is one of the controller, searched as `source` is, unless another argument has that value; the module gets it absolute. */
  readonly searched?: { readonly folder: 'files'; readonly unless: readonly [argument: string, value: string] };
  /** `null` is a value of it, not that none was given. */
  readonly nullable?: true;
  /** It matters when something is written, not to what: a dry run need not know its value. */
  readonly whenWritten?: true;
  /** Its value is a secret: masked in every output. */
  readonly secret?: boolean;
  [key: string]: unknown;
}
export interface SourceKind {
  /** Subfolder of the search path: `files` or `templates`. */
  readonly folder: 'files' | 'templates';
  /** A folder is allowed and walked. */
  readonly tree?: boolean;
  /** Rendered as a template with the task's variables. */
  readonly render?: boolean;
  /** Left to the host when this boolean argument is true (`remote_src`). */
  readonly unless?: string;
  /** The value is a command line: its first word is the file, the others are given to the module as `words` of the Source (core/words.ts splits it). */
  readonly commandLine?: boolean;
}

/** A file of the controller that the engine read (and rendered, for templates). */
export interface SourceFile {
  readonly kind: 'file';
  /** Absolute path on the controller. */
  readonly path: string;
  readonly content: Content;
  /** Octal, four digits. */
  readonly mode: string;
  /** The path as the user wrote it. */
  readonly written?: string;
  /** What stood behind the file's name where the argument is a command line. */
  readonly words?: readonly string[];
}
/** A folder of the controller with all below it; `path` relative, folders before what they hold. */
export interface SourceTree {
  readonly kind: 'tree';
  readonly path: string;
  /** The user wrote the folder with a slash at its end: its content is meant, not the folder itself. */
  readonly contentOnly: boolean;
  readonly mode: string;
  readonly entries: readonly ({ readonly path: string; readonly mode: string } & (
    | { readonly kind: 'file'; readonly content: Content }
    | { readonly kind: 'directory' }
    | { readonly kind: 'link'; readonly target: string }
  ))[];
}
/** A path that the module takes as one of the host's (`remote_src: true`). */
export interface SourceOnHost {
  readonly kind: 'host';
  readonly path: string;
}
export type Source = SourceFile | SourceTree | SourceOnHost;

const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** Ansible's boolean: true/false, 1/0, yes/no, on/off, y/n, t/f, whatever their case. */
export function bool() {
  return z.preprocess(
    (value) => {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : value;
      return typeof text !== 'string' ? text : TRUE.has(text) ? true : FALSE.has(text) ? false : value;
    },
    z.boolean({ error: 'must be a boolean (true or false)' }),
  );
}
/** Text; of anything else what Python's str() makes of it. */
export function str() {
  return z.preprocess(
    (value) => {
      return value === null || value === undefined ? value : pythonText(value);
    },
    z.string({ error: 'must be a string' }),
  );
}
/** An integer; decimal text is taken. */
export function int() {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value),
    z.number({ error: 'must be an integer' }).int({ error: 'must be an integer' }),
  );
}
/** A number; decimal text is taken. `error`: in what words others are refused. */
export function number(error = 'must be a number') {
  return z.preprocess(
    (value) =>
      typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value,
    z.number({ error }),
  );
}
/** A list; text is split at commas, a single other value becomes a list of one. */
export function list<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value === ''
          ? []
          : value.split(',').map((part) => part.trim())
        : typeof value === 'number' || typeof value === 'boolean'
          ? [value]
          : value,
    z.array(item, { error: 'must be a list' }),
  );
}
/** A dictionary; JSON text and `k=v` pairs separated by commas or blanks are taken. */
export function dict<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => {
      if (typeof value !== 'string') return value;
      if (value.trim().startsWith('{')) {
        try {
          return JSON.parse(value) as unknown;
        } catch {
          return value;
        }
      }
      const pairs = value.split(/[,\s]+/).filter((part) => part !== '');
      return pairs.every((pair) => pair.includes('='))
        ? Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
        : value;
    },
    z.record(z.string(), item, { error: 'must be a dictionary' }),
  );
}
/** One of the given words. */
export function choice<const T extends readonly [string, ...string[]]>(...words: T) {
  return z.preprocess(
    (value) =>
      typeof value === 'boolean'
        ? words.includes(value ? 'yes' : 'no')
          ? value
            ? 'yes'
            : 'no'
          : value
            ? 'true'
            : 'false'
        : typeof value === 'number'
          ? String(value)
          : value,
    z.enum(words as unknown as [T[number], ...T[number][]], { error: `must be one of: ${words.join(', ')}` }),
  );
}
/** An absolute path on the host, or one relative to the login folder; `~` and `$VAR` are expanded on the host. */
export function path() {
  return str();
}
/**
 * A file mode: octal text (`0644`, `644`, `u=rw,g=r`), an integer as YAML reads `0644` (octal there: 420), or `preserve`.
 * Gives octal text of four digits, or the symbolic text as it is.
 */
export function mode() {
  return z.preprocess(
    (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0
        ? value.toString(8).padStart(4, '0')
        : typeof value === 'string' && /^[0-7]{1,4}$/.test(value)
          ? value.padStart(4, '0')
          : typeof value === 'string' && /^0o?[0-7]{4}$/.test(value)
            ? value.slice(-4)
            : typeof value === 'string' && /^0o[0-7]{1,3}$/.test(value)
              ? value.slice(2).padStart(4, '0')
              : value,
    z.string({ error: 'must be a file mode' }).superRefine((text, context) => {
      // Empty text is a symbolic mode that changes nothing: templates of roles give it.
      if (/^([0-7]{4}|preserve|)$/.test(text)) return;
      const wrong = text.split(',').find((clause) => !/^(a|[ugo]*)([-+=]([rwxXst]*|[ugo]))+$/.test(clause));
      if (wrong === undefined) return;
      const refused: RefusedWords = {
        msg: 'mode must be in octal or symbolic form',
        details: `bad symbolic permission for mode: ${wrong}`,
      };
      context.addIssue({
        code: 'custom',
        message: 'must be a file mode such as "0644" or "u=rw,g=r,o="',
        params: { ...refused },
      });
    }),
  );
}
/** How a refused argument stands in a failed result, where playbooks look for Ansible's words: parameters of a schema's issue. */
export interface RefusedWords {
  readonly msg: string;
  readonly details: string;
}

/** Any value as it is. */
export function raw() {
  return z.unknown();
}
/** A file or folder of the controller; the module gets a `Source`. */
export function source(kind: SourceKind) {
  return z
    .custom<Source>(
      (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'kind' in value),
      { error: 'must be a path' },
    )
    .meta({ source: kind } satisfies FieldInfo);
}
/** Further names of a field: `field(str(), { aliases: ['dest'] })`. */
export function field<T extends z.ZodType>(type: T, info: FieldInfo): T {
  return type.meta({ ...type.meta(), ...info });
}

/** The metadata of a field, whatever wrappers (`optional`, `default`) are around it. */
export function fieldInfo(type: z.ZodType): FieldInfo {
  let current: z.ZodType | undefined = type;
  let info: FieldInfo = {};
  while (current !== undefined) {
    info = { ...(current.meta() as FieldInfo | undefined), ...info };
    const def = current.def as { innerType?: z.ZodType; out?: z.ZodType };
    current = def.innerType;
  }
  return info;
}
