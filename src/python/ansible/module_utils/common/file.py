# Modes of files as they are written: octal, or by letters.
import re
import stat

FILE_ATTRIBUTES = {'A': 'noatime', 'a': 'append', 'c': 'compressed', 'C': 'nocow', 'd': 'nodump', 'D': 'dirsync', 'e': 'extents', 'i': 'immutable', 'j': 'journalled', 's': 'zero', 'S': 'synchronous', 't': 'notail', 'u': 'undelete'}
_WHO = {'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}


def permission_bits(info):
    return stat.S_IMODE(info.st_mode)


def octal_mode(info, mode):
    """The bits that `mode` (a number, octal text, `u=rwX,g-w`) gives to a file that is as `info` tells. Raises ValueError."""
    if isinstance(mode, int):
        return mode
    text = str(mode).strip()
    if re.match(r'^[0-7]+$', text):
        return int(text, 8)
    bits = permission_bits(info)
    for part in text.split(','):
        match = re.match(r'^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$', part)
        if match is None:
            raise ValueError('bad symbolic permission for mode: %s' % mode)
        who = match.group(1) or 'a'
        for sign, letters in re.findall(r'([-+=])([rwxXst]*|[ugo])', match.group(2)):
            for one in ('ugo' if 'a' in who else who):
                bits = _applied(bits, one, sign, letters, stat.S_ISDIR(info.st_mode))
    return bits


def _applied(bits, who, sign, letters, folder):
    shift = {'u': 6, 'g': 3, 'o': 0}[who]
    if letters in ('u', 'g', 'o'):
        given = (bits >> {'u': 6, 'g': 3, 'o': 0}[letters]) & 7
        special = 0
    else:
        given = (4 if 'r' in letters else 0) | (2 if 'w' in letters else 0) | (1 if 'x' in letters or ('X' in letters and (folder or bits & 0o111)) else 0)
        special = ({'u': 0o4000, 'g': 0o2000, 'o': 0}[who] if 's' in letters else 0) | (0o1000 if 't' in letters else 0)
    value = (given << shift) | special
    if sign == '+':
        return bits | value
    if sign == '-':
        return bits & ~value
    return (bits & ~(7 << shift) & ~({'u': 0o4000, 'g': 0o2000, 'o': 0}[who])) | value


def get_file_arg_spec():
    return {'mode': {'type': 'raw'}, 'owner': {}, 'group': {}, 'attributes': {'aliases': ['attr']}}


def is_executable(path):
    import os

    return bool(os.stat(path).st_mode & 0o111)
