// ansible.builtin.get_url: a file from the net, fetched by the host itself with curl (or Python, or wget); credentials never stand in argv.
import { z } from 'zod';
import { bool, dict, field, int, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { chmodArgument } from '../core/path-mode.ts';
import type { PathState } from '../core/path-state.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { absolutePath, parentOf, pathProbe } from '../probes/path.ts';
import { curlStandIn } from '../probes/curl-stand-in.ts';
import { pathWord } from '../probes/path-script.ts';
import { DIGESTS } from '../probes/path-wish.ts';
import { connectFailure } from './parts/connect-failure.ts';
import { fileArgs, pathFields, withAttributes } from './parts/file-attributes.ts';
import { reportOf, setAttributes, statFields, tellStat } from './parts/report-lines.ts';
import { same } from '../core/same.ts';
import { putInPlace } from '../core/put-in-place.ts';

const args = {
  url: str().describe('What to fetch: http, https, ftp or file'),
  dest: path().describe('Where it goes; a folder takes it under the name that the server or the URL gives'),
  checksum: str()
    .default('')
    .describe('`ALGORITHM:DIGEST` that the file must have, or `ALGORITHM:URL` of a file that tells it'),
  force: bool().default(false).describe('Fetch again although the file is there'),
  backup: bool().default(false).describe('Keep the file that is replaced beside it'),
  timeout: int().default(10).describe('Seconds for the connection, and for a transfer that stands still'),
  headers: dict(str()).optional().describe('Headers of the request'),
  http_agent: str().default('ansible-httpget').describe('The User-Agent header'),
  url_username: field(str().optional(), { aliases: ['username'] }).describe('User for the server'),
  url_password: field(str().optional(), { aliases: ['password'], secret: true }).describe('Password for the server'),
  force_basic_auth: bool().default(false).describe('Send the password unasked (it always is)'),
  client_cert: path().optional().describe('Certificate of the client, PEM, on the host'),
  client_key: path().optional().describe('Its key, PEM, on the host'),
  ciphers: list(str()).optional().describe('Ciphers for TLS'),
  validate_certs: bool().default(true).describe("Check the server's certificate"),
  use_proxy: bool().default(true).describe('Use the proxy of the environment'),
  use_netrc: bool().default(true).describe('Take credentials from ~/.netrc'),
  decompress: bool().default(true).describe('Unpack a compressed answer'),
  tmp_dest: path().optional().describe('Folder for the file while it is fetched; by default that of dest'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  /** Text of the file that tells the digest, where `checksum` names one. */
  readonly sums?: string | undefined;
}

export const get_url = defineAction<typeof args, Observed>({
  name: 'ansible.builtin.get_url',
  summary: 'Fetches a file from the net',
  args,
  check: (given) => {
    const parts = partsOf(given.checksum);
    if (given.checksum !== '' && parts === undefined)
      return 'The checksum parameter has to be in format <algorithm>:<checksum>';
    if (parts !== undefined && !Object.hasOwn(DIGESTS, parts.algorithm))
      return `the digest ${parts.algorithm} is not known; known are: ${Object.keys(DIGESTS).join(', ')}`;
    if (parts !== undefined && !isUrl(parts.value) && !/^[0-9a-f]+$/.test(cleanDigest(parts.value)))
      return 'The checksum format is invalid';
    if (!/^(https?|ftp|file):/i.test(given.url)) return `${given.url} is no URL of http, https, ftp or file`;
    return given.mode === 'preserve' ? 'mode "preserve" is for copy and template only' : undefined;
  },
  example: `
- name: Fetch a file
  ansible.builtin.get_url:
    url: file:///etc/hostname
    dest: /tmp/vbx-example-fetched-hostname
    mode: '0644'
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => {
    const parts = partsOf(given.checksum);
    return {
      at: pathProbe(
        given.dest,
        parts === undefined
          ? {}
          : parts.algorithm === 'sha256'
            ? { content: 'digest', digests: ['sha1'] }
            : { digests: [parts.algorithm, 'sha1'] },
      ),
      ...(parts !== undefined && isUrl(parts.value) ? { sums: sumsProbe(given, parts.value) } : {}),
    };
  },
  // A dry run asks for the head alone: whether there is something to fetch, and since when.
  dryRun: 'run',
})({
  satisfied: (given, { at, sums }) => {
    const wanted = wantedDigest(given, sums);
    if (given.checksum !== '' && wanted === undefined)
      return {
        failed: true,
        msg: `Unable to find a checksum for file '${fileName(given.url)}' in '${partsOf(given.checksum)?.value ?? ''}'`,
        url: given.url,
        dest: given.dest,
      };
    const state = at.kind === 'link' ? at.real : at;
    if (given.force || wanted === undefined || state.kind !== 'file' || digestOf(given, at) !== wanted)
      return undefined;
    // The file is right; attributes that are not are set by the steps.
    if (at.kind === 'link' || !same(state, withAttributes(state, given, NOBODY))) return undefined;
    return {
      changed: false,
      msg: 'file already exists',
      url: given.url,
      dest: absolutePath(given.dest, at),
      checksum_dest: null,
      checksum_src: null,
      elapsed: 0,
      ...pathFields(state, true),
    };
  },
  steps: (given, { at, sums }, _basics, controller) => {
    if (controller.checkMode)
      return [
        {
          kind: 'script',
          long: true,
          secret: true,
          stdin: curlConfig(given, given.url),
          script: headScript(given, at, wantedDigest(given, sums)),
        },
      ];
    const wanted = wantedDigest(given, sums);
    const fits = !given.force && wanted !== undefined && digestOf(given, at) === wanted;
    return [
      {
        kind: 'script',
        long: true,
        secret: true,
        stdin: curlConfig(given, given.url),
        script: fits
          ? `d=${pathWord(given.dest)}\nch=\n${setAttributes('d', given, quote, chmodArgument)}\necho "@changed $ch"\n${tellStat('d')}`
          : fetchScript(given, at, wanted),
      },
    ];
  },
  parse: (given, done) => {
    const [step] = done;
    const report = reportOf(step?.stdout ?? '');
    const elapsed = step === undefined ? 0 : Math.floor((step.end - step.start) / 1000);
    const base = { url: given.url, dest: report['dest'] ?? given.dest, elapsed };
    const status = Number(report['status'] ?? 0);
    if (step === undefined || step.rc !== 0) {
      const msg =
        report['failed'] ??
        (status >= 300
          ? 'Request failed'
          : connectFailure(
              given.url,
              step?.stderr
                .trim()
                .split('\n')
                .find((line) => line !== '') ?? 'it was not made',
            ));
      return {
        failed: true,
        changed: false,
        ...base,
        msg,
        status_code: status === 0 ? -1 : status,
        ...(status >= 300 ? { response: `HTTP Error ${status}` } : {}),
      };
    }
    return {
      changed: report['changed'] === '1',
      ...base,
      msg: report['msg'] ?? `OK (${report['bytes'] === '' ? 'unknown' : (report['bytes'] ?? '0')} bytes)`,
      status_code: status === 0 ? null : status,
      checksum_src: report['src'] ?? null,
      checksum_dest: report['old'] ?? null,
      md5sum: report['md5'] ?? null,
      ...statFields(report),
      ...(report['backup'] === undefined ? {} : { backup_file: report['backup'] }),
    };
  },
});

/** `withAttributes` needs the host only for its umask, which plays no part in modes of existing files with named users. */
const NOBODY = {
  system: '',
  machine: '',
  kernel: '',
  osId: '',
  osIdLike: '',
  osVersion: '',
  osFamily: '',
  serviceManager: '',
  packageManager: '',
  hostname: '',
  user: '',
  uid: 0,
  home: '',
  bootId: '',
  selinux: false,
};

function partsOf(checksum: string): { algorithm: string; value: string } | undefined {
  const [, algorithm, value] = /^([^:]+):([^]+)$/.exec(checksum) ?? [];
  return algorithm === undefined || value === undefined
    ? undefined
    : { algorithm: algorithm.toLowerCase(), value: value.trim() };
}

const isUrl = (text: string): boolean => /^(https?|ftp|file):/.test(text);
const cleanDigest = (text: string): string => text.replace(/[^\w]+/g, '').toLowerCase();

function fileName(url: string): string {
  const name =
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? '';
  return name === '' ? 'index.html' : name;
}

/** The digest that the file must have; undefined where none is wished, or the file of digests does not tell it. */
function wantedDigest(given: Args, sums: string | undefined): string | undefined {
  const parts = partsOf(given.checksum);
  if (parts === undefined) return undefined;
  if (!isUrl(parts.value)) return cleanDigest(parts.value);
  const lines = (sums ?? '').split('\n').filter((line) => line.trim() !== '');
  const [only] = lines;
  if (lines.length === 1 && only !== undefined && only.trim().split(/\s+/).length === 1) return cleanDigest(only);
  const name = fileName(given.url);
  for (const line of lines) {
    const [, digest, file] = /^(\S+) [ *]?(.*)$/.exec(line.replace(/\r$/, '')) ?? [];
    if (digest !== undefined && file?.replace(/^[./]+/, '') === name) return cleanDigest(digest);
  }
  return undefined;
}

function digestOf(given: Args, at: PathState): string | undefined {
  const state = at.kind === 'link' ? at.real : at;
  return state.kind === 'file' ? state.info.digests?.[partsOf(given.checksum)?.algorithm ?? ''] : undefined;
}

/** The request as curl's configuration, which comes by stdin. */
function curlConfig(given: Args, url: string): string {
  const text = (value: string): string =>
    `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
  const lines = [
    `url = ${text(url)}`,
    `user-agent = ${text(given.http_agent)}`,
    `connect-timeout = ${given.timeout}`,
    'speed-limit = 1',
    `speed-time = ${Math.max(1, given.timeout)}`,
    ...Object.entries(given.headers ?? {}).map(([name, value]) => `header = ${text(`${name}: ${value}`)}`),
    ...(given.force ? [`header = ${text('Cache-Control: no-cache')}`] : []),
    ...(given.url_username === undefined
      ? []
      : [`user = ${text(`${given.url_username}:${given.url_password ?? ''}`)}`]),
    ...(given.validate_certs ? [] : ['insecure']),
    ...(given.use_proxy ? [] : ['noproxy = "*"']),
    ...(given.use_netrc && given.url_username === undefined ? ['netrc-optional'] : []),
    ...(given.decompress ? ['compressed'] : []),
    ...(given.ciphers === undefined ? [] : [`ciphers = ${text(given.ciphers.join(':'))}`]),
    ...(given.client_cert === undefined ? [] : [`cert = ${text(given.client_cert)}`]),
    ...(given.client_key === undefined ? [] : [`key = ${text(given.client_key)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Whether wget can make the request: it would take credentials and headers by its command line only. */
function isPlain(given: Args): boolean {
  return (
    given.url_username === undefined && Object.keys(given.headers ?? {}).length === 0 && given.client_cert === undefined
  );
}

/** What makes the request by wget; `words`: what is to become of the answer. */
function wgetText(given: Args, words: string, url: string): string {
  if (!isPlain(given))
    return `{ echo 'curl is needed on the host for requests with credentials or headers' >&2; false; }`;
  return `wget -q ${words} -T ${given.timeout} -U ${quote(given.http_agent)}${given.validate_certs ? '' : ' --no-check-certificate'}${given.use_proxy ? '' : ' -Y off'} ${quote(url)}`;
}

/** The path that a URL of a file of the host names. */
function fileOf(url: string): string | undefined {
  const path = /^file:(?:\/\/(?:localhost)?)?(\/.*)$/.exec(url)?.[1];
  return path === undefined ? undefined : decodeURIComponent(path);
}

const NO_CLIENT = 'the host has neither curl nor wget nor python3';

/** Fetches the config's URL into "$1" (`-`: stdout); further words are curl's. Prints `@status`. */
function fetchFunction(given: Args, url: string): string {
  const file = fileOf(url);
  if (file !== undefined)
    return `get() { if [ "$1" = - ]; then cat -- ${quote(file)}; else cat -- ${quote(file)} > "$1"; fi; }`;
  return `${curlStandIn()}get() {
if command -v curl >/dev/null 2>&1; then o=$1; shift; curl -sS -L -K - -o "$o" -w '\\n@status %{http_code}\\n@url %{url_effective}\\n' "$@"
elif command -v wget >/dev/null 2>&1; then ${wgetText(given, '-O "$1"', url)} && echo '@status 200'
else echo ${quote(NO_CLIENT)} >&2; false; fi
}`;
}

function sumsProbe(given: Args, url: string): Probe<string | undefined> {
  const script = `${fetchFunction(given, url)}
printf %s ${quote(curlConfig(given, url))} | get - 2>/dev/null`;
  return scriptProbe(
    `url:${url}`,
    script,
    (answer) => (answer.rc === 0 ? answer.stdout.toString().replace(/\n@status [^]*$/, '\n') : undefined),
    { costly: true },
  );
}

/** What a dry run does: the head of the answer; the file would be another unless the server says that it has not changed. */
function headScript(given: Args, at: PathState, wanted: string | undefined): string {
  const file = fileOf(given.url);
  const there =
    at.kind !== 'absent' && at.kind !== 'directory' && !(at.kind === 'link' && at.real.kind === 'directory');
  const since = there && !given.force && wanted === undefined ? ' -z "$d"' : '';
  return [
    `d=${pathWord(given.dest)}; case $d in /*) ;; *) d=$PWD/$d;; esac; s=000; n=0`,
    ...(file === undefined
      ? [
          `${curlStandIn()}if command -v curl >/dev/null 2>&1; then o=$(curl -sS -L -I -K - -w '\\ncode %{http_code}'${since}) || exit; s=\${o##*code }; n=$(printf '%s\\n' "$o" | sed -n 's/^[Cc]ontent-[Ll]ength: *//p' | tail -n 1)
elif command -v wget >/dev/null 2>&1; then ${wgetText(given, '--spider', given.url)} && s=200 || exit
else echo ${quote(NO_CLIENT)} >&2; exit 1; fi`,
        ]
      : [
          `[ -r ${quote(file)} ] || { echo ${quote(`@failed Request failed: ${file} cannot be read`)}; exit 1; }; n=$(wc -c < ${quote(file)}); s=200`,
        ]),
    `printf '@status %s\\n@dest %s\\n@bytes %s\\n' "$s" "$d" "$(printf %s "$n" | tr -cd 0-9)"`,
    `case $s in 304) echo '@msg HTTP Error 304: Not Modified'; echo '@changed'; ${tellStat('d').replaceAll('\n', '; ')}; exit 0;; 200|2[0-9][0-9]) echo '@changed 1';; *) exit 22;; esac`,
  ].join('\n');
}

function fetchScript(given: Args, at: PathState, wanted: string | undefined): string {
  const isFolder = at.kind === 'directory' || (at.kind === 'link' && at.real.kind === 'directory');
  const isThere = at.kind !== 'absent' && !isFolder;
  const conditional = isThere && !given.force && wanted === undefined && !given.url.startsWith('file:');
  const algorithm = partsOf(given.checksum)?.algorithm ?? '';
  const folder = given.tmp_dest === undefined ? (isFolder ? '"$d"' : '"${d%/*}/"') : pathWord(given.tmp_dest);
  const parent = isFolder ? undefined : parentOf(given.dest);
  return [
    `d=${pathWord(given.dest)}; case $d in /*) ;; *) d=$PWD/$d;; esac`,
    // A link at dest is followed: what it leads to is replaced.
    'if [ -L "$d" ] && [ ! -d "$d" ]; then d=$(readlink -f -- "$d") || exit; fi',
    ...(parent === undefined
      ? []
      : [`[ -d "\${d%/*}/" ] || { echo ${quote(`@failed Destination ${parent} does not exist`)}; exit 1; }`]),
    `tf=${folder}; [ -d "$tf" ] || { echo "@failed $tf directory does not exist."; exit 1; }`,
    't=$tf/.vbx-url-$$~; h=$t.head~',
    `trap 'rm -f -- "$t" "$h"' EXIT; trap 'exit 143' TERM INT HUP`,
    'ch=; um=$(umask); umask 077; : > "$t" || exit',
    fetchFunction(given, given.url),
    `out=$(get "$t"${given.url.startsWith('file:') ? '' : ' -D "$h"'}${conditional ? ' -z "$d"' : ''}) || { rc=$?; printf '%s\\n' "$out"; exit $rc; }`,
    `printf '%s\\n' "$out"`,
    `s=\${out#*@status }; s=\${s%%"
"*}; [ "$s" = "$out" ] && s=200`,
    `case $s in 200|000|2[0-9][0-9]) ;; 304) echo '@msg HTTP Error 304: Not Modified'; printf '@dest %s\\n' "$d"; ${setAttributes('d', given, quote, chmodArgument).replaceAll('\n', '; ')}; echo "@changed $ch"; ${tellStat('d')}; exit 0;; *) exit 22;; esac`,
    ...(isFolder
      ? [
          `n=$(sed -n 's/\\r$//; s/^[Cc]ontent-[Dd]isposition:.*filename="\\{0,1\\}\\([^";]*\\).*/\\1/p' "$h" 2>/dev/null | tail -n 1); n=\${n##*/}`,
          `u=\${out#*@url }; u=\${u%%"
"*}; [ "$u" = "$out" ] && u=${quote(given.url)}; u=\${u%%[?#]*}; u=\${u##*/}; d=\${d%/}/\${n:-\${u:-index.html}}`,
        ]
      : []),
    `printf '@dest %s\\n' "$d"`,
    'sum() { if command -v "${1}sum" >/dev/null 2>&1; then x=$("${1}sum" < "$2"); else x=$(openssl dgst "-$1" -r < "$2"); fi; printf %s "${x%% *}"; }',
    ...(wanted === undefined
      ? []
      : [
          `c=$(sum ${DIGESTS[algorithm] ?? ''} "$t"); [ "$c" = ${wanted} ] || { printf '@failed %s\\n' "The checksum for $t did not match ${wanted}; it was $c."; exit 1; }`,
        ]),
    'n=$(sum sha1 "$t"); printf "@src %s\\n@md5 %s\\n@bytes %s\\n" "$n" "$(sum md5 "$t")" "$(wc -c < "$t" | tr -d " ")"',
    'old=; if [ -f "$d" ]; then old=$(sum sha1 "$d"); printf "@old %s\\n" "$old"; fi',
    'if [ "$old" != "$n" ]; then',
    '  ch=1',
    '  if [ -f "$d" ]; then chown "$(stat -c %u:%g -- "$d")" "$t" 2>/dev/null; chmod "$(stat -c %a -- "$d")" "$t" || exit; else (umask "$um"; chmod =rw "$t") || exit; fi',
    ...(given.backup
      ? [
          `  if [ -f "$d" ]; then b=$d.$$.$(date +%Y-%m-%d@%H:%M:%S~); cp -p -- "$d" "$b" || exit; printf '@backup %s\\n' "$b"; fi`,
        ]
      : []),
    `  ${putInPlace('"$t"', '"$d"', given.unsafe_writes)} || exit`,
    'fi',
    setAttributes('d', given, quote, chmodArgument),
    'echo "@changed $ch"',
    tellStat('d'),
  ].join('\n');
}
