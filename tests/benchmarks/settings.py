"""The demo site as it runs in production, with people who need not ping.

Sessions stay live for as long as a measurement may take; all else is the project's.
"""

from typing import Any

from project.settings import *  # noqa: F403

TALK_CALLS: dict[str, Any] = {"SESSION_TIMEOUT": 24 * 3600, "SESSION_KILL": 48 * 3600}
