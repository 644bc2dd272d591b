// HTTP/1.1 to a unix socket of a host: Node's own client over one kept byte stream, one request after the other.
import type { Agent as HttpAgent, IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpRequest, HttpResponse } from '../core/connection.ts';
import { VbxError } from '../core/error.ts';

// Imported as a module it would load all of Node's fetch for names that nobody uses here: a twentieth of a second.
const { Agent, request: httpRequest } = process.getBuiltinModule('node:http');

/** One kept connection to a socket. */
export interface HttpLine {
  readonly send: (request: HttpRequest, signal: AbortSignal | undefined) => Promise<HttpResponse>;
  readonly close: () => void;
}

/** `open` makes a stream to the socket; its rejection is the body of an answer with status 0, but a VbxError (become refused, link lost) is raised. */
export function httpLine(open: () => Promise<Duplex>): HttpLine {
  const agent = new KeptAgent(open);
  return {
    send: (request, signal) => send(agent, request, signal),
    close: () => agent.destroy(),
  };
}

class KeptAgent extends Agent {
  readonly #open: () => Promise<Duplex>;
  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    this.#open = open;
  }
  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#open().then(
      (stream) => callback?.(null, asSocket(stream)),
      (error: unknown) =>
        callback?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/** Node's client calls these of a socket; a channel has no use for them. */
function asSocket(stream: Duplex): Duplex {
  const nothing = () => stream;
  for (const name of ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref'])
    if (!(name in stream)) Object.defineProperty(stream, name, { value: nothing });
  if (!('destroySoon' in stream)) Object.defineProperty(stream, 'destroySoon', { value: () => stream.destroy() });
  return stream;
}

async function send(
  agent: HttpAgent,
  asked: HttpRequest,
  signal: AbortSignal | undefined,
  again = false,
): Promise<HttpResponse> {
  const outcome = await attempt(agent, asked, signal);
  if (outcome.response !== undefined) return outcome.response;
  signal?.throwIfAborted();
  if (outcome.error instanceof VbxError) throw outcome.error;
  // A kept connection that the server closed while it was idle: reading again does no harm.
  if (outcome.reused && !again && (asked.method === 'GET' || asked.method === 'HEAD'))
    return send(agent, asked, signal, true);
  const reset = outcome.error.message === 'socket hang up' || /ECONNRESET|EPIPE/.test(outcome.error.message);
  return {
    status: 0,
    headers: {},
    body: Buffer.from(reset ? `the socket closed the connection (${outcome.error.message})` : outcome.error.message),
  };
}

type Attempt =
  | { readonly response: HttpResponse }
  | { readonly response?: undefined; readonly error: Error; readonly reused: boolean };

function attempt(agent: HttpAgent, asked: HttpRequest, signal: AbortSignal | undefined): Promise<Attempt> {
  return new Promise((resolve) => {
    const { body } = asked;
    const fixed = typeof body === 'function' || body === undefined ? undefined : Buffer.from(body);
    const seconds = asked.timeout ?? 60;
    const request = httpRequest({
      agent,
      host: 'localhost',
      method: asked.method,
      path: asked.path,
      headers: { ...asked.headers, ...(fixed === undefined ? {} : { 'content-length': String(fixed.length) }) },
      ...(signal === undefined ? {} : { signal }),
    });
    // A channel of ssh does not hand the reason on when it is destroyed, so that it is kept here.
    let late: Error | undefined;
    const timer = setTimeout(
      () => request.destroy((late = new Error(`no answer within ${seconds} s`))),
      seconds * 1000,
    );
    const fail = (error: Error) => {
      clearTimeout(timer);
      resolve({ error: late ?? error, reused: late === undefined && request.reusedSocket });
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({
          response: {
            status: response.statusCode ?? 0,
            headers: plainHeaders(response.headers),
            body: Buffer.concat(chunks),
          },
        });
      });
    });
    if (typeof body === 'function') pipeline(Readable.from(body()), request).catch(() => undefined);
    else request.end(fixed);
  });
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
