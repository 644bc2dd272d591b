# Names that modules take from here.
from ansible.module_utils.common.arguments import env_fallback, human_to_bytes  # noqa: F401
