// uri: one HTTP request from the host, by curl or GNU wget there. Headers, body and passwords travel by stdin, never as words of a command.
import { bool, choice, dict, field, int, list, path, raw, source, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import { putInPlace } from '../core/put-in-place.ts';
import { guardArgs, guardProbes, guardSays, type Guards } from './guards.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { bodyOf } from './uri-body.ts';
import { readResponse } from './uri-response.ts';
import { uriScript } from './uri-script.ts';

export const uri = defineAction<UriShape, Guards>({
  name: 'ansible.builtin.uri',
  summary: 'Send an HTTP request from the host',
  args: uriArgs(),
  check: (args) => {
    if (args.body !== undefined && args.src !== undefined) return 'parameters are mutually exclusive: body|src';
    return /[\r\n]/.test(args.url) ? 'url cannot hold line ends' : undefined;
  },
  example: `
- ansible.builtin.uri:
    url: http://127.0.0.1:1/
    status_code: [-1]
`,
  probe: (args) => guardProbes(args),
})({
  satisfied: (args, observed) => {
    const said = guardSays(args, observed);
    return said === undefined ? undefined : { changed: false, stdout: `skipped, since '${said.path}' ${said.why}` };
  },
  steps: (args) => {
    const { body, type } = bodyOf(args);
    const headers = {
      ...(type === undefined || hasHeader(args.headers, 'content-type') ? {} : { 'Content-Type': type }),
      ...args.headers,
    };
    const script = uriScript({ ...args, headers, hasBody: body !== undefined });
    const after = args.dest === undefined ? '' : destScript(args);
    const stdin = Buffer.concat([Buffer.from(script.config), Buffer.from('@@body\n'), body ?? Buffer.alloc(0)]);
    return [
      {
        kind: 'script',
        script: `${script.script}${after}`,
        stdin,
        accept: [0],
        long: true,
        timeout: args.timeout * 4 + 30,
        ...(args.url_password === undefined ? {} : { secret: true }),
      },
    ];
  },
  parse: (args, done) => {
    const [only] = done;
    if (only === undefined) return { failed: true, msg: 'the request was not sent' };
    const response = readResponse(only, args);
    const wanted = args.status_code;
    const elapsed = Math.floor((only.end - only.start) / 1000);
    const changed = args.dest !== undefined && response.destChanged;
    const { fields } = response;
    if (wanted.includes(response.status)) return { changed, elapsed, ...fields };
    return {
      changed,
      elapsed,
      ...fields,
      failed: true,
      msg: `Status code was ${response.status} and not [${wanted.join(', ')}]: ${response.message}`,
    };
  },
});

function uriArgs() {
  return {
    url: str().describe('The address.'),
    method: str().default('GET').describe('GET, POST, PUT, DELETE, ...'),
    body: raw().optional().describe('What to send: text, or data as body_format says.'),
    body_format: choice('form-urlencoded', 'json', 'raw', 'form-multipart')
      .default('raw')
      .describe('How data become a body; json, form-urlencoded and form-multipart also set Content-Type.'),
    src: source({ folder: 'files', unless: 'remote_src' })
      .optional()
      .describe('A file to send: of the controller, or of the host with remote_src.'),
    remote_src: bool().default(false).describe('src is a file of the host.'),
    headers: dict(str()).default({}).describe('Further headers.'),
    status_code: list(int())
      .default([200])
      .describe('Status codes that are no failure; -1 means that nobody answered.'),
    return_content: bool().default(false).describe('Give the body as `content` whatever its type.'),
    dest: path().optional().describe('File or folder of the host that gets the body.'),
    url_username: field(str(), { aliases: ['user'] })
      .optional()
      .describe('Account.'),
    url_password: field(str(), { aliases: ['password'], secret: true })
      .optional()
      .describe('Its password.'),
    force_basic_auth: bool()
      .default(false)
      .describe('Taken for compatibility: the account is sent with the first request.'),
    follow_redirects: choice('all', 'none', 'safe', 'urllib2', 'no', 'yes')
      .default('safe')
      .describe('Follow to other addresses: always, never, or only GET and HEAD.'),
    ...guardArgs,
    timeout: int().default(30).describe('Seconds to wait for the server.'),
    validate_certs: bool().default(true).describe('Check certificates.'),
    client_cert: path().optional().describe('File of a client certificate on the host.'),
    client_key: path().optional().describe('File of its key.'),
    ca_path: path().optional().describe('File of certificates to trust.'),
    ciphers: list(str()).optional().describe('Ciphers to offer.'),
    decompress: bool().default(true).describe('Unpack compressed answers.'),
    force: bool().default(false).describe('Ask caches to get it anew.'),
    use_proxy: bool().default(true).describe('Use the proxy of the environment.'),
    unix_socket: path().optional().describe('Socket to connect to.'),
    http_agent: str().default('ansible-httpget').describe('User-Agent.'),
    unredirected_headers: list(str())
      .default([])
      .describe('Taken for compatibility: headers of yours go to the host of a redirect only if it is the same.'),
    use_gssapi: bool().default(false).describe('Log in by Kerberos.'),
    use_netrc: bool().default(true).describe('Take accounts from ~/.netrc.'),
    ...fileArgs,
  };
}
type UriShape = ReturnType<typeof uriArgs>;

function hasHeader(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((key) => key.toLowerCase() === name);
}

/** The body goes to dest if it differs from what is there; owner and mode as given. */
function destScript(args: {
  readonly dest?: string | undefined;
  readonly url: string;
  readonly status_code: readonly number[];
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}): string {
  const name =
    decodeURIComponent(
      args.url
        .replace(/[?#].*$/, '')
        .replace(/\/+$/, '')
        .replace(/^.*\//, ''),
    ) || 'index.html';
  return `
# What was not wanted is not kept, nor what is not whole. (wget tells of errors of the server by its status.)
case $rc in 0|8) ;; *) exit 0 ;; esac
case ${quote(` ${args.status_code.join(' ')} `)} in *" $code "*) ;; *) exit 0 ;; esac
t=${quote(args.dest ?? '')}
[ -d "$t" ] && t=$t/${quote(name)}
echo "@@dest:$t"
if cmp -s "$out" "$t" 2>/dev/null; then rm -f "$out"; else cat <"$out" >"$t.vbx~" && ${putInPlace('"$t.vbx~"', '"$t"')} && echo @@dest-changed || exit 1; fi
${args.mode === undefined ? '' : `chmod ${quote(args.mode)} "$t" || exit 1`}
${args.owner === undefined ? '' : `chown ${quote(args.owner)} "$t" || exit 1`}
${args.group === undefined ? '' : `chgrp ${quote(args.group)} "$t" || exit 1`}
echo "@@stat:$(stat -c '%u|%g|%U|%G|%a|%s|%F' -- "$t" 2>/dev/null)"`;
}
