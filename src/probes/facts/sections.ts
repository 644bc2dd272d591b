// The output of the facts script, cut into its sections.

export type Sections = ReadonlyMap<string, string>;

/** Text by section; the first of a name counts. */
export function sectionsOf(text: string): Sections {
  const sections = new Map<string, string>();
  for (const part of `\n${text}`.split('\n@@').slice(1)) {
    const end = part.indexOf('\n');
    const name = end < 0 ? part : part.slice(0, end);
    if (!sections.has(name)) sections.set(name, end < 0 ? '' : part.slice(end + 1));
  }
  return sections;
}

/** The first line of a section without blanks around it; undefined where the section is missing. */
export function firstLine(sections: Sections, name: string): string | undefined {
  return sections.get(name)?.trimStart().split('\n', 1)[0]?.trim();
}

export function linesOf(sections: Sections, name: string): string[] {
  return (sections.get(name) ?? '').split('\n').filter((line) => line.trim() !== '');
}

/** Bytes that `od -An -tx1` wrote, as text. */
export function fromHex(hex: string): string {
  return Buffer.from(hex.replace(/\s+/g, ''), 'hex').toString('utf8');
}
