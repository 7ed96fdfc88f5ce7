"""The demo site with a High-performance Backend, and a TURN server if there is one."""

import json
import os

from project import settings as project_settings
from project.settings import *  # noqa: F403

TALK_CALLS = project_settings.TALK_CALLS | json.loads(os.environ["E2E_TALK_CALLS"])
