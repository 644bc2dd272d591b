// The body of a request, from data as the user wrote it.
import type { Source } from '../core/args.ts';
import { VbxError } from '../core/error.ts';
import { pythonJson } from './parts/python-json.ts';

export interface BodyValues {
  readonly body?: unknown;
  readonly body_format: 'form-urlencoded' | 'json' | 'raw' | 'form-multipart';
  readonly src?: Source | undefined;
}

/** The bytes and their content type; `undefined` without a body, or where the host has it (`remote_src`). */
export function bodyOf({ body, body_format: format, src }: BodyValues): {
  readonly body?: Buffer;
  readonly type?: string;
} {
  if (src !== undefined) {
    if (src.kind === 'host') return {};
    if (src.kind !== 'file' || src.content.bytes === undefined)
      throw new VbxError(`${src.path} cannot be sent: it is no file, or too large`);
    return { body: src.content.bytes };
  }
  if (body === undefined || body === null) return {};
  switch (format) {
    case 'json':
      return { body: Buffer.from(typeof body === 'string' ? body : pythonJson(body)), type: 'application/json' };
    case 'form-urlencoded':
      return {
        body: Buffer.from(typeof body === 'string' ? body : formEncoded(body)),
        type: 'application/x-www-form-urlencoded',
      };
    case 'form-multipart':
      return multipart(body);
    case 'raw':
      return { body: Buffer.from(typeof body === 'string' ? body : pythonJson(body)) };
  }
}

/** As Python's urlencode: a list of values repeats its key. */
function formEncoded(body: unknown): string {
  const pairs = Array.isArray(body)
    ? body.map((pair: unknown): [unknown, unknown] => (Array.isArray(pair) ? [pair[0], pair[1]] : [pair, '']))
    : typeof body === 'object' && body !== null
      ? Object.entries(body)
      : [];
  return pairs
    .flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map((item) => `${encode(String(key))}=${encode(text(item))}`),
    )
    .join('&');
}

function text(value: unknown): string {
  return typeof value === 'boolean'
    ? value
      ? 'True'
      : 'False'
    : value === null
      ? 'None'
      : typeof value === 'object'
        ? pythonJson(value)
        : String(value);
}

function encode(part: string): string {
  return encodeURIComponent(part)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** The boundary is fixed, so that the same wish is the same request; no field may hold it. */
function multipart(body: unknown): { body: Buffer; type: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new VbxError('with body_format: form-multipart the body must be a dictionary');
  const boundary = 'vbx-6b1f0c1e5d9a4f0d8a7c';
  const parts = Object.entries(body).flatMap(([name, value]: [string, unknown]) => {
    const field =
      typeof value === 'object' && value !== null
        ? (value as { content?: unknown; filename?: unknown; mime_type?: unknown })
        : { content: value };
    if (field.content === undefined)
      throw new VbxError(`the field ${name} of a form needs content`, {
        hint: 'Files are read by `content: "{{ lookup(\'file\', ...) }}"` beside filename.',
      });
    const content = text(field.content);
    if (content.includes(boundary)) throw new VbxError(`the field ${name} holds the boundary of the form`);
    const disposition = `Content-Disposition: form-data; name="${name.replaceAll('"', '%22')}"${field.filename === undefined ? '' : `; filename="${String(field.filename).replace(/^.*\//, '').replaceAll('"', '%22')}"`}`;
    const type =
      field.mime_type === undefined
        ? field.filename === undefined
          ? []
          : ['Content-Type: application/octet-stream']
        : [`Content-Type: ${String(field.mime_type)}`];
    return [`--${boundary}\r\n${[disposition, ...type].join('\r\n')}\r\n\r\n${content}\r\n`];
  });
  return {
    body: Buffer.from(`${parts.join('')}--${boundary}--\r\n`),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}
