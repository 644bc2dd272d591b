// What the programs of uri-script printed, as Ansible's fields of a response.
import { statFields } from './parts/report-lines.ts';
import { connectFailure } from './parts/connect-failure.ts';
import type { StepResult } from '../core/step.ts';

export interface Response {
  /** -1: nobody answered. */
  readonly status: number;
  readonly message: string;
  readonly destChanged: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function readResponse(
  done: StepResult,
  args: {
    readonly url: string;
    readonly return_content: boolean;
    readonly dest?: string | undefined;
    readonly status_code: readonly number[];
  },
): Response {
  const text = done.stdout;
  const rc = Number(/^@@rc (\d+)$/m.exec(text)?.[1] ?? done.rc);
  const destination = /^@@dest:(.*)$/m.exec(text)?.[1];
  const placed = statFields({ stat: /^@@stat:(.*)$/m.exec(text)?.[1] ?? '' });
  const { head, body, redirects, url } = text.startsWith('@@wget')
    ? fromWget(text, args.url)
    : fromCurl(text, args.url);
  const [statusLine = '', ...lines] = head;
  const status = Number(/^HTTP\/[\d.]+\s+(\d+)/.exec(statusLine)?.[1] ?? -1);
  const reason = statusLine.replace(/^HTTP\/[\d.]+\s+\d+\s*/, '').trim();
  // A wanted answer that broke off is none.
  if (status === -1 || (rc !== 0 && status < 300)) {
    // Behind its message curl explains at length what a certificate is.
    const said = done.stderr.trim().split('\n');
    const why = said.find((line) => line.startsWith('curl: (')) ?? said.at(-1) ?? '';
    const message = connectFailure(args.url, why === '' ? `exit status ${rc}` : why);
    return {
      status: -1,
      message,
      destChanged: false,
      fields: { status: -1, url: args.url, redirected: false, msg: message },
    };
  }
  const headers: Record<string, string> = {};
  const cookies: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const name = line.slice(0, at).trim().toLowerCase().replaceAll('-', '_');
    const value = line.slice(at + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    const cookie = name === 'set_cookie' ? /^([^=;]+)=([^;]*)/.exec(value) : null;
    if (cookie?.[1] !== undefined) cookies[cookie[1].trim()] = cookie[2] ?? '';
  }
  const type = (headers['content_type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const message =
    status >= 400
      ? `HTTP Error ${status}: ${reason}`
      : `OK (${headers['content_length'] ?? (args.dest === undefined ? String(Buffer.byteLength(body)) : 'unknown')} bytes)`;
  // Fields of the result are not overwritten by headers of the same name.
  const fields: Record<string, unknown> = {
    ...headers,
    ...(headers['location'] !== undefined && URL.canParse(headers['location'], url)
      ? { location: new URL(headers['location'], url).href }
      : {}),
    cookies,
    cookies_string: Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
    status,
    url,
    redirected: redirects > 0,
    msg: message,
    ...(args.dest === undefined ? {} : { path: destination ?? args.dest, ...placed }),
  };
  if (args.dest === undefined) {
    if (type === 'application/json' || type.endsWith('+json')) {
      try {
        fields['json'] = JSON.parse(body) as unknown;
      } catch {
        // Not JSON although it says so: the body is all there is.
      }
    }
    if (args.return_content || !args.status_code.includes(status)) fields['content'] = body;
  }
  return {
    status,
    message: status >= 400 ? message : reason,
    destChanged: text.includes('\n@@dest-changed\n'),
    fields,
  };
}

interface Parts {
  /** Status line and headers of the last response. */
  readonly head: readonly string[];
  readonly body: string;
  readonly redirects: number;
  readonly url: string;
}

/** curl printed the headers of all responses, the body of the last, and a line with sizes. */
function fromCurl(text: string, asked: string): Parts {
  const end = /\n@@done (\d+) (\d+) (\d+) (.*)\n(?:@@rc |$)/.exec(
    text.slice(Math.max(0, text.lastIndexOf('\n@@done '))),
  );
  const start = text.startsWith('@@curl\n') ? 7 : 0;
  const content = text.slice(start, text.lastIndexOf('\n@@done '));
  const redirects = Number(end?.[2] ?? 0);
  let rest = content;
  let head: string[] = [];
  // Header blocks end with an empty line; interim and redirected responses, and that of a proxy, come before the last.
  for (;;) {
    const block = /^HTTP\/[\d.]+ [\s\S]*?\r?\n\r?\n/.exec(rest)?.[0];
    if (block === undefined) break;
    head = block.trim().split(/\r?\n/);
    rest = rest.slice(block.length);
    const status = Number(/^HTTP\/[\d.]+\s+(\d+)/.exec(head[0] ?? '')?.[1] ?? 0);
    if (status === Number(end?.[1]) && !/^HTTP\/[\d.]+ \d/.test(rest)) break;
  }
  return { head, body: rest, redirects, url: end?.[4] ?? asked };
}

/** wget printed headers indented by two blanks among its own lines, the body behind them. */
function fromWget(text: string, asked: string): Parts {
  const content = text.slice('@@wget\n'.length, text.lastIndexOf('\n@@done\n'));
  const lines = content.split('\n');
  let head: string[] = [];
  let redirects = -1;
  let at = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^ {2}HTTP\/[\d.]+ \d/.test(line)) {
      head = [line.trim()];
      redirects += 1;
    } else if (/^ {2}[A-Za-z0-9-]+:/.test(line) && head.length > 0) head.push(line.trim());
    else break;
  }
  const location = head.find((line) => line.toLowerCase().startsWith('location:'));
  return {
    head,
    body: lines.slice(at).join('\n'),
    redirects: Math.max(0, redirects),
    url: location === undefined ? asked : location.slice(9).trim(),
  };
}
