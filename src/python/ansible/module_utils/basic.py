# AnsibleModule: what modules in Python take their arguments from, act by, and give their result through. It follows the documents of
# Ansible for developers of modules and what modules rely on; nothing but Python's standard library is needed.
import hashlib
import json
import locale  # noqa: F401
import os
import platform
import re
import selectors
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, MutableMapping, Sequence, Set  # noqa: F401

from ansible.module_utils.common.arguments import AnsibleFallbackNotFound, Refused, checked, env_fallback, human_to_bytes  # noqa: F401
from ansible.module_utils.common.collections import is_iterable  # noqa: F401
from ansible.module_utils.common.file import FILE_ATTRIBUTES, is_executable, octal_mode, permission_bits  # noqa: F401
from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.sys_info import get_distribution, get_distribution_version, get_platform_subclass  # noqa: F401
from ansible.module_utils.common.text.converters import container_to_text, json_dict_bytes_to_unicode, json_dict_unicode_to_bytes, jsonify, to_bytes, to_native, to_text  # noqa: F401
from ansible.module_utils.common.validation import check_missing_parameters
from ansible.module_utils.common.warnings import deprecate, warn
from ansible.module_utils.common import warnings as _told
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean

_ANSIBLE_ARGS = None
_ANSIBLE_PROFILE = 'legacy'
AVAILABLE_HASH_ALGORITHMS = {name: getattr(hashlib, name) for name in ('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')}
SEQUENCETYPE = (frozenset, Set, Sequence)
PERM_BITS, EXEC_PERM_BITS, DEFAULT_PERM = 0o7777, 0o0111, 0o0666
imap, string_types, text_type, binary_type = map, (str,), str, bytes
NoneType = type(None)
PASS_VARS = {}

FILE_COMMON_ARGUMENTS = {
    'mode': {'type': 'raw'}, 'owner': {'type': 'str'}, 'group': {'type': 'str'}, 'seuser': {'type': 'str'}, 'serole': {'type': 'str'}, 'selevel': {'type': 'str'},
    'setype': {'type': 'str'}, 'attributes': {'type': 'str', 'aliases': ['attr']}, 'unsafe_writes': {'type': 'bool', 'default': False, 'fallback': (env_fallback, ['ANSIBLE_UNSAFE_WRITES'])},
}

HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
_PASSWORD = re.compile(r'-{0,2}pass')
_RULES = ('mutually_exclusive', 'required_together', 'required_one_of', 'required_if', 'required_by')


def missing_required_lib(library, reason=None, url=None):
    text = 'Failed to import the required Python library (%s) on %s\'s Python %s.' % (library, platform.node(), sys.executable)
    if reason:
        text += ' This is required %s.' % reason
    if url:
        text += ' See %s for more info.' % url
    return text + ' Please read the module documentation and install it in the appropriate location. If the required library is installed, but Ansible is using the wrong Python interpreter, please consult the documentation on ansible_python_interpreter'


def get_platform():
    return platform.system()


def get_all_subclasses(cls):
    return {below for direct in cls.__subclasses__() for below in [direct, *get_all_subclasses(direct)]}


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    """`obj` with the texts that are not to be seen masked in the keys of its mappings; values stay."""
    if isinstance(obj, Mapping):
        return {
            key if key in ignore_keys or to_text(key).startswith('_ansible') else remove_values(key, no_log_strings): sanitize_keys(value, no_log_strings, ignore_keys)
            for key, value in obj.items()
        }
    return type(obj)(sanitize_keys(one, no_log_strings, ignore_keys) for one in obj) if isinstance(obj, (list, tuple)) else obj


def remove_values(value, no_log_strings):
    """`value` with the texts that are not to be seen masked, wherever they stand."""
    secrets = sorted((to_text(text) for text in no_log_strings if text not in (None, '')), key=len, reverse=True)

    def masked(item):
        if isinstance(item, (str, bytes)):
            text = to_text(item)
            if text in secrets:
                return HIDDEN
            for secret in secrets:
                text = text.replace(secret, '*' * 8)
            return text
        if isinstance(item, Mapping):
            return {key: masked(one) for key, one in item.items()}
        if isinstance(item, (list, tuple, set, frozenset)):
            return [masked(one) for one in item]
        if isinstance(item, (int, float)) and not isinstance(item, bool) and str(item) in secrets:
            return HIDDEN
        return item

    return masked(value)


def heuristic_log_sanitize(data, no_log_values=None):
    """Text for a log: passwords inside of addresses, and values that are not to be seen, are masked."""
    return remove_values(re.sub(r'(?<=://)([^/@\s:]*):[^/@\s]*(?=@)', r'\1:********', data), no_log_values or ())


class AnsibleModule:
    def __init__(self, argument_spec, bypass_checks=False, no_log=False, mutually_exclusive=None, required_together=None, required_one_of=None, add_file_common_args=False, supports_check_mode=False, required_if=None, required_by=None):
        self._name = os.path.basename(__file__)
        self.argument_spec = dict(argument_spec)
        self.supports_check_mode = supports_check_mode
        self.bypass_checks = bypass_checks
        self.no_log = no_log
        self.mutually_exclusive, self.required_together, self.required_one_of, self.required_if, self.required_by = mutually_exclusive, required_together, required_one_of, required_if, required_by
        self.run_command_environ_update = {}
        self.cleanup_files = []
        self.no_log_values = set()
        self.aliases = {}
        self._warnings = []
        self._tmpdir = None
        if add_file_common_args:
            for name, option in FILE_COMMON_ARGUMENTS.items():
                self.argument_spec.setdefault(name, option)
        given = json.loads(to_text(_ANSIBLE_ARGS or b'{"ANSIBLE_MODULE_ARGS": {}}'))['ANSIBLE_MODULE_ARGS']
        internal = {name: given.pop(name) for name in list(given) if name.startswith('_ansible_')}
        self.check_mode = bool(internal.get('_ansible_check_mode', False))
        self._diff = bool(internal.get('_ansible_diff', False))
        self._debug = bool(internal.get('_ansible_debug', False))
        self._verbosity = int(internal.get('_ansible_verbosity', 0))
        self._name = internal.get('_ansible_module_name', self._name)
        self.no_log = self.no_log or bool(internal.get('_ansible_no_log', False))
        self.ansible_version = internal.get('_ansible_version', '2.19.0')
        self._remote_tmp, self._socket_path, self._shell, self._string_conversion_action = None, None, None, 'warn'
        self.params = dict(given)
        if self.check_mode and not supports_check_mode:
            self.exit_json(skipped=True, msg='remote module (%s) does not support check mode' % self._name)
        said = {'warnings': [], 'deprecations': [], 'secrets': self.no_log_values}
        refused = None
        try:
            self.params = checked(self.argument_spec, given, {rule: getattr(self, rule) for rule in _RULES}, self._name, said)
        except Refused as error:
            refused = str(error)
        # Not within the handler: a refusal is no crash, and has no trace to show.
        if refused is not None and not bypass_checks:
            self.fail_json(msg=refused)
        for text in said['warnings']:
            self.warn(text)
        for deprecation in said['deprecations']:
            self.deprecate(**deprecation)

    # ---- results ------------------------------------------------------------------------------------------------------------------

    def _finish(self, result, status):
        result.setdefault('changed', False)
        if 'invocation' not in result:
            result['invocation'] = {'module_args': self.params}
        warnings = _listed(result.pop('warnings', [])) + _told.get_warning_messages()
        deprecations = _listed(result.pop('deprecations', [])) + _told.get_deprecation_messages()
        if warnings:
            result['warnings'] = warnings
        if deprecations:
            result['deprecations'] = [one if isinstance(one, Mapping) else {'msg': to_text(one)} for one in deprecations]
        self.add_path_info(result)
        self.do_cleanup_files()
        print('\n%s' % jsonify(remove_values(result, self.no_log_values)))
        sys.stdout.flush()
        sys.exit(status)

    def exit_json(self, **kwargs):
        self._finish(kwargs, 0)

    def fail_json(self, msg, *, exception=None, **kwargs):
        kwargs.update(failed=True, msg=msg)
        active = sys.exc_info()[2]
        if isinstance(exception, BaseException):
            exception = ''.join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        if exception or active:
            kwargs['exception'] = exception or ''.join(traceback.format_tb(active))
        self._finish(kwargs, 1)

    def fail_on_missing_params(self, required_params=None):
        try:
            check_missing_parameters(self.params, required_params)
        except TypeError as error:
            self.fail_json(msg=to_native(error))

    def warn(self, warning, **kwargs):
        warn(warning)
        self.log('[WARNING] %s' % warning)

    def deprecate(self, msg, version=None, date=None, collection_name=None, **kwargs):
        deprecate(msg, version=version, date=date, collection_name=collection_name)

    def error_as_warning(self, msg, exception=None, **kwargs):
        self.warn(msg or str(exception))

    def log(self, msg, log_args=None):
        """Nothing is written to the host's log."""

    def debug(self, msg):
        """Nothing is written to the host's log."""

    # ---- values -------------------------------------------------------------------------------------------------------------------

    @property
    def tmpdir(self):
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix='ansible-moduletmp-')
            self.cleanup_files.append(self._tmpdir)
        return self._tmpdir

    def boolean(self, arg):
        if arg is None or isinstance(arg, bool):
            return arg
        try:
            return boolean(arg)
        except TypeError as error:
            self.fail_json(msg=to_native(error))

    def jsonify(self, data):
        return jsonify(data)

    def from_json(self, data):
        return json.loads(data)

    def safe_eval(self, value, locals=None, include_exceptions=False):
        import ast

        try:
            found, error = ast.literal_eval(value) if isinstance(value, str) else value, None
        except (ValueError, SyntaxError) as problem:
            found, error = value, problem
        return (found, error) if include_exceptions else found

    # ---- programs -----------------------------------------------------------------------------------------------------------------

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        try:
            return get_bin_path(arg, opt_dirs or [])
        except ValueError as error:
            if required:
                self.fail_json(msg=to_text(error))
            return None

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False, path_prefix=None, cwd=None, use_unsafe_shell=False, prompt_regex=None, environ_update=None, umask=None, encoding='utf-8', errors='surrogate_or_strict', expand_user_and_vars=True, pass_fds=None, before_communicate_callback=None, ignore_invalid_cwd=True, handle_exceptions=True):
        """Runs a program: a list of words, or a line that is split into words (given to a shell with `use_unsafe_shell`). Gives status, stdout, stderr."""
        if not isinstance(args, (list, str, bytes)):
            self.fail_json(rc=257, cmd=args, msg="Argument 'args' to run_command must be list or string")
        if isinstance(args, list):
            args = [to_text(word) for word in args if word is not None]
        line = ' '.join(shlex.quote(word) for word in args) if isinstance(args, list) else to_text(args)
        if use_unsafe_shell:
            command = line
            executable = executable or os.environ.get('SHELL')
            use_shell = not executable
            if executable:
                command = [executable, '-c', line]
        else:
            words = args if isinstance(args, list) else shlex.split(line)
            command = [_expanded(word, expand_user_and_vars) for word in words]
            use_shell = False
        environment = {**os.environ, **{key: to_text(value) for key, value in {**self.run_command_environ_update, **(environ_update or {})}.items()}}
        if path_prefix:
            environment['PATH'] = '%s:%s' % (path_prefix, environment.get('PATH', ''))
        folder = os.path.abspath(os.path.expanduser(to_text(cwd))) if cwd else None
        if folder and not os.path.isdir(folder):
            if not ignore_invalid_cwd:
                self.fail_json(msg='Provided cwd is not a valid directory: %s' % folder)
            folder = None
        if data:
            data = to_bytes(data) + (b'' if binary_data else b'\n')
        prompt = re.compile(to_bytes(prompt_regex), re.MULTILINE) if prompt_regex else None
        shown = self._shown(args)
        before = os.umask(umask) if umask is not None else None
        try:
            with subprocess.Popen(
                command, shell=use_shell, cwd=folder, env=environment, close_fds=close_fds, pass_fds=tuple(pass_fds or ()), executable=executable if not use_unsafe_shell else None,
                stdin=subprocess.PIPE if data else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            ) as program:
                if before_communicate_callback:
                    before_communicate_callback(program)
                rc, out, err = _talk(program, data, prompt)
        except OSError as error:
            if not handle_exceptions:
                raise
            self.fail_json(rc=error.errno, stdout='', stderr='', msg="Error executing command: %s" % to_native(error), cmd=shown)
        finally:
            if before is not None:
                os.umask(before)
        if encoding is not None:
            out, err = to_text(out, encoding, errors), to_text(err, encoding, errors)
        if rc != 0 and check_rc:
            self.fail_json(cmd=shown, rc=rc, stdout=out, stderr=err, msg=heuristic_log_sanitize(to_text(err).rstrip(), self.no_log_values))
        return rc, out, err

    def _shown(self, args):
        """A command as it may be seen: without what follows an option that names a password."""
        try:
            words = args if isinstance(args, list) else shlex.split(to_text(args))
        except ValueError:
            words = [to_text(args)]
        shown = []
        for word, before in zip(words, ['', *words]):
            option, equals, _ = word.partition('=')
            if _PASSWORD.match(before) and '=' not in before:
                word = '********'
            elif equals and _PASSWORD.match(option):
                word = option + '=********'
            shown.append(shlex.quote(heuristic_log_sanitize(word, self.no_log_values)))
        return ' '.join(shown)

    # ---- files --------------------------------------------------------------------------------------------------------------------

    def digest_from_file(self, filename, algorithm):
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg='attempted to take checksum of directory: %s' % filename)
        digest = algorithm if hasattr(algorithm, 'hexdigest') else AVAILABLE_HASH_ALGORITHMS[algorithm]()
        with open(filename, 'rb') as file:
            for block in iter(lambda: file.read(65536), b''):
                digest.update(block)
        return digest.hexdigest()

    def md5(self, filename):
        return self.digest_from_file(filename, 'md5')

    def sha1(self, filename):
        return self.digest_from_file(filename, 'sha1')

    def sha256(self, filename):
        return self.digest_from_file(filename, 'sha256')

    def backup_local(self, fn):
        if not os.path.exists(fn):
            return ''
        copy = '%s.%s.%s' % (fn, os.getpid(), time.strftime('%Y-%m-%d@%H:%M:%S~'))
        self.preserved_copy(fn, copy)
        return copy

    def preserved_copy(self, src, dest):
        shutil.copy2(src, dest)
        info = os.stat(src)
        try:
            os.chown(dest, info.st_uid, info.st_gid)
        except PermissionError:
            pass

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        """Puts `src` in the place of `dest` at once, when all of it is on the disk; what was there gives its owner, mode, ACL and context."""
        src, dest = to_text(src), to_text(dest)
        like = dest if keep_dest_attrs else src
        created = not os.path.exists(dest)
        try:
            self._dress(src, dest, like)
            try:
                os.rename(src, dest)
            except OSError:
                handle, beside = tempfile.mkstemp(prefix='.ansible_tmp', suffix=os.path.basename(dest), dir=os.path.dirname(dest) or '.')
                os.close(handle)
                try:
                    shutil.copy2(src, beside)
                    self._dress(beside, dest, like)
                    os.rename(beside, dest)
                finally:
                    if os.path.exists(beside):
                        os.unlink(beside)
                self.cleanup(src)
            restorecon = self.get_bin_path('restorecon') if created and _has_selinux() else None
            if restorecon is not None:
                # A file that was made elsewhere has the context of that place.
                self.run_command([restorecon, dest], check_rc=True, expand_user_and_vars=False)
        except OSError as error:
            if unsafe_writes and os.path.exists(src):
                with open(src, 'rb') as new, open(dest, 'wb') as old:
                    shutil.copyfileobj(new, old)
                return
            self.fail_json(msg='Could not replace file: %s to %s: %s' % (src, dest, to_native(error)), exception=traceback.format_exc())

    def _dress(self, path, dest, like):
        """Gives the file that is to be `dest` its owner and mode: those of `like` where something is there, or of a new file. Who may not give it away keeps it."""
        if os.path.exists(dest):
            info = os.stat(like)
            owner, group, mode = info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)
        else:
            mask = os.umask(0)
            os.umask(mask)
            folder = os.stat(os.path.dirname(dest) or '.')
            owner, group, mode = os.geteuid(), folder.st_gid if folder.st_mode & stat.S_ISGID else os.getegid(), DEFAULT_PERM & ~mask
        has = os.stat(path)
        try:
            if (owner, group) != (has.st_uid, has.st_gid):
                os.chown(path, owner, group)
        except PermissionError:
            # What would have run as another is not to run as this user.
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
        try:
            if like == dest and os.path.exists(dest):
                shutil.copystat(dest, path)
                os.utime(path)
            os.chmod(path, mode)
            file = os.open(path, os.O_RDONLY)
        except PermissionError:
            # Another's file: it is copied then, and the copy gets the mode.
            return
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def add_cleanup_file(self, path):
        self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for path in self.cleanup_files:
            self.cleanup(path)

    def cleanup(self, tmpfile):
        if os.path.isdir(tmpfile) and not os.path.islink(tmpfile):
            shutil.rmtree(tmpfile, ignore_errors=True)
        elif os.path.lexists(tmpfile):
            try:
                os.unlink(tmpfile)
            except OSError as error:
                sys.stderr.write('could not cleanup %s: %s' % (tmpfile, to_native(error)))

    def is_executable(self, path):
        return is_executable(path)

    def load_file_common_arguments(self, params, path=None):
        """The arguments that say how a file is to be, for `set_fs_attributes_if_different`; nothing where no path is given."""
        path = path or params.get('path') or params.get('dest')
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(path))
        if params.get('follow') and os.path.islink(path):
            path = os.path.realpath(path)
        parts = [name for name in ('seuser', 'serole', 'setype', 'selevel') if params.get(name) is not None]
        if parts and _has_selinux():
            self.fail_json(path=path, msg='vbx sets no SELinux context for a module in Python: %s' % ', '.join(parts))
        return {'path': path, 'mode': params.get('mode'), 'owner': params.get('owner'), 'group': params.get('group'), 'seuser': None, 'serole': None, 'setype': None, 'selevel': None, 'secontext': [None, None, None], 'attributes': params.get('attributes')}

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        changed = self.set_owner_if_different(file_args['path'], file_args['owner'], changed, diff, expand)
        changed = self.set_group_if_different(file_args['path'], file_args['group'], changed, diff, expand)
        changed = self.set_mode_if_different(file_args['path'], file_args['mode'], changed, diff, expand)
        return self.set_attributes_if_different(file_args['path'], file_args['attributes'], changed, diff, expand)

    set_file_attributes_if_different = set_directory_attributes_if_different = set_fs_attributes_if_different

    def check_file_absent_if_check_mode(self, file_path):
        return self.check_mode and not os.path.exists(file_path)

    def user_and_group(self, path, expand=True):
        info = os.lstat(_expanded(path, expand))
        return info.st_uid, info.st_gid

    def _set_id(self, path, wanted, changed, diff, expand, what, number_of):
        if wanted is None:
            return changed
        path = _expanded(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        try:
            number = int(wanted)
        except ValueError:
            try:
                number = number_of(wanted)
            except KeyError:
                self.fail_json(path=path, msg='%s failed: failed to look up %s %s' % (*(('chown', 'user') if what == 'owner' else ('chgrp', 'group')), wanted))
        has = self.user_and_group(path, False)[0 if what == 'owner' else 1]
        if has == number:
            return changed
        if diff is not None:
            diff.setdefault('before', {})[what] = has
            diff.setdefault('after', {})[what] = number
        if not self.check_mode:
            try:
                os.lchown(path, *((number, -1) if what == 'owner' else (-1, number)))
            except OSError as error:
                self.fail_json(path=path, msg='%s failed: %s' % ('chown' if what == 'owner' else 'chgrp', to_text(error)))
        return True

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        import pwd

        return self._set_id(path, owner, changed, diff, expand, 'owner', lambda name: pwd.getpwnam(name).pw_uid)

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        import grp

        return self._set_id(path, group, changed, diff, expand, 'group', lambda name: grp.getgrnam(name).gr_gid)

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        if mode is None:
            return changed
        path = _expanded(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        info = os.lstat(path)
        try:
            wanted = octal_mode(info, mode)
        except ValueError as error:
            self.fail_json(path=path, msg='mode must be in octal or symbolic form', details=to_native(error))
        has = permission_bits(info)
        if has == wanted or stat.S_ISLNK(info.st_mode):
            return changed
        if diff is not None:
            diff.setdefault('before', {})['mode'] = '0%03o' % has
            diff.setdefault('after', {})['mode'] = '0%03o' % wanted
        if not self.check_mode:
            try:
                os.chmod(path, wanted)
            except OSError as error:
                self.fail_json(path=path, msg='chmod failed', details=to_native(error))
        return True

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        if not attributes:
            return changed
        path = _expanded(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        rc, out, err = self.run_command([self.get_bin_path('lsattr', True), '-d', path])
        has = set(out.split()[0].replace('-', '')) if rc == 0 and out.split() else set()
        sign, letters = (attributes[0], attributes[1:]) if attributes[0] in '+-=' else ('=', attributes)
        wanted = has | set(letters) if sign == '+' else has - set(letters) if sign == '-' else set(letters)
        if has == wanted:
            return changed
        if diff is not None:
            diff.setdefault('before', {})['attributes'] = ''.join(sorted(has))
            diff.setdefault('after', {})['attributes'] = ''.join(sorted(wanted))
        if not self.check_mode:
            rc, out, err = self.run_command([self.get_bin_path('chattr', True), '%s%s' % (sign, letters), path])
            if rc != 0:
                self.fail_json(path=path, msg='chattr failed', details=err)
        return True

    def set_context_if_different(self, path, context, changed, diff=None):
        return changed

    def selinux_enabled(self):
        return False

    def selinux_mls_enabled(self):
        return False

    def selinux_context(self, path):
        return [None, None, None]

    def selinux_default_context(self, path, mode=0):
        return [None, None, None]

    def is_special_selinux_path(self, path):
        return False, None

    def add_path_info(self, kwargs):
        """Owner, mode, size and kind of the path of a result."""
        import grp
        import pwd

        path = kwargs.get('path', kwargs.get('dest'))
        if not isinstance(path, (str, bytes)):
            return kwargs
        if not os.path.lexists(path):
            kwargs['state'] = 'absent'
            return kwargs
        info = os.lstat(path)
        try:
            owner = pwd.getpwuid(info.st_uid).pw_name
        except KeyError:
            owner = str(info.st_uid)
        try:
            group = grp.getgrgid(info.st_gid).gr_name
        except KeyError:
            group = str(info.st_gid)
        kind = 'link' if os.path.islink(path) else 'directory' if os.path.isdir(path) else 'hard' if info.st_nlink > 1 else 'file'
        kwargs.update(uid=info.st_uid, gid=info.st_gid, owner=owner, group=group, mode='0%03o' % stat.S_IMODE(info.st_mode), state=kind, size=info.st_size)
        return kwargs


def _has_selinux():
    return os.path.exists('/sys/fs/selinux/enforce')


def _talk(program, data, prompt):
    """
    Status, output and errors of a program that is told `data`. What it leaves running in the background is not waited for, though that holds its
    output open; one that prints what `prompt` looks for while there is nothing to tell it is ended.
    """
    texts, rest = {program.stdout: bytearray(), program.stderr: bytearray()}, memoryview(data or b'')
    with selectors.DefaultSelector() as waiting:
        for stream in texts:
            waiting.register(stream, selectors.EVENT_READ)
        if data:
            waiting.register(program.stdin, selectors.EVENT_WRITE)
        while waiting.get_map():
            over = program.poll() is not None
            ready = [key.fileobj for key, _ in waiting.select(0 if over else 0.2)]
            for stream in ready:
                if stream is program.stdin:
                    try:
                        rest = rest[os.write(stream.fileno(), rest[:512]):]
                    except BrokenPipeError:
                        rest = rest[:0]
                    if not rest:
                        waiting.unregister(stream)
                        stream.close()
                    continue
                block = os.read(stream.fileno(), 65536)
                texts[stream] += block
                if not block:
                    waiting.unregister(stream)
            if prompt is not None and not data and prompt.search(texts[program.stdout]):
                program.kill()
                return 257, bytes(texts[program.stdout]), b'A prompt was encountered while running a command, but no input data was specified'
            if over and not any(stream in texts for stream in ready):
                break
    return program.wait(), bytes(texts[program.stdout]), bytes(texts[program.stderr])


def _expanded(path, expand):
    return os.path.expanduser(os.path.expandvars(path)) if expand else path


def _listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value] if value else []
