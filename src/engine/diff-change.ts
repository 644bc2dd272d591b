// A change as differences to show: file content as text, attributes and other states as lines of the fields that differ.
import type { Content } from '../core/content.ts';
import type { Diff } from '../core/diff.ts';
import type { Effect } from '../core/module.ts';
import { same } from '../core/same.ts';
import { KNOWN_AFTER_APPLY, Unknown } from '../core/value.ts';

/** Larger contents are not shown as text. */
const MOST_TEXT = 1024 * 1024;

/** `resources` names the resource of each key of the states; `keys` are those that differ. */
export function diffChange(
  resources: Readonly<Record<string, string>>,
  keys: readonly string[],
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  effects: readonly Effect[],
): Diff[] {
  const diffs = keys.flatMap((key) => {
    const resource = resources[key] ?? key;
    return resource.startsWith('path:')
      ? diffPath(resource, before[key], after[key])
      : diffFields(resource, before[key], after[key]);
  });
  return [
    ...diffs,
    ...effects.map((effect) => ({
      resource: '',
      beforeHeader: '',
      afterHeader: '',
      before: '',
      after: `${effect.text}\n`,
    })),
  ];
}

function diffPath(asked: string, before: unknown, after: unknown): Diff[] {
  // What was asked as `~/x` is told as where it is.
  const place = placeOf(before) ?? placeOf(after);
  const resource = place === undefined ? asked : `path:${place}`;
  if (after instanceof Unknown) return [diffOf(resource, '', `${KNOWN_AFTER_APPLY}\n`)];
  const was = before as Record<string, unknown>;
  const will = after as Record<string, unknown>;
  // Where a link stays, what differs is mostly what it leads to: shown as the same of a file is.
  if (was['kind'] === 'link' && will['kind'] === 'link' && same(was['target'], will['target'])) {
    const { real: realWas, ...own } = was;
    const { real: realWill, ...ownAfter } = will;
    return [
      ...(same(own, ownAfter) ? [] : diffPathItself(resource, own, ownAfter)),
      ...(isRecord(realWas) && isRecord(realWill) && !same(realWas, realWill)
        ? diffPathItself(resource, realWas, realWill)
        : []),
    ];
  }
  return diffPathItself(resource, was, will);
}

function placeOf(state: unknown): string | undefined {
  const info = isRecord(state) ? state['info'] : undefined;
  const path = isRecord(info) ? info['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

function diffPathItself(resource: string, was: Record<string, unknown>, will: Record<string, unknown>): Diff[] {
  const diffs: Diff[] = [];
  const oldContent = was['content'] as Content | undefined;
  const newContent = will['content'] as Content | undefined;
  const shape = diffFields(resource, attributes(was), attributes(will), was['kind'] !== will['kind']);
  if (shape.some((diff) => diff.before !== diff.after))
    diffs.push(...shape.map((diff) => ({ ...diff, of: 'attributes' as const })));
  const kindStays = was['kind'] === 'file' || was['kind'] === 'absent';
  if (newContent !== undefined && kindStays && !same(oldContent, newContent))
    diffs.push(diffContent(resource, oldContent, newContent, was['kind'] === 'absent'));
  else if (will['kind'] === 'absent' && oldContent?.bytes !== undefined)
    diffs.push(diffContent(resource, oldContent, undefined, false));
  return diffs;
}

function attributes(state: Record<string, unknown>): Record<string, unknown> {
  const { content: _content, info: _info, kind, ...rest } = state;
  return { state: kind, ...rest };
}

function diffContent(resource: string, before: Content | undefined, after: Content | undefined, fresh: boolean): Diff {
  const path = resource.slice('path:'.length);
  const old = textOf(before);
  const now = textOf(after);
  if (before?.hidden === true || after?.hidden === true)
    return { ...diffOf(resource, '', ''), of: 'content', note: 'content differs (hidden)' };
  if (old === undefined || now === undefined) {
    const size = (content: Content | undefined): string =>
      content === undefined ? 'no content' : `${content.size} bytes, sha256 ${content.sha256.slice(0, 12)}`;
    return { ...diffOf(resource, '', ''), of: 'content', note: `content differs (${size(before)} -> ${size(after)})` };
  }
  return {
    of: 'content',
    resource,
    beforeHeader: fresh ? '/dev/null' : path,
    afterHeader: after === undefined ? '/dev/null' : path,
    before: old,
    after: now,
  };
}

function textOf(content: Content | undefined): string | undefined {
  if (content === undefined) return '';
  if (content.bytes === undefined || content.size > MOST_TEXT || content.bytes.includes(0)) return undefined;
  return content.bytes.toString('utf8');
}

function diffOf(resource: string, before: string, after: string): Diff {
  const name = resource.startsWith('path:') ? resource.slice('path:'.length) : resource;
  return { resource, beforeHeader: name, afterHeader: name, before, after };
}

/** Lines `field: value` of the fields that differ; all fields when the kind itself changes. */
function diffFields(resource: string, before: unknown, after: unknown, whole = false): Diff[] {
  if (after instanceof Unknown) return [diffOf(resource, lines('', before), `${KNOWN_AFTER_APPLY}\n`)];
  if (!isRecord(before) || !isRecord(after)) return [diffOf(resource, lines('', before), lines('', after))];
  return [diffOf(resource, ...fieldLines('', before, after, whole))];
}

/** Both sides as lines of the fields that differ; a state within a state field by field too. */
function fieldLines(
  prefix: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  whole: boolean,
): [string, string] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => name !== 'info' && (after[name] !== undefined || whole) && (whole || !same(before[name], after[name])),
  );
  const texts = names.map((name): [string, string] => {
    const [was, will] = [before[name], after[name]];
    if (!whole && isRecord(was) && isRecord(will) && 'kind' in will)
      return fieldLines(`${prefix}${name}.`, was, will, false);
    return [
      was === undefined ? '' : lines(`${prefix}${name}`, was),
      will === undefined ? '' : lines(`${prefix}${name}`, will),
    ];
  });
  return [texts.map(([was]) => was).join(''), texts.map(([, will]) => will).join('')];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Unknown);
}

function lines(name: string, value: unknown): string {
  const prefix = name === '' ? '' : `${name}: `;
  if (value instanceof Unknown) return `${prefix}${KNOWN_AFTER_APPLY}\n`;
  if (value === undefined || value === null) return name === '' ? '' : `${prefix}null\n`;
  if (isRecord(value)) {
    if (typeof value['sha256'] === 'string')
      return `${prefix}${String(value['size'])} bytes, sha256 ${value['sha256'].slice(0, 12)}\n`;
    return Object.entries(value)
      .filter(([key, item]) => key !== 'info' && item !== undefined && !(key === 'kind' && item === name))
      .map(([key, item]) => lines(name === '' ? key : `${name}.${key}`, item))
      .join('');
  }
  if (Array.isArray(value))
    return value.length === 0 ? `${prefix}[]\n` : value.map((item, index) => lines(`${name}[${index}]`, item)).join('');
  return `${prefix}${typeof value === 'object' ? JSON.stringify(value) : String(value as string)}\n`;
}
