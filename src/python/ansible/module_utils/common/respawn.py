# Modules that want another Python, for libraries that this one does not have.
import os
import subprocess
import sys


def has_respawned():
    return '_VBX_RESPAWNED' in os.environ


def probe_interpreters_for_module(interpreter_paths, module_name):
    """The first of the interpreters that has the library; None where none has."""
    for path in interpreter_paths:
        if os.path.exists(path) and subprocess.run([path, '-c', 'import %s' % module_name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return path
    return None


def respawn_module(interpreter_path):
    """Runs the module again by another interpreter, in place of this one."""
    if has_respawned():
        raise Exception('module has already been respawned')
    main = sys.modules['__main__']
    done = subprocess.run([interpreter_path, '-c', main._VBX_BOOT], input=main._VBX_GIVEN, env={**os.environ, '_VBX_RESPAWNED': '1'})
    sys.exit(done.returncode)
