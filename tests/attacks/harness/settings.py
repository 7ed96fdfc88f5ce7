"""The demo site as in production.

ATTACKS_WAKEUP  ``TALK_CALLS["WAKEUP"]``
"""

import os

from project.settings import *  # noqa: F403

TALK_CALLS = {"WAKEUP": os.environ.get("ATTACKS_WAKEUP", "")}
