# Which distribution the host is, by its os-release.
import platform
import shlex


def _release():
    for path in ('/etc/os-release', '/usr/lib/os-release'):
        try:
            with open(path) as file:
                return dict(line.strip().split('=', 1) for line in file if '=' in line and not line.startswith('#'))
        except OSError:
            continue
    return {}


def _field(name):
    words = shlex.split(_release().get(name, ''))
    return words[0] if words else ''


def get_distribution():
    if platform.system() != 'Linux':
        return platform.system()
    name = _field('ID').capitalize()
    return {'Amzn': 'Amazon', 'Rhel': 'Redhat', '': 'OtherLinux'}.get(name, name)


def get_distribution_version():
    return _field('VERSION_ID') if platform.system() == 'Linux' else None


def get_distribution_codename():
    return (_field('VERSION_CODENAME') or None) if platform.system() == 'Linux' else None


def get_platform_subclass(cls):
    system, distribution = platform.system(), get_distribution()
    below = [each for each in _all(cls) if getattr(each, 'platform', None) == system]
    fitting = [each for each in below if getattr(each, 'distribution', None) == distribution] or [each for each in below if getattr(each, 'distribution', None) is None]
    return fitting[0] if fitting else cls


def _all(cls):
    return [each for direct in cls.__subclasses__() for each in [direct, *_all(direct)]]
