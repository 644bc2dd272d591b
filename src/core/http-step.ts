// What the fields of an `http` step mean: the path it really asks, and whether an answer is a failure. Pure, for the engine and for tests.
import type { HttpResponse } from './connection.ts';
import type { Step, StepResult } from './step.ts';

type HttpStep = Step & { kind: 'http' };

/** The request's path with `{field}` filled in from an earlier answer; throws when that answer has no such text (a bug of the module). */
export function requestPath(step: HttpStep, done: readonly StepResult[]): string {
  if (step.fill === undefined) return step.request.path;
  const { step: index, field } = step.fill;
  const value = jsonMember(done[index]?.response?.body, field);
  if (typeof value !== 'string')
    throw new Error(`the answer to step ${index} has no "${field}", which ${step.display} needs`);
  return step.request.path.replaceAll(`{${field}}`, encodeURIComponent(value));
}

/** Why an answer is a failure, in the words of the server, or undefined when it is none. */
export function httpFailure(step: HttpStep, response: HttpResponse): string | undefined {
  const { status } = response;
  if (status === 0) return `cannot talk to ${step.socket}: ${response.body.toString('utf8').trim()}`;
  if (
    !(step.accept?.includes(status) ?? false) &&
    !(status >= 200 && status < 300) &&
    !(step.accept === undefined && status === 304)
  )
    return `${serverMessage(response)} (HTTP ${status})`;
  if (step.jsonStream !== true) return undefined;
  for (const line of response.body.toString('utf8').split('\n')) {
    if (!line.includes('"error')) continue;
    const error = jsonMember(Buffer.from(line), 'error');
    if (typeof error === 'string') return error;
  }
  return undefined;
}

/** `message` of a JSON answer, or the answer's text. */
export function serverMessage(response: HttpResponse): string {
  const message = jsonMember(response.body, 'message');
  return typeof message === 'string' ? message.trim() : response.body.toString('utf8').trim();
}

function jsonMember(body: Buffer | undefined, name: string): unknown {
  if (body === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, name)
      ? (parsed as Record<string, unknown>)[name]
      : undefined;
  } catch {
    return undefined;
  }
}
