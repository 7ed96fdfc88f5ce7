"""The suite's site, on the database of the test that runs.

LIVE_DATABASE        name of that database
LIVE_WAKEUP          ``TALK_CALLS["WAKEUP"]``
LIVE_QUERY_INTERVAL  seconds between two queries while there are no hints (__main__.py)
LIVE_SAVES_SESSIONS  where sessions are stored, and saved by every request: "db", "cache", ...
"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["LIVE_DATABASE"]
TALK_CALLS = {"WAKEUP": os.environ["LIVE_WAKEUP"]}
if _store := os.environ.get("LIVE_SAVES_SESSIONS"):
    SESSION_ENGINE = f"django.contrib.sessions.backends.{_store}"
    SESSION_SAVE_EVERY_REQUEST = True
ROOT_URLCONF = "tests.signaling.live.urls"
