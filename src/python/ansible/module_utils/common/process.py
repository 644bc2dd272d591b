# Programs of the host.
import os


def get_bin_path(arg, opt_dirs=None, required=None):
    """The path of a program in PATH, the folders given, and where root's programs are. Raises ValueError where there is none."""
    folders = [folder for folder in (opt_dirs or []) if folder is not None and os.path.exists(folder)]
    folders += os.environ.get('PATH', '').split(os.pathsep)
    folders += [folder for folder in ('/sbin', '/usr/sbin', '/usr/local/sbin') if folder not in folders and os.path.exists(folder)]
    if os.path.isabs(arg) and is_executable(arg):
        return arg
    for folder in folders:
        path = os.path.join(folder, arg) if folder else ''
        if path and os.path.exists(path) and not os.path.isdir(path) and is_executable(path):
            return path
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(folders)))


def is_executable(path):
    return os.access(path, os.X_OK)
