# Runs a module that a playbook or a collection brings along and that is written with Ansible's library for modules. Everything comes by
# stdin, as JSON: the module's source, its arguments, and the sources of the library by the names that they are imported by. No file is made.
import importlib.abc
import importlib.util
import json
import os
import sys


class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports from texts; whatever lies above a name is a package."""

    def __init__(self, sources):
        self.sources = sources
        self.packages = set()
        for name in list(sources):
            for end in [at for at, letter in enumerate(name) if letter == '.']:
                self.packages.add(name[:end])

    def find_spec(self, name, path=None, target=None):
        if name not in self.sources and name not in self.packages:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=name in self.packages)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        module.__file__ = '<%s>' % name
        exec(compile(self.sources.get(name, ''), module.__file__, 'exec'), module.__dict__)


def main():
    text = sys.stdin.buffer.read()
    given = json.loads(text.decode('utf-8'))
    sys.stdin = open(os.devnull)
    sys.meta_path.insert(0, Sources(given['sources']))
    import ansible.module_utils.basic as basic

    basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': given['args']}).encode('utf-8')
    main_module = sys.modules['__main__']
    # For a module that runs itself again by another interpreter.
    main_module._VBX_BOOT, main_module._VBX_GIVEN = given['boot'], text
    main_module.__dict__.update(__name__='__main__', __package__=given['package'], __file__='<%s>' % given['name'], __spec__=None)
    exec(compile(given['module'], '<%s>' % given['name'], 'exec'), main_module.__dict__)


main()
