// Small files (keys) that the host fetches from a URL, or has: their bytes.
import { curlStandIn } from './curl-stand-in.ts';
import { quote } from '../core/quote.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';

export interface FetchedState {
  readonly kind: 'fetched';
  readonly info: { readonly bytes: Buffer | undefined; readonly message: string };
}

/** Shell text that writes what `url` has to stdout, by curl or wget. */
export function fetchScript(url: string, validateCerts: boolean): string {
  return `${curlStandIn()}if command -v curl >/dev/null; then curl -fsSL --connect-timeout 30 --max-time 120 ${validateCerts ? '' : '-k '}-- ${quote(url)}; elif command -v wget >/dev/null; then wget -q -T 60 ${validateCerts ? '' : '--no-check-certificate '}-O - ${quote(url)}; else echo 'neither curl nor wget is on the host' >&2; exit 1; fi`;
}

/** `location`: a URL (asked at the task's turn only) or a path. */
export function fetchProbe(location: string, validateCerts = true): Probe<FetchedState> {
  const remote = /^[a-z]+:\/\//.test(location);
  const script = remote ? fetchScript(location, validateCerts) : `cat -- ${quote(location)}`;
  return scriptProbe(
    `fetch:${location}`,
    script,
    (answer): FetchedState => ({
      kind: 'fetched',
      info: {
        bytes: answer.rc === 0 ? answer.stdout : undefined,
        message: answer.stderr.toString('utf8').trim().split('\n').at(-1) ?? '',
      },
    }),
    { stderr: true, ...(remote ? { costly: true } : { touches: [location] }) },
  );
}
