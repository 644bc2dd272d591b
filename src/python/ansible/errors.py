# Errors that parts shared with plugins of the controller name.


class AnsibleError(Exception):
    pass


class AnsibleFilterError(AnsibleError):
    pass


class AnsibleLookupError(AnsibleError):
    pass


class AnsibleParserError(AnsibleError):
    pass


class AnsibleActionFail(AnsibleError):
    pass


class AnsibleConnectionFailure(AnsibleError):
    pass
