# Arguments held against a specification apart from a module.
from ansible.module_utils.common.arguments import Refused, checked


class ValidationResult:
    def __init__(self, parameters):
        self.validated_parameters, self.unsupported_parameters, self.error_messages = dict(parameters), set(), []
        self._no_log_values, self._warnings, self._deprecations = set(), [], []

    @property
    def errors(self):
        return self.error_messages


class ArgumentSpecValidator:
    def __init__(self, argument_spec, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None):
        self.argument_spec = argument_spec
        self._rules = {'mutually_exclusive': mutually_exclusive, 'required_together': required_together, 'required_one_of': required_one_of, 'required_if': required_if, 'required_by': required_by}

    def validate(self, parameters, *args, **kwargs):
        result = ValidationResult(parameters)
        said = {'warnings': [], 'deprecations': [], 'secrets': result._no_log_values}
        try:
            result.validated_parameters = checked(self.argument_spec, parameters, self._rules, 'module', said)
        except Refused as error:
            result.error_messages.append(str(error))
        result._warnings, result._deprecations = said['warnings'], said['deprecations']
        return result


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    pass
