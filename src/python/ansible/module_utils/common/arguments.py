# What a module says of its arguments, held against what it is given: names, types, choices, and which go together.
import json
import os
import re

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible.module_utils.parsing.convert_bool import boolean


class Refused(Exception):
    """The arguments are not what the module takes; its text is what the user is told."""


def env_fallback(*args, **kwargs):
    """The first of the environment's variables that is set, as the value of an argument that was not given."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


class AnsibleFallbackNotFound(Exception):
    pass


def checked(spec, given, rules, module_name, said, context=()):
    """The values of all arguments of `spec`, converted. `said` takes what is to be told besides: warnings, deprecations, secret values."""
    values = dict(given)
    # Known before anything is refused: a refusal shows values too.
    said['secrets'].update(_secrets(spec, values))
    aliases = _take_aliases(spec, values, said, context)
    unknown = [name for name in values if name not in spec and name not in aliases]
    for name in aliases:
        if name not in spec:
            values.pop(name, None)
    where = ' found in %s' % ' -> '.join(context) if context else ''
    _exclusive(rules.get('mutually_exclusive'), values, where)
    for name, option in spec.items():
        if option.get('default') is not None and values.get(name) is None and name not in values:
            values[name] = option['default']
        if values.get(name) is None and name not in values:
            _fall_back(name, option, values)
    missing = [name for name, option in spec.items() if option.get('required') and name not in values]
    if missing:
        raise Refused('missing required arguments: %s%s' % (', '.join(sorted(missing)), where))
    for name, option in spec.items():
        if name in values and values[name] is not None:
            values[name] = _typed(name, option, values[name], where)
            _choice(name, option, values, where)
            if option.get('no_log'):
                said['secrets'].update(_texts(values[name]))
            removed = option.get('removed_in_version') or option.get('removed_at_date')
            if removed and name in given:
                said['deprecations'].append({'msg': "Param '%s' is deprecated. See the module docs for more information" % name, 'version': option.get('removed_in_version'), 'date': option.get('removed_at_date'), 'collection_name': option.get('removed_from_collection')})
    for name, option in spec.items():
        if option.get('options') and values.get(name) is not None:
            values[name] = _below(name, option, values[name], module_name, said, context)
        elif option.get('options') and option.get('apply_defaults') and values.get(name) is None:
            values[name] = checked(option['options'], {}, option, module_name, said, context + (name,))
    _together(rules.get('required_together'), values, where)
    _one_of(rules.get('required_one_of'), values, where)
    _required_if(rules.get('required_if'), values, where)
    _required_by(rules.get('required_by'), values, where)
    # Told last, as what is missing says more of a name that is misspelt.
    if unknown:
        raise Refused(_unsupported(spec, sorted(unknown, key=str), module_name, context))
    for name in spec:
        values.setdefault(name, spec[name].get('default'))
    for alias, name in aliases.items():
        if alias in given:
            values[alias] = values[name]
    return values


def _take_aliases(spec, values, said, context):
    known = {}
    for name, option in spec.items():
        for old in option.get('deprecated_aliases') or ():
            if old['name'] in values:
                said['deprecations'].append({'msg': "Alias '%s' is deprecated. See the module docs for more information" % old['name'], 'version': old.get('version'), 'date': old.get('date'), 'collection_name': old.get('collection_name')})
        for alias in option.get('aliases') or ():
            known[alias] = name
            if alias in values:
                if name in values:
                    said['warnings'].append('Both option %s and its alias %s are set.' % (name, alias))
                values[name] = values[alias]
    return known


def _unsupported(spec, unknown, module_name, context):
    supported = ', '.join(name + (' (%s)' % ', '.join(sorted(option['aliases'])) if option.get('aliases') else '') for name, option in sorted(spec.items()))
    named = ', '.join('.'.join(context + (str(name),)) for name in unknown)
    return 'Unsupported parameters for (%s) module: %s. Supported parameters include: %s.' % (module_name, named, supported)


def _fall_back(name, option, values):
    source, *rest = option.get('fallback') or (None,)
    if source is None:
        return
    positional = next((part for part in rest if isinstance(part, (list, tuple))), ())
    named = next((part for part in rest if isinstance(part, dict)), {})
    try:
        values[name] = source(*positional, **named)
    except AnsibleFallbackNotFound:
        pass


def _typed(name, option, value, where):
    wanted = option.get('type') or 'str'
    value = _converted(name, wanted, value, where)
    if wanted == 'list' and option.get('elements') is not None and isinstance(value, list):
        kind = option['elements']
        value = [_converted('Elements value for option %s' % name if not callable(kind) else name, kind, item, where, element=True) for item in value]
    return value


def _converted(name, wanted, value, where, element=False):
    try:
        return wanted(value) if callable(wanted) else CONVERTERS[wanted](value)
    except KeyError:
        raise Refused('implementation error: unknown type %s requested for %s' % (wanted, name))
    except (TypeError, ValueError) as error:
        shown = getattr(wanted, '__name__', wanted)
        what = name if element else "argument '%s'" % name
        raise Refused('%s is of type %s and we were unable to convert to %s: %s%s' % (what, type(value).__name__, shown, to_native(error), where))


def _str(value):
    return value if isinstance(value, str) else to_text(value) if isinstance(value, bytes) else str(value)


def _int(value):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    try:
        number = float(value) if not isinstance(value, str) else None
        if number is not None and number == int(number):
            return int(number)
        if isinstance(value, str):
            return int(value) if re.match(r'^\s*[-+]?\d+\s*$', value) else _whole(value)
    except (TypeError, ValueError):
        pass
    raise TypeError('"%r" cannot be converted to an int' % (value,))


def _whole(text):
    number = float(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _float(value):
    if isinstance(value, (bytes, str, int, float)):
        try:
            return float(value)
        except ValueError:
            pass
    raise TypeError('%s cannot be converted to a float' % type(value))


def _list(value):
    if isinstance(value, list):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(',')]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError('%s cannot be converted to a list' % type(value))


def _dict(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.startswith('{'):
            try:
                return json.loads(text)
            except ValueError:
                import ast

                try:
                    found = ast.literal_eval(text)
                except (ValueError, SyntaxError):
                    found = None
                if isinstance(found, dict):
                    return found
                raise TypeError('unable to evaluate dictionary for %s' % value)
        if '=' in text:
            return dict(_pair(part) for part in re.findall(r'''(?:[^\s,"']|"[^"]*"|'[^']*')+''', text))
        raise TypeError('dictionary requested, could not parse JSON or key=value')
    raise TypeError('%s cannot be converted to a dict' % type(value))


def _pair(text):
    key, equals, value = text.partition('=')
    if not equals:
        raise TypeError("unable to evaluate string in the 'key=value' format as dictionary")
    return key.strip(), value.strip().strip('"\'')


def _bool(value):
    if isinstance(value, (bool, str, bytes, int, float)):
        return boolean(value)
    raise TypeError('%s cannot be converted to a bool' % type(value))


def _path(value):
    return os.path.expanduser(os.path.expandvars(_str(value)))


def _jsonarg(value):
    if isinstance(value, (str, bytes)):
        return _str(value).strip()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value)
    raise TypeError('%s cannot be converted to a json string' % type(value))


UNITS = 'BKMGTPEZY'


def human_to_bytes(number, default_unit=None, isbits=False):
    """Bytes (or bits) of `1.5G`, `10 KB` and the like."""
    match = re.match(r'^\s*([0-9]*\.?[0-9]*)\s*([A-Za-z]+)?\s*$', str(number))
    if match is None or match.group(1) in ('', '.'):
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    unit = match.group(2) or default_unit
    if unit is None:
        return int(round(float(match.group(1))))
    letter, rest = unit[0].upper(), unit[1:]
    if letter not in UNITS or (rest and rest != ('b' if isbits else 'B') and rest.lower() not in ('bit', 'byte', 'bits', 'bytes')):
        raise ValueError("human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s" % (number, unit, ', '.join(UNITS)))
    return int(round(float(match.group(1)) * 1024 ** UNITS.index(letter)))


CONVERTERS = {
    'str': _str, 'int': _int, 'float': _float, 'list': _list, 'dict': _dict, 'bool': _bool, 'path': _path, 'raw': lambda value: value, 'jsonarg': _jsonarg, 'json': _jsonarg,
    'bytes': human_to_bytes, 'bits': lambda value: human_to_bytes(value, isbits=True), 'sid': _str,
}


def _choice(name, option, values, where):
    choices = option.get('choices')
    if choices is None:
        return
    choices = list(choices)
    value = values[name]
    if isinstance(value, list):
        strange = [item for item in value if item not in choices]
        if strange:
            raise Refused('value of %s must be one or more of: %s. Got no match for: %s%s' % (name, ', '.join(map(str, choices)), ', '.join(map(str, strange)), where))
        return
    if value in choices:
        return
    # YAML made a boolean of a word such as `on`.
    as_bool = {'False': ('no', 'off', 'false', 'False'), 'True': ('yes', 'on', 'true', 'True')}.get(str(value), ())
    meant = [choice for choice in choices if choice in as_bool or str(choice) == str(value)]
    if len(meant) == 1:
        values[name] = meant[0]
        return
    raise Refused('value of %s must be one of: %s, got: %s%s' % (name, ', '.join(map(str, choices)), value, where))


def _below(name, option, value, module_name, said, context):
    inner = context + (name,)
    if option.get('type') == 'dict':
        return checked(option['options'], _dict(value), option, module_name, said, inner)
    if option.get('type') == 'list' and option.get('elements') == 'dict':
        return [checked(option['options'], item, option, module_name, said, inner) for item in value]
    return value


def _present(names, values):
    return [name for name in names if values.get(name) is not None]


def _groups(rules):
    """Rules as written: one group of names, or several."""
    rules = rules or ()
    return [rules] if rules and all(isinstance(one, str) for one in rules) else rules


def _exclusive(rules, values, where):
    for group in _groups(rules):
        if len(_present(group, values)) > 1:
            raise Refused('parameters are mutually exclusive: %s%s' % ('|'.join(group), where))


def _together(rules, values, where):
    for group in _groups(rules):
        if 0 < len(_present(group, values)) < len(group):
            raise Refused('parameters are required together: %s%s' % (', '.join(group), where))


def _one_of(rules, values, where):
    for group in _groups(rules):
        if not _present(group, values):
            raise Refused('one of the following is required: %s%s' % (', '.join(group), where))


def _required_if(rules, values, where):
    for key, wanted, names, *rest in rules or ():
        if key not in values or values[key] != wanted:
            continue
        missing = [name for name in names if values.get(name) is None]
        any_will_do = bool(rest and rest[0])
        if missing and (not any_will_do or len(missing) == len(names)):
            raise Refused('%s is %s but %s of the following are missing: %s%s' % (key, wanted, 'any' if any_will_do else 'all', ', '.join(missing), where))


def _required_by(rules, values, where):
    for key, names in (rules or {}).items():
        if values.get(key) is None:
            continue
        missing = [name for name in ([names] if isinstance(names, str) else names) if values.get(name) is None]
        if missing:
            raise Refused("missing parameter(s) required by '%s': %s%s" % (key, ', '.join(missing), where))


def _secrets(spec, values):
    """The texts of the arguments that are not to be seen, as they are written, below other arguments too."""
    found = set()
    for name, option in spec.items():
        for value in [values.get(each) for each in (name, *(option.get('aliases') or ()))]:
            if option.get('no_log'):
                found |= _texts(value)
            elif option.get('options'):
                for below in value if isinstance(value, list) else [value]:
                    try:
                        found |= _secrets(option['options'], _dict(below))
                    except TypeError:
                        # What is no mapping is refused where its turn comes.
                        pass
    return found


def _texts(value):
    if isinstance(value, dict):
        return {text for item in value.values() for text in _texts(item)}
    if isinstance(value, (list, tuple)):
        return {text for item in value for text in _texts(item)}
    return set() if value is None or isinstance(value, bool) or value == '' else {to_text(value)}
