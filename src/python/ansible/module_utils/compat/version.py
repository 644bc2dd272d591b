# Versions that can be compared: any with dots, letters and digits, and those of three numbers.
import re
from functools import total_ordering


@total_ordering
class Version:
    def __init__(self, vstring=None):
        self.version = []
        if vstring:
            self.parse(vstring)

    def _other(self, other):
        return type(self)(other) if isinstance(other, str) else other

    def __eq__(self, other):
        return self._key() == self._other(other)._key()

    def __lt__(self, other):
        return self._key() < self._other(other)._key()

    def __hash__(self):
        return hash(str(self))

    def __repr__(self):
        return "%s ('%s')" % (type(self).__name__, self)


class LooseVersion(Version):
    """Numbers and words, in turn; a number and a word cannot be compared."""

    def parse(self, vstring):
        self.vstring = vstring
        self.version = [int(part) if part.isdigit() else part for part in re.findall(r'\d+|[a-z]+|[^\d.a-z]+', vstring)]

    def _key(self):
        return self.version

    def __str__(self):
        return self.vstring


class StrictVersion(Version):
    """`1.2`, `1.2.3`, and of one that is yet to come `1.2a1` or `1.2b3`."""

    def parse(self, vstring):
        match = re.match(r'^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$', vstring)
        if match is None:
            raise ValueError("invalid version number '%s'" % vstring)
        major, minor, patch, letter, number = match.groups()
        self.version = (int(major), int(minor), int(patch or 0))
        self.prerelease = (letter, int(number)) if letter else None

    def _key(self):
        return self.version, self.prerelease or ('z', 0)

    def __str__(self):
        numbers = self.version if self.version[2] else self.version[:2]
        return '.'.join(map(str, numbers)) + ('%s%d' % self.prerelease if self.prerelease else '')
