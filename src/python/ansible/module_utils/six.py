# The names by which older modules ask for what Python 3 has; the whole is a package in miniature (`six.moves`).
import builtins
from io import BytesIO, StringIO  # noqa: F401
import importlib
import sys
import types

PY2, PY3, PY34 = False, True, True
string_types, integer_types, class_types, text_type, binary_type, MAXSIZE = (str,), (int,), (type,), str, bytes, sys.maxsize


def b(text):
    return text.encode('latin-1')


def u(text):
    return text


def iteritems(mapping, **kwargs):
    return iter(mapping.items(**kwargs))


def iterkeys(mapping, **kwargs):
    return iter(mapping.keys(**kwargs))


def itervalues(mapping, **kwargs):
    return iter(mapping.values(**kwargs))


def viewitems(mapping):
    return mapping.items()


def ensure_text(value, encoding='utf-8', errors='strict'):
    return value.decode(encoding, errors) if isinstance(value, bytes) else value


ensure_str = ensure_text


def ensure_binary(value, encoding='utf-8', errors='strict'):
    return value.encode(encoding, errors) if isinstance(value, str) else value


def with_metaclass(meta, *bases):
    return meta('temporary_class', bases or (object,), {})


def add_metaclass(metaclass):
    return lambda cls: metaclass(cls.__name__, cls.__bases__, {key: value for key, value in cls.__dict__.items() if key not in ('__dict__', '__weakref__')})


def python_2_unicode_compatible(cls):
    return cls


def raise_from(value, from_value):
    raise value from from_value


def reraise(kind, value, trace=None):
    raise (value if value is not None else kind()).with_traceback(trace)


_MOVED = {
    'configparser': 'configparser', 'ConfigParser': 'configparser', 'queue': 'queue', 'http_client': 'http.client', 'http_cookiejar': 'http.cookiejar', 'cPickle': 'pickle', 'urllib_error': 'urllib.error',
    'urllib_parse': 'urllib.parse', 'urllib_request': 'urllib.request', 'urllib_robotparser': 'urllib.robotparser', 'html_parser': 'html.parser', 'builtins': 'builtins', 'socketserver': 'socketserver', 'urllib': 'urllib',
    'xmlrpc_client': 'xmlrpc.client', 'collections_abc': 'collections.abc',
}
_FUNCTIONS = {'range': range, 'xrange': range, 'map': map, 'zip': zip, 'filter': filter, 'input': input, 'zip_longest': __import__('itertools').zip_longest, 'filterfalse': __import__('itertools').filterfalse, 'reduce': __import__('functools').reduce, 'StringIO': __import__('io').StringIO, 'cStringIO': __import__('io').StringIO, 'shlex_quote': __import__('shlex').quote, 'getcwd': __import__('os').getcwd, 'reload_module': importlib.reload, 'intern': sys.intern, 'unichr': chr, 'builtins': builtins}


class _Moves(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        if name in _MOVED:
            return importlib.import_module(_MOVED[name])
        raise AttributeError(name)


moves = _Moves(__name__ + '.moves')
sys.modules[moves.__name__] = moves
for _name, _real in [('configparser', 'configparser'), ('queue', 'queue'), ('urllib', 'urllib'), ('urllib.parse', 'urllib.parse'), ('urllib.error', 'urllib.error'), ('urllib.request', 'urllib.request'), ('http_client', 'http.client'), ('http_cookiejar', 'http.cookiejar'), ('builtins', 'builtins'), ('urllib_parse', 'urllib.parse'), ('urllib_error', 'urllib.error'), ('urllib_request', 'urllib.request'), ('collections_abc', 'collections.abc')]:
    sys.modules['%s.%s' % (moves.__name__, _name)] = importlib.import_module(_real)
__path__ = []
