# A locale whose output can be read by programs.


def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    program = module.get_bin_path('locale')
    found = []
    if program:
        rc, out, err = module.run_command([program, '-a'])
        found = out.strip().splitlines() if rc == 0 else []
    if not found and raise_on_locale:
        raise RuntimeWarning('the program locale %s' % ('tells of no locales' if program else 'is not there'))
    for preferred in preferences or ('C.utf8', 'C.UTF-8', 'en_US.utf8', 'C', 'POSIX'):
        if preferred in found:
            return preferred
    return 'C'
