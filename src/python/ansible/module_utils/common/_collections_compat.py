# Abstract collections, by their older place.
from collections.abc import Container, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, MappingView, MutableMapping, MutableSequence, MutableSet, Sequence, Set, ValuesView  # noqa: F401
