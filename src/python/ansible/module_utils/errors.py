# What arguments are refused with.
from ansible.module_utils.common.arguments import AnsibleFallbackNotFound, Refused  # noqa: F401

AnsibleValidationError = Refused


class AnsibleValidationErrorMultiple(Refused):
    def __init__(self, errors=None):
        self.errors = list(errors or [])
        super().__init__(self.errors[0] if self.errors else '')


class ArgumentTypeError(Refused):
    pass


class ArgumentValueError(Refused):
    pass


class UnsupportedError(Refused):
    pass
