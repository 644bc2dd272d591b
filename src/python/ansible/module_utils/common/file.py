# Modes of files as they are written: octal, or by letters.
import os
import re
import stat

FILE_ATTRIBUTES = {'A': 'noatime', 'a': 'append', 'c': 'compressed', 'C': 'nocow', 'd': 'nodump', 'D': 'dirsync', 'e': 'extents', 'i': 'immutable', 'j': 'journalled', 's': 'zero', 'S': 'synchronous', 't': 'notail', 'u': 'undelete'}


def permission_bits(info):
    return stat.S_IMODE(info.st_mode)


def octal_mode(info, mode):
    """The bits that `mode` (a number, octal text, `u=rwX,g-w`) gives to a file that is as `info` tells. Raises ValueError."""
    if not isinstance(mode, int):
        text = str(mode).strip()
        try:
            mode = int(text, 8)
        except ValueError:
            return _by_letters(info, text)
    if mode != stat.S_IMODE(mode):
        raise ValueError('a mode has no more than four octal digits: %o' % mode)
    return mode


def _by_letters(info, text):
    bits = permission_bits(info)
    umask = os.umask(0)
    os.umask(umask)
    for part in text.split(','):
        match = re.match(r'^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$', part)
        if match is None:
            raise ValueError('bad symbolic permission for mode: %s' % text)
        who = match.group(1)
        for sign, letters in re.findall(r'([-+=])([rwxXstugo]*)', match.group(2)):
            for one in ('ugo' if who == '' or 'a' in who else who):
                bits = _applied(bits, one, sign, letters, stat.S_ISDIR(info.st_mode), umask if who == '' else 0)
    return bits


def _applied(bits, who, sign, letters, folder, umask):
    shift, special = {'u': (6, 0o4000), 'g': (3, 0o2000), 'o': (0, 0o1000)}[who]
    value = 0
    for letter in letters:
        if letter in 'rwx':
            value |= {'r': 4, 'w': 2, 'x': 1}[letter] << shift & ~umask
        elif letter == 'X':
            value |= 1 << shift if folder or bits & 0o111 else 0
        elif letter in 'st':
            value |= special if (letter == 't') == (who == 'o') else 0
        else:
            value |= (bits >> {'u': 6, 'g': 3, 'o': 0}[letter] & 7) << shift
    if sign == '+':
        return bits | value
    if sign == '-':
        return bits & ~value
    return bits & ~(7 << shift | special) | value


def get_file_arg_spec():
    return {'mode': {'type': 'raw'}, 'owner': {}, 'group': {}, 'attributes': {'aliases': ['attr']}}


def is_executable(path):
    return bool(os.stat(path).st_mode & 0o111)
