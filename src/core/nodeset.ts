// Many names as few: `web[1-3,7],db01` instead of `web1,web2,web3,web7,db01`.

/** Names folded by their last number; leading zeros are kept, order is that of first appearance. */
export function foldNames(names: readonly string[]): string {
  const groups = new Map<
    string,
    { readonly prefix: string; readonly suffix: string; readonly width: number; readonly numbers: number[] }
  >();
  const order: (string | { readonly key: string })[] = [];
  for (const name of names) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name);
    if (match === null) {
      order.push(name);
      continue;
    }
    const [, prefix = '', digits = '', suffix = ''] = match;
    // Names whose numbers have leading zeros are of one width; others are of none.
    const width = digits.length > 1 && digits.startsWith('0') ? digits.length : 0;
    const known = [`${prefix}\0${suffix}\0${width}`, `${prefix}\0${suffix}\0${digits.length}`].find((key) =>
      groups.has(key),
    );
    const key = known ?? `${prefix}\0${suffix}\0${width}`;
    let group = groups.get(key);
    if (group === undefined) {
      groups.set(key, (group = { prefix, suffix, width, numbers: [] }));
      order.push({ key });
    }
    group.numbers.push(Number(digits));
  }
  return order
    .map((item) => {
      if (typeof item === 'string') return item;
      const { prefix, suffix, width, numbers } = groups.get(item.key) as NonNullable<ReturnType<typeof groups.get>>;
      const text = (number: number): string => String(number).padStart(width, '0');
      if (numbers.length === 1) return `${prefix}${text(numbers[0] as number)}${suffix}`;
      return `${prefix}[${ranges(numbers)
        .map(([from, to]) => (from === to ? text(from) : `${text(from)}-${text(to)}`))
        .join(',')}]${suffix}`;
    })
    .join(',');
}

function ranges(numbers: readonly number[]): [number, number][] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const result: [number, number][] = [];
  for (const number of sorted) {
    const last = result.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else result.push([number, number]);
  }
  return result;
}
