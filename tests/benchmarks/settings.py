"""The demo site as in production, with sessions that do not time out during a measurement.

BENCHMARK_WAKEUP  ``TALK_CALLS["WAKEUP"]``; default: no hints between processes
"""

import os

from project.settings import *  # noqa: F403

TALK_CALLS = {
    "GUESTS_PER_MINUTE": 0,  # all come from one address
    "CONVERSATIONS_PER_MINUTE": 0,
    "SESSION_TIMEOUT": 24 * 3600,
    "SESSION_KILL": 48 * 3600,
    "WAKEUP": os.environ.get("BENCHMARK_WAKEUP", ""),
}
