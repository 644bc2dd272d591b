# What a module warns of while it runs.
_warnings = []
_deprecations = []


def warn(warning, **kwargs):
    if warning not in _warnings:
        _warnings.append(str(warning))


def deprecate(msg, version=None, date=None, collection_name=None, **kwargs):
    _deprecations.append({'msg': msg, 'version': version, **({'collection_name': collection_name} if collection_name else {})} if date is None else {'msg': msg, 'date': date})


def get_warning_messages():
    return list(_warnings)


def get_deprecation_messages():
    return list(_deprecations)
