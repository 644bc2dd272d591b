// Lines of authorized_keys (sshd(8)): options, type, key, comment; two lines are of one key if their key data agree.

export interface KeyLine {
  /** As written, empty without options. */
  readonly options: string;
  readonly type: string;
  readonly data: string;
  readonly comment: string;
}

const TYPE =
  /^(ssh-(rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|ssh-[a-z0-9-]+(@openssh\.com)?|ecdsa-[a-z0-9-]+(@openssh\.com)?)$/;

/** A line understood, or undefined for comments, blank lines and what is no key. Blanks inside of quotes belong to options. */
export function parseKey(text: string): KeyLine | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const words = trimmed.match(/(?:[^\s"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
  const at = words.findIndex((word) => TYPE.test(word));
  // Key data begin with the length of their type in four bytes: always AAAA.
  const data = words[at + 1];
  if (at < 0 || at > 1 || data === undefined || !/^AAAA[A-Za-z0-9+/]*=*$/.test(data)) return undefined;
  // The comment is everything behind the key, blanks included.
  const rest = trimmed.slice(trimmed.indexOf(data, trimmed.indexOf(words[at] ?? '')) + data.length).trim();
  return { options: at === 1 ? (words[0] ?? '') : '', type: words[at] ?? '', data, comment: rest };
}

export function formatKey({ options, type, data, comment }: KeyLine): string {
  return [options, type, data, comment].filter((part) => part !== '').join(' ');
}

/** Options as a list, split at commas outside of quotes. */
export function optionList(options: string): string[] {
  return options.match(/(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
}
