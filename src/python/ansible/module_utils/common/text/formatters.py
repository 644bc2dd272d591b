# Sizes for people, and words in small letters.
from ansible.module_utils.common.arguments import UNITS, human_to_bytes  # noqa: F401


def bytes_to_human(size, isbits=False, unit=None):
    base = 'bits' if isbits else 'Bytes'
    power = UNITS.index(unit[0].upper()) if unit else max([n for n in range(len(UNITS)) if size >= 1024**n], default=0)
    suffix = base if power == 0 else UNITS[power] + base[0]
    return '%.2f %s' % (size / 1024**power, suffix)


def lenient_lowercase(lst):
    return [item.lower() if isinstance(item, str) else item for item in lst]
