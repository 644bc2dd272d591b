# Mappings laid over one another and compared, and names of keys in the styles of interfaces.
import re
from copy import deepcopy


def dict_merge(a, b):
    """`b` laid over `a`, below equal keys too."""
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return deepcopy(b)
    return {key: dict_merge(a[key], b[key]) if key in a and key in b else deepcopy(b.get(key, a.get(key))) for key in [*a, *(key for key in b if key not in a)]}


def recursive_diff(dict1, dict2):
    """What only the first has, or has otherwise, and the same of the second; None where they are equal."""
    if not (isinstance(dict1, dict) and isinstance(dict2, dict)):
        raise TypeError('Unable to diff %s and %s, both must be a dictionary' % (type(dict1), type(dict2)))
    left, right = {}, {}
    for key in {**dict1, **dict2}:
        if key not in dict2:
            left[key] = dict1[key]
        elif key not in dict1:
            right[key] = dict2[key]
        elif isinstance(dict1[key], dict) and isinstance(dict2[key], dict):
            below = recursive_diff(dict1[key], dict2[key])
            if below is not None:
                left[key], right[key] = below
        elif dict1[key] != dict2[key]:
            left[key], right[key] = dict1[key], dict2[key]
    return (left, right) if left or right else None


def _named(value, rename, ignored=()):
    if isinstance(value, dict):
        return {rename(key) if isinstance(key, str) else key: deepcopy(item) if key in ignored else _named(item, rename) for key, item in value.items()}
    return [_named(item, rename) for item in value] if isinstance(value, (list, tuple)) else value


def _snake_to_camel(snake, capitalize_first=False):
    words = snake.split('_')
    return ''.join(word if at == 0 and not capitalize_first else word[:1].upper() + word[1:] for at, word in enumerate(words))


def _camel_to_snake(name, reversible=False):
    if reversible:
        snake = re.sub('[A-Z]', lambda letter: '_' + letter.group().lower(), name)
        return snake[1:] if name[:1].isupper() else snake
    # A run of capitals is one word; its last begins the next, unless only a plural's s follows.
    words = re.findall(r'[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+', name)
    return '_'.join(word.strip('_') for word in words).lower()


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    return _named(snake_dict, lambda name: _snake_to_camel(name, capitalize_first))


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    return _named(camel_dict, lambda name: _camel_to_snake(name, reversible), tuple(ignore_list))
