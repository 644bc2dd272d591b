// A stand-in for curl(1) where the host has none but has Python, as hosts do that Ansible was made for: the options that modules here use.
import { quote } from '../core/quote.ts';

/** Shell text that makes `curl` a function where there is no such program. Configuration comes by `-K`, as with curl itself: no secret is a word of a command. */
export function curlStandIn(): string {
  return `command -v curl >/dev/null 2>&1 || ! command -v python3 >/dev/null 2>&1 || curl() { python3 -c ${quote(PROGRAM)} "$@"; }\n`;
}

const PROGRAM = `import base64, email.utils, http.client, netrc, os, re, signal, socket, ssl, sys, urllib.error, urllib.parse, urllib.request, zlib
words, o, heads = sys.argv[1:], {}, []
def take(name, value=True):
    if name == "header": heads.append(value)
    else: o[name] = value
SHORT = {"L": "location", "k": "insecure", "f": "fail", "I": "head", "i": "include", "s": "silent", "S": "show-error"}
VALUED = {"-K": "config", "-o": "output", "-w": "write-out", "-D": "dump-header", "-z": "time-cond", "--connect-timeout": "connect-timeout", "--max-time": "max-time", "-A": "user-agent"}
while words:
    word = words.pop(0)
    if word == "--": continue
    if word in VALUED: take(VALUED[word], words.pop(0))
    elif word.startswith("--"): take(word[2:])
    elif word.startswith("-"): [take(SHORT[letter]) for letter in word[1:]]
    else: take("url", word)
if "config" in o:
    text = (sys.stdin if o["config"] == "-" else open(o["config"], encoding="utf-8", errors="surrogateescape")).read()
    for line in text.splitlines():
        name, _, value = line.partition(" = ")
        take(name, re.sub(r"\\\\(.)", lambda m: {"n": "\\n", "r": "\\r", "t": "\\t"}.get(m[1], m[1]), value.strip()[1:-1]) if value.startswith('"') else value or True)
def stop(code, reason):
    print("curl: (%d) %s" % (code, reason), file=sys.stderr)
    sys.exit(code)
if "unix-socket" in o: stop(2, "a unix socket needs curl itself")
if "negotiate" in o: stop(2, "GSSAPI needs curl itself")
if "max-time" in o:
    signal.signal(signal.SIGALRM, lambda *_: stop(28, "Operation timed out"))
    signal.setitimer(signal.ITIMER_REAL, float(o["max-time"]))
redirects = [0]
class Redirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, fp, code, msg, headers, new):
        if "location" not in o: return None
        redirects[0] += 1
        made = urllib.request.HTTPRedirectHandler.redirect_request(self, request, fp, code, msg, headers, new)
        if made is not None and request.get_method() == "HEAD": made.get_method = lambda: "HEAD"
        if made is not None and urllib.parse.urlsplit(new)[:2] != urllib.parse.urlsplit(request.full_url)[:2]: [made.headers.pop(name, None) for name in ("Authorization", "Cookie")]
        return made
secure = ssl.create_default_context(cafile=o.get("cacert"))
if "insecure" in o: secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
if "cert" in o: secure.load_cert_chain(o["cert"], o.get("key"))
if "ciphers" in o: secure.set_ciphers(o["ciphers"])
handlers = [Redirect(), urllib.request.HTTPSHandler(context=secure)] + ([urllib.request.ProxyHandler({})] if "noproxy" in o else [])
body = o.get("data-binary")
if body == "@-": body = sys.stdin.buffer.read()
elif body is not None and body.startswith("@"): body = open(body[1:], "rb").read()
url = o["url"]
parts = urllib.parse.urlsplit(url)
user = o.get("user")
if parts.username is not None:
    user = user or urllib.parse.unquote(parts.username) + ":" + urllib.parse.unquote(parts.password or "")
    url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
elif user is None and "netrc-optional" in o:
    try: known = netrc.netrc().authenticators(parts.hostname or "")
    except (OSError, netrc.NetrcParseError): known = None
    if known: user = "%s:%s" % (known[0], known[2])
request = urllib.request.Request(url, data=body, method="HEAD" if "head" in o else o.get("request") or ("POST" if body is not None else "GET"))
request.add_header("User-Agent", o.get("user-agent", "curl"))
request.add_header("Accept", "*/*")
if user is not None: request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
if "compressed" in o: request.add_header("Accept-Encoding", "gzip, deflate")
if "time-cond" in o and os.path.exists(o["time-cond"]): request.add_header("If-Modified-Since", email.utils.formatdate(os.path.getmtime(o["time-cond"]), usegmt=True))
for line in heads:
    name, _, value = line.partition(":")
    if value.strip(): request.add_header(name.strip(), value.strip())
try:
    answer = urllib.request.build_opener(*handlers).open(request, timeout=float(o.get("connect-timeout") or 30))
except urllib.error.HTTPError as error: answer = error
except urllib.error.URLError as error:
    reason = error.reason
    if isinstance(reason, socket.gaierror): stop(6, "Could not resolve host: %s" % parts.hostname)
    if isinstance(reason, (socket.timeout, TimeoutError)): stop(28, "Connection timed out")
    stop(60 if isinstance(reason, ssl.SSLError) else 7, str(reason))
except (OSError, ValueError, http.client.HTTPException) as error: stop(7, str(error))
code = getattr(answer, "status", None) or answer.getcode() or 200
head = "HTTP/1.1 %d %s\\r\\n" % (code, getattr(answer, "reason", "") or "") + "".join("%s: %s\\r\\n" % pair for pair in answer.headers.items()) + "\\r\\n"
head = head.encode("utf-8", "surrogateescape")
if "fail" in o and code >= 400: stop(22, "The requested URL returned error: %d" % code)
out = sys.stdout.buffer
if o.get("dump-header") == "-" or "include" in o or ("head" in o and "output" not in o): out.write(head)
elif "dump-header" in o: open(o["dump-header"], "wb").write(head)
out.flush()
target = out if o.get("output") in (None, "-", "/dev/stdout") else open(o["output"], "wb")
packed = answer.headers.get("Content-Encoding", "").lower() if "compressed" in o else ""
unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed in ("gzip", "deflate") else None
try:
    while True:
        piece = answer.read(65536)
        if not piece: break
        target.write(unpack.decompress(piece) if unpack else piece)
except (OSError, http.client.HTTPException, zlib.error) as error: stop(18, str(error))
target.flush()
wanted = {"http_code": "%03d" % code, "num_redirects": redirects[0], "size_header": len(head), "url_effective": answer.geturl()}
out.write(re.sub(r"%{(\\w+)}", lambda m: str(wanted.get(m[1], "")), o.get("write-out", "")).replace("\\\\n", "\\n").encode())
out.flush()
if "head" not in o and getattr(answer, "length", None): stop(18, "transfer closed with %d bytes remaining to read" % answer.length)
`;
