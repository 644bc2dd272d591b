# Text and bytes, and JSON of whatever modules hand out.
import codecs
import datetime
import json


def to_bytes(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        return obj.encode(encoding, _handler(errors))
    return _other(obj, nonstring, lambda text: to_bytes(text, encoding, errors), b'')


def to_text(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _handler(errors))
    return _other(obj, nonstring, lambda text: text, '')


to_native = to_text


def _handler(errors):
    if errors in (None, 'surrogate_or_replace', 'surrogate_or_strict', 'surrogate_then_replace'):
        return 'surrogateescape'
    codecs.lookup_error(errors)
    return errors


def _other(obj, nonstring, convert, empty):
    if nonstring == 'passthru':
        return obj
    if nonstring == 'empty':
        return empty
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    if nonstring != 'simplerepr':
        raise TypeError('Invalid value %s for nonstring parameter' % nonstring)
    return convert(str(obj))


def _plain(value):
    if isinstance(value, bytes):
        return to_text(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if hasattr(value, 'items'):
        return dict(value)
    raise TypeError('Cannot json serialize %s' % to_native(value))


def jsonify(data, **kwargs):
    return json.dumps(container_to_text(data), default=_plain, **kwargs)


def container_to_text(value, encoding='utf-8', errors='surrogate_or_strict'):
    if isinstance(value, bytes):
        return to_text(value, encoding, errors)
    if isinstance(value, dict):
        return {container_to_text(key): container_to_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(container_to_text(item) for item in value) if type(value) in (list, tuple) else [container_to_text(item) for item in value]
    return value


def container_to_bytes(value, encoding='utf-8', errors='surrogate_or_strict'):
    if isinstance(value, str):
        return to_bytes(value, encoding, errors)
    if isinstance(value, dict):
        return {container_to_bytes(key): container_to_bytes(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [container_to_bytes(item) for item in value]
    return value


json_dict_bytes_to_unicode, json_dict_unicode_to_bytes = container_to_text, container_to_bytes
