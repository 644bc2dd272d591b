# Names of types.
from typing import *  # noqa: F401,F403
