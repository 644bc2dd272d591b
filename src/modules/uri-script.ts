// Shell text that sends a request by curl or, where it is not there, GNU wget. What it prints is read by uri-response.
import type { Source } from '../core/args.ts';
import { curlStandIn } from '../probes/curl-stand-in.ts';
import { quote } from '../core/quote.ts';

export interface RequestValues {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
  readonly src?: Source | undefined;
  readonly dest?: string | undefined;
  readonly url_username?: string | undefined;
  readonly url_password?: string | undefined;
  readonly follow_redirects: 'all' | 'none' | 'safe' | 'urllib2' | 'no' | 'yes';
  readonly timeout: number;
  readonly validate_certs: boolean;
  readonly client_cert?: string | undefined;
  readonly client_key?: string | undefined;
  readonly ca_path?: string | undefined;
  readonly ciphers?: readonly string[] | undefined;
  readonly decompress: boolean;
  readonly force: boolean;
  readonly use_proxy: boolean;
  readonly unix_socket?: string | undefined;
  readonly http_agent: string;
  readonly use_gssapi: boolean;
  readonly use_netrc: boolean;
}

/**
 * `config` goes before the body on stdin: lines `c:` for curl's and `w:` for wget's configuration. The shell reads them by itself and hands them on
 * through a pipe, so no secret is a word of any command; what is left of stdin is the body.
 */
export function uriScript(request: RequestValues): { readonly config: string; readonly script: string } {
  const remote = request.src?.kind === 'host' ? request.src.path : undefined;
  const body = remote === undefined ? (request.hasBody ? '@-' : undefined) : `@${remote}`;
  const config = [
    ...curlConfig(request, body).map((line) => `c:${line}`),
    ...wgetConfig(request, remote).map((line) => `w:${line}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
  const output = request.dest === undefined ? '/dev/stdout' : '"$out"';
  return {
    config,
    script: `${curlStandIn()}${remote === undefined ? '' : `{ [ -f ${quote(remote)} ] && [ -r ${quote(remote)} ]; } || { echo ${quote(`Unable to open source file ${remote}`)} >&2; exit 1; }\n`}c= w=
while IFS= read -r l; do case $l in @@body) break ;; c:*) c="$c\${l#c:}
" ;; w:*) w="$w\${l#w:}
" ;; esac; done
${request.dest === undefined ? '' : 'out=$(mktemp) || exit 1\ntrap \'rm -f "$out"\' EXIT\n'}rc=0
if command -v curl >/dev/null; then
  echo @@curl
  ${request.dest === undefined ? '' : 'h=$('}{ printf '%s' "$c" | curl -sS -K /dev/fd/3 3<&0 0<&4 ${request.dest === undefined ? '-i' : `-D - -o ${output}`} -w '\\n@@done %{http_code} %{num_redirects} %{size_header} %{url_effective}\\n'; } 4<&0${request.dest === undefined ? '' : ')'} || rc=$?
${request.dest === undefined ? '' : `  printf '%s\\n' "$h"; code=\${h##*@@done }; code=\${code%% *}\n`}elif command -v wget >/dev/null && wget --help 2>&1 | grep -q -- --config; then
  # wget reads its configuration only from a regular file: in memory where there is a place for that, for its owner alone, gone at once.
  d=$(mktemp -d /dev/shm/vbx.XXXXXX 2>/dev/null || mktemp -d) || exit 1
  trap 'rm -rf "$d" \${out:+"$out"}' EXIT
  umask 077
  printf '%s' "$w" >"$d/rc"
  ${request.hasBody && remote === undefined ? `cat >"$d/body"; printf 'body_file = %s\\n' "$d/body" >>"$d/rc"` : ':'}
  echo @@wget
  ${request.dest === undefined ? '' : 'h=$('}wget --config="$d/rc" -q -S -O ${request.dest === undefined ? '-' : output} -- ${quote(request.url)} 2>&1${request.dest === undefined ? '' : ')'} || rc=$?
${request.dest === undefined ? '' : `  printf '%s\\n' "$h"; code=$(printf '%s\\n' "$h" | sed -n 's,^ *HTTP/[0-9.]* *\\([0-9]*\\).*,\\1,p' | tail -n 1)\n`}  rm -rf "$d"
  printf '\\n@@done\\n'
else
  echo 'uri needs curl, python3 or GNU wget on the host' >&2; exit 1
fi
echo "@@rc $rc"`,
  };
}

/** A value in curl's configuration file. */
function curlValue(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}

function follows(request: RequestValues): boolean {
  const safe = request.method.toUpperCase() === 'GET' || request.method.toUpperCase() === 'HEAD';
  return (
    request.follow_redirects === 'all' ||
    request.follow_redirects === 'yes' ||
    (['safe', 'urllib2'].includes(request.follow_redirects) && safe)
  );
}

function curlConfig(request: RequestValues, body: string | undefined): string[] {
  const method = request.method.toUpperCase();
  const lines: [string, string?][] = [
    ['url', request.url],
    ['user-agent', request.http_agent],
    ['connect-timeout', String(request.timeout)],
    ['max-time', String(request.timeout * 4)],
    ['globoff'],
    ...(method === 'HEAD' ? [['head'] as [string]] : [['request', method] as [string, string]]),
    ...(body === undefined ? [] : [['data-binary', body] as [string, string]]),
    ...Object.entries(request.headers).map(([name, value]): [string, string] => ['header', `${name}: ${value}`]),
    // curl says Expect for large bodies unless told otherwise. That a body without a type is form data it says as Ansible does.
    ['header', 'Expect:'],
    ...(follows(request) ? ([['location'], ['max-redirs', '10']] as [string, string?][]) : []),
    ...(request.url_username === undefined
      ? []
      : [['user', `${request.url_username}:${request.url_password ?? ''}`] as [string, string]]),
    ...(request.use_gssapi
      ? ([['negotiate'], ...(request.url_username === undefined ? [['user', ':']] : [])] as [string, string?][])
      : []),
    ...(request.validate_certs ? [] : [['insecure'] as [string]]),
    ...(request.client_cert === undefined ? [] : [['cert', request.client_cert] as [string, string]]),
    ...(request.client_key === undefined ? [] : [['key', request.client_key] as [string, string]]),
    ...(request.ca_path === undefined ? [] : [['cacert', request.ca_path] as [string, string]]),
    ...(request.ciphers === undefined ? [] : [['ciphers', request.ciphers.join(':')] as [string, string]]),
    ...(request.decompress ? [['compressed'] as [string]] : []),
    ...(request.force ? [['header', 'Cache-Control: no-cache'] as [string, string]] : []),
    ...(request.use_proxy ? [] : [['noproxy', '*'] as [string, string]]),
    ...(request.unix_socket === undefined ? [] : [['unix-socket', request.unix_socket] as [string, string]]),
    ...(request.use_netrc && request.url_username === undefined ? [['netrc-optional'] as [string]] : []),
  ];
  return lines.map(([name, value]) => (value === undefined ? name : `${name} = ${curlValue(value)}`));
}

/** wget's configuration has one line a setting and no quoting: a line end in a header would be another setting, so it becomes a blank. */
function wgetConfig(request: RequestValues, remote: string | undefined): string[] {
  const plain = (text: string) => text.replace(/[\r\n]+/g, ' ');
  return [
    `method = ${plain(request.method.toUpperCase())}`,
    `user_agent = ${plain(request.http_agent)}`,
    `timeout = ${request.timeout}`,
    'tries = 1',
    'content_on_error = on',
    `max_redirect = ${follows(request) ? 10 : 0}`,
    ...Object.entries(request.headers).map(([name, value]) => `header = ${plain(`${name}: ${value}`)}`),
    ...(remote === undefined ? [] : [`body_file = ${plain(remote)}`]),
    ...(request.url_username === undefined
      ? []
      : [
          `user = ${plain(request.url_username)}`,
          `password = ${plain(request.url_password ?? '')}`,
          'auth_no_challenge = on',
        ]),
    ...(request.validate_certs ? [] : ['check_certificate = off']),
    ...(request.client_cert === undefined ? [] : [`certificate = ${plain(request.client_cert)}`]),
    ...(request.client_key === undefined ? [] : [`private_key = ${plain(request.client_key)}`]),
    ...(request.ca_path === undefined ? [] : [`ca_certificate = ${plain(request.ca_path)}`]),
    ...(request.force ? ['cache = off'] : []),
    ...(request.use_proxy ? [] : ['use_proxy = off']),
    ...(request.use_netrc ? [] : ['netrc = off']),
  ];
}
