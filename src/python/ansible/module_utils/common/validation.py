# Single checks of arguments, for modules that call them by themselves.
from ansible.module_utils.common.arguments import CONVERTERS, Refused, _exclusive, _one_of, _required_by, _required_if, _together


def _check(name):
    return lambda value: CONVERTERS[name](value)


check_type_int, check_type_float, check_type_list, check_type_dict, check_type_bool, check_type_path, check_type_raw, check_type_bytes, check_type_bits, check_type_jsonarg = (
    _check(name) for name in ('int', 'float', 'list', 'dict', 'bool', 'path', 'raw', 'bytes', 'bits', 'jsonarg')
)


def check_type_str(value, allow_conversion=True, param=None, prefix=''):
    if not isinstance(value, str) and not allow_conversion:
        raise TypeError('%r is no text, and is not to be made into it' % (value,))
    return CONVERTERS['str'](value)


def _rule(check):
    def run(terms, parameters, options_context=None):
        try:
            check(terms, parameters, ' found in %s' % ' -> '.join(options_context) if options_context else '')
        except Refused as error:
            raise TypeError(str(error))
        return []

    return run


check_mutually_exclusive, check_required_together, check_required_one_of, check_required_if, check_required_by = map(_rule, (_exclusive, _together, _one_of, _required_if, _required_by))


def check_missing_parameters(parameters, required_parameters=None):
    missing = [name for name in required_parameters or () if not parameters.get(name)]
    if missing:
        raise TypeError('missing required arguments: %s' % ', '.join(missing))
    return missing


def check_required_arguments(argument_spec, parameters, options_context=None):
    missing = [name for name, option in (argument_spec or {}).items() if option.get('required') and name not in parameters]
    if missing:
        raise TypeError('missing required arguments: %s' % ', '.join(sorted(missing)))
    return missing
