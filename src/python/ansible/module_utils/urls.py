# Requests over HTTP, by the standard library.
import base64
import gzip
import http.cookiejar
import io
import netrc
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text

USER_AGENT = 'ansible-httpget'


class ConnectionError(Exception):
    pass


class SSLValidationError(ConnectionError):
    pass


class NoSSLError(SSLValidationError):
    pass


def url_argument_spec():
    return {
        'url': {'type': 'str'}, 'force': {'type': 'bool', 'default': False}, 'http_agent': {'type': 'str', 'default': USER_AGENT}, 'use_proxy': {'type': 'bool', 'default': True}, 'validate_certs': {'type': 'bool', 'default': True},
        'url_username': {'type': 'str'}, 'url_password': {'type': 'str', 'no_log': True}, 'force_basic_auth': {'type': 'bool', 'default': False}, 'client_cert': {'type': 'path'}, 'client_key': {'type': 'path'}, 'use_gssapi': {'type': 'bool', 'default': False, 'no_log': False},
    }


def basic_auth_header(username, password):
    return b'Basic %s' % base64.b64encode(to_bytes('%s:%s' % (username, password or '')))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects as far as `follow_redirects` says: none, those of what only reads (safe), what urllib follows (urllib2), or all."""

    def __init__(self, follow):
        self.follow = {'yes': 'all', True: 'all', 'no': 'none', False: 'none'}.get(follow, follow)

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        method = req.get_method()
        reads = method in ('GET', 'HEAD')
        if self.follow == 'none' or (self.follow == 'safe' and not reads):
            return None
        if self.follow != 'all' or reads:
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        again = code in (307, 308)
        kept = {name: value for name, value in req.headers.items() if again or name.lower() not in ('content-length', 'content-type', 'transfer-encoding')}
        if code in (302, 303) or (code == 301 and method == 'POST'):
            method = 'GET'
        return urllib.request.Request(newurl.replace(' ', '%20'), data=req.data if again else None, headers=kept, method=method, origin_req_host=req.origin_req_host, unverifiable=True)


def open_url(url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, validate_certs=True, url_username=None, url_password=None, http_agent=None, force_basic_auth=False, follow_redirects='urllib2', client_cert=None, client_key=None, cookies=None, ca_path=None, unix_socket=None, use_gssapi=False, unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True):
    if unix_socket or use_gssapi:
        raise ConnectionError('vbx has no requests %s' % ('over a socket of Unix' if unix_socket else 'with GSSAPI'))
    context = ssl.create_default_context(cafile=ca_path)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert:
        context.load_cert_chain(client_cert, client_key)
    if ciphers:
        context.set_ciphers(':'.join(ciphers))
    handlers = [urllib.request.HTTPSHandler(context=context), _Redirects(follow_redirects)]
    if not use_proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    if cookies is not None:
        handlers.append(urllib.request.HTTPCookieProcessor(cookies))
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None and url_username is None:
        url_username, url_password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or '')
        url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition('@')[2]))
    if use_netrc and url_username is None and parts.hostname:
        try:
            found = netrc.netrc(os.environ.get('NETRC')).authenticators(parts.hostname)
        except FileNotFoundError:
            found = None
        if found is not None:
            (url_username, _, url_password), force_basic_auth = found, True
    if url_username and not force_basic_auth:
        keeper = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        keeper.add_password(None, url, url_username, url_password or '')
        handlers += [urllib.request.HTTPBasicAuthHandler(keeper), urllib.request.HTTPDigestAuthHandler(keeper)]
    request = urllib.request.Request(url, data=None if data is None else to_bytes(data), method=(method or ('POST' if data is not None else 'GET')).upper())
    request.add_header('User-agent', http_agent or USER_AGENT)
    if url_username and force_basic_auth:
        request.add_header('Authorization', to_text(basic_auth_header(url_username, url_password)))
    if force:
        request.add_header('cache-control', 'no-cache')
    if last_mod_time is not None and not force:
        request.add_header('If-Modified-Since', last_mod_time.strftime('%a, %d %b %Y %H:%M:%S GMT'))
    staying = {name.lower() for name in unredirected_headers or ()}
    for name, value in (headers or {}).items():
        (request.add_unredirected_header if name.lower() in staying else request.add_header)(name, value)
    response = urllib.request.build_opener(*handlers).open(request, timeout=timeout)
    if decompress and response.headers.get('Content-Encoding', '').lower() == 'gzip':
        plain = gzip.decompress(response.read())
        response.fp, response.length, response.chunked = io.BytesIO(plain), len(plain), False
    return response


def fetch_url(module, url, data=None, headers=None, method=None, use_proxy=None, force=False, last_mod_time=None, timeout=10, **kwargs):
    """The response and what is known of it: status, url, msg, the headers in small letters, the cookies. A failure is told in `info`, with status -1 where nobody answered."""
    params = module.params
    info = {'url': url, 'status': -1}
    cookies = http.cookiejar.CookieJar() if kwargs.get('cookies') is None else kwargs['cookies']
    try:
        response = open_url(
            url, data=data, headers=headers, method=method, use_proxy=params.get('use_proxy', True) if use_proxy is None else use_proxy, force=force, last_mod_time=last_mod_time, timeout=timeout, validate_certs=params.get('validate_certs', True),
            url_username=params.get('url_username'), url_password=params.get('url_password'), http_agent=params.get('http_agent'), force_basic_auth=params.get('force_basic_auth', False), client_cert=params.get('client_cert'), client_key=params.get('client_key'),
            **{'follow_redirects': params.get('follow_redirects', 'urllib2'), 'use_gssapi': params.get('use_gssapi', False), **kwargs, 'cookies': cookies},
        )
        info.update({name.lower(): value for name, value in response.info().items()})
        info.update(cookies={cookie.name: cookie.value for cookie in cookies}, cookies_string='; '.join('%s=%s' % (cookie.name, cookie.value) for cookie in cookies))
        info.update(msg='OK (%s bytes)' % response.headers.get('Content-Length', 'unknown'), url=response.geturl(), status=response.getcode())
        return response, info
    except urllib.error.HTTPError as error:
        info.update({name.lower(): value for name, value in error.info().items()})
        info.update(msg=to_native(error), body=error.read(), status=error.code)
        return error, info
    except Exception as error:
        info.update(msg='Request failed: %s' % to_native(getattr(error, 'reason', error)), status=int(getattr(error, 'code', -1)))
        return None, info


def fetch_file(module, url, **kwargs):
    import tempfile

    response, info = fetch_url(module, url, **kwargs)
    if response is None or info['status'] >= 400:
        module.fail_json(msg='Failure downloading %s, %s' % (url, info['msg']))
    with tempfile.NamedTemporaryFile(dir=module.tmpdir, delete=False) as file:
        file.write(response.read())
    module.add_cleanup_file(file.name)
    return file.name
