// How wide the matches of a Python pattern are: what looks behind has to be of one width.

interface Width {
  readonly least: number;
  readonly most: number;
}
const NONE: Width = { least: 0, most: 0 };
const ONE: Width = { least: 1, most: 1 };

/** Whether a look-behind of the pattern may match texts of several widths, which Python refuses. */
export function looksBehindUnevenly(pattern: string): boolean {
  if (!pattern.includes('(?<=') && !pattern.includes('(?<!')) return false;
  const reader = new Reader(pattern);
  reader.choice();
  return reader.uneven;
}

class Reader {
  readonly #pattern: string;
  #at = 0;
  readonly #groups: Width[] = [];
  readonly #named = new Map<string, Width>();
  uneven = false;
  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** The alternatives up to a `)` or the end. */
  choice(): Width {
    let all: Width | undefined;
    for (;;) {
      const one = this.#sequence();
      all = all === undefined ? one : { least: Math.min(all.least, one.least), most: Math.max(all.most, one.most) };
      if (this.#pattern[this.#at] !== '|') return all;
      this.#at++;
    }
  }

  #sequence(): Width {
    let [least, most] = [0, 0];
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern[this.#at] as string)) {
      const item = this.#item();
      const times = this.#times();
      least += item.least * times.least;
      most += item.most === 0 || times.most === 0 ? 0 : item.most * times.most;
    }
    return { least, most };
  }

  #take(form: RegExp): RegExpExecArray | null {
    const match = form.exec(this.#pattern.slice(this.#at));
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #times(): Width {
    const match = this.#take(/^(?:([*+?])|\{(\d+)\}|\{(\d*),(\d*)\})[+?]?/);
    if (match === null) return ONE;
    const [, sign, exact, least = '', most = ''] = match;
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    if (exact !== undefined) return { least: Number(exact), most: Number(exact) };
    return { least: Number(least), most: most === '' ? Infinity : Number(most) };
  }

  #item(): Width {
    if (this.#pattern[this.#at] === '(') return this.#group();
    if (this.#take(/^\[\^?\]?(?:\\[^]|[^\]\\])*\]?/) !== null) return ONE;
    if (this.#take(/^(?:\\[AbBZ]|[\^$])/) !== null) return NONE;
    const back = this.#take(/^\\([1-9]\d?)(?!\d)/);
    if (back !== null) return this.#groups[Number(back[1]) - 1] ?? NONE;
    this.#take(/^(?:\\(?:x..|u....|U........|[0-7]{1,3}|[^])|[^])/u);
    return ONE;
  }

  #group(): Width {
    if (this.#take(/^\(\?#[^)]*\)?|^\(\?[aiLmsux]+\)/) !== null) return NONE;
    const reference = this.#take(/^\(\?P=(\w+)\)/);
    if (reference !== null) return this.#named.get(reference[1] as string) ?? NONE;
    const look = this.#take(/^\(\?<?[=!]/);
    const name = look === null ? this.#take(/^\(\?P<(\w+)>/)?.[1] : undefined;
    const plain =
      look !== null || name !== undefined || this.#take(/^\(\?(?:[aiLmsux]*(?:-[imsx]+)?:|>|\([^)]*\))/) !== null;
    if (!plain) this.#at++;
    const place = name !== undefined || !plain ? this.#groups.push(NONE) - 1 : undefined;
    const inside = this.choice();
    this.#at++;
    if (place !== undefined) this.#groups[place] = inside;
    if (name !== undefined) this.#named.set(name, inside);
    if (look === null) return inside;
    if (look[0].includes('<') && inside.least !== inside.most) this.uneven = true;
    return NONE;
  }
}
