# Sequences, mappings and what is neither.
from collections.abc import Hashable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence, Set  # noqa: F401


class ImmutableDict(Hashable, Mapping):
    """A mapping that cannot be changed: union and difference make new ones."""

    def __init__(self, *args, **kwargs):
        self._items = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._items[key]

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)

    def __hash__(self):
        return hash(frozenset(self._items.items()))

    def __repr__(self):
        return 'ImmutableDict({0})'.format(repr(self._items))

    def union(self, other):
        return ImmutableDict({**self._items, **dict(other)})

    def difference(self, keys):
        return ImmutableDict({key: value for key, value in self._items.items() if key not in set(keys)})


def is_string(seq):
    return isinstance(seq, (str, bytes))


def is_iterable(seq, include_strings=False):
    if not include_strings and is_string(seq):
        return False
    try:
        iter(seq)
        return True
    except TypeError:
        return False


def is_sequence(seq, include_strings=False):
    if not include_strings and is_string(seq):
        return False
    return isinstance(seq, Sequence)


def count(seq):
    if not is_iterable(seq):
        raise Exception('Argument provided is not an iterable')
    counts = {}
    for item in seq:
        counts[item] = counts.get(item, 0) + 1
    return counts
