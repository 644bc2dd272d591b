# What a module warns of while it runs.
_warnings = []
_deprecations = []


def warn(warning, **kwargs):
    if warning not in _warnings:
        _warnings.append(str(warning))


def deprecate(msg, version=None, date=None, collection_name=None, **kwargs):
    written = {'version': version} if date is None else {'date': date}
    _deprecations.append({'msg': msg, **written, **({'collection_name': collection_name} if collection_name else {})})


def get_warning_messages():
    return list(_warnings)


def get_deprecation_messages():
    return list(_deprecations)
