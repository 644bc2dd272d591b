# Requests over HTTP, by the standard library.
import base64
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


def open_url(url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, validate_certs=True, url_username=None, url_password=None, http_agent=None, force_basic_auth=False, follow_redirects='urllib2', client_cert=None, client_key=None, cookies=None, ca_path=None, unix_socket=None, **kwargs):
    context = ssl.create_default_context(cafile=ca_path)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert:
        context.load_cert_chain(client_cert, client_key)
    handlers = [urllib.request.HTTPSHandler(context=context)]
    if not use_proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    if cookies is not None:
        handlers.append(urllib.request.HTTPCookieProcessor(cookies))
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None and url_username is None:
        url_username, url_password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or '')
        url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition('@')[2]))
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
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    return urllib.request.build_opener(*handlers).open(request, timeout=timeout)


def fetch_url(module, url, data=None, headers=None, method=None, use_proxy=None, force=False, last_mod_time=None, timeout=10, **kwargs):
    """The response and what is known of it: status, url, msg, the headers in small letters. A failure is told in `info`, with status -1 where nobody answered."""
    params = module.params
    info = {'url': url, 'status': -1}
    try:
        response = open_url(
            url, data=data, headers=headers, method=method, use_proxy=params.get('use_proxy', True) if use_proxy is None else use_proxy, force=force, timeout=timeout, validate_certs=params.get('validate_certs', True),
            url_username=params.get('url_username'), url_password=params.get('url_password'), http_agent=params.get('http_agent'), force_basic_auth=params.get('force_basic_auth', False), client_cert=params.get('client_cert'), client_key=params.get('client_key'),
        )
        info.update({name.lower(): value for name, value in response.info().items()})
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
