// Filters for HTML: escaping, links, attributes.
import { Dict, type Value } from '../../core/value.ts';
import { Markup, Nothing, PythonError, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { escapeHtml } from '../python/arithmetic.ts';
import { dumpJson } from '../python/json.ts';
import { pythonStr } from '../python/text.ts';
import { characters, truthy } from '../python/types.ts';

const escaped = filter(
  's',
  (_, value) => (value instanceof Markup ? value : new Markup(escapeHtml(pythonStr(value as Value)))),
  { takesMarkup: true },
);

const ENTITIES: Record<string, string> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  laquo: '«',
  raquo: '»',
  euro: '€',
};

function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#[xX]([\da-fA-F]+)|(\w+));?/g,
    (all: string, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return ENTITIES[name ?? ''] ?? all;
    },
  );
}

function xmlAttributes(value: Value, autospace: Value): string {
  if (!(value instanceof Dict)) throw new PythonError('TypeError', 'xmlattr needs a mapping');
  const parts: string[] = [];
  for (const [key, item] of value) {
    if (item === null || item instanceof Undefined || item instanceof Nothing) continue;
    const name = pythonStr(key);
    if (/[\s/>=]/.test(name)) throw new PythonError('ValueError', `Invalid character in attribute name: '${name}'`);
    parts.push(`${escapeHtml(name)}="${escapeHtml(pythonStr(item))}"`);
  }
  const text = parts.join(' ');
  return truthy(autospace) && text !== '' ? ` ${text}` : text;
}

function urlize(
  value: string,
  limit: number | undefined,
  nofollow: boolean,
  target: string | null,
  rel: string | null,
  schemes: readonly string[],
): string {
  const relations = new Set((rel ?? '').split(/\s+/).filter((part) => part !== ''));
  if (nofollow) relations.add('nofollow');
  relations.add('noopener');
  const attributes = ` rel="${escapeHtml([...relations].sort().join(' '))}"${target === null ? '' : ` target="${escapeHtml(target)}"`}`;
  const trim = (text: string): string =>
    limit !== undefined && characters(text).length > limit ? `${characters(text).slice(0, limit).join('')}...` : text;
  return escapeHtml(value)
    .split(/(\s+)/)
    .map((word) => {
      const [, head = '', whole = '', tail = ''] = /^((?:[(<]|&lt;)*)([^]*?)((?:[)>.,\n]|&gt;)*)$/.exec(word) ?? [];
      let middle = whole;
      if (
        /^(?:https?:\/\/|www\.)(?:(?:[\w%-]+\.)+)?(?:[a-z]{2,63}|xn--[\w%]{2,59}|localhost)(?::\d+)?(?:[/?#]\S*)?$|^https?:\/\/(?:(?:\d{1,3}(?:\.\d{1,3}){3})|(?:\[[\da-f:.]+\]))(?::\d+)?(?:[/?#]\S*)?$|^([\w%-]{2,}\.)+(?:com|net|int|edu|gov|org|info|mil)(?::\d+)?(?:[/?#]\S*)?$/i.test(
          middle,
        )
      ) {
        const link = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
        middle = `<a href="${link}"${attributes}>${trim(middle)}</a>`;
      } else if (
        /^mailto:\S+@\w[\w.-]*\.\w+$/.test(middle) ||
        (/^\S+@\w[\w.-]*\.\w+$/.test(middle) && !middle.includes(':'))
      ) {
        const address = middle.replace(/^mailto:/, '');
        middle = `<a href="mailto:${address}">${address}</a>`;
      } else if (schemes.some((scheme) => middle !== scheme && middle.startsWith(scheme)))
        middle = `<a href="${middle}"${attributes}>${trim(middle)}</a>`;
      return head + middle + tail;
    })
    .join('');
}

export const HTML_FILTERS: Filters = {
  e: escaped,
  escape: escaped,
  forceescape: filter('value', (_, value) => new Markup(escapeHtml(pythonStr(value as Value)))),
  safe: filter('value', (_, value) => new Markup(pythonStr(value as Value)), { takesMarkup: true }),
  striptags: filter('value', (_, value) =>
    unescapeHtml(
      pythonStr(value as Value)
        .replace(/<!--[^]*?-->/g, '')
        .replace(/<[^>]*>/g, ''),
    )
      .trim()
      .split(/\s+/)
      .join(' '),
  ),
  tojson: filter(
    'value, indent=None',
    (_, value, indent) =>
      new Markup(
        dumpJson(value as Value, {
          indent: indent === null ? null : ' '.repeat(Math.max(0, Number(indent))),
          sortKeys: true,
          ascii: true,
          itemSeparator: indent === null ? ', ' : ',',
          keySeparator: ': ',
          dates: false,
        })
          .replaceAll('<', '\\u003c')
          .replaceAll('>', '\\u003e')
          .replaceAll('&', '\\u0026')
          .replaceAll("'", '\\u0027'),
      ),
  ),
  urlize: filter(
    'value, trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None',
    (_, value, limit, nofollow, target, rel, schemes) =>
      urlize(
        pythonStr(value as Value),
        limit === null ? undefined : Number(limit),
        truthy(nofollow as Value),
        target === null ? null : pythonStr(target as Value),
        rel === null ? null : pythonStr(rel as Value),
        Array.isArray(schemes) ? schemes.map(pythonStr) : [],
      ),
  ),
  xmlattr: filter(
    'd, autospace=True',
    (_, value, autospace) => new Markup(xmlAttributes(value as Value, autospace as Value)),
  ),
};
