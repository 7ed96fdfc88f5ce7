"""The suite's site, on the database of the test that runs.

LIVE_DATABASE        name of that database
LIVE_WAKEUP          ``TALK_CALLS["WAKEUP"]``
LIVE_QUERY_INTERVAL  seconds between two queries while there are no hints (__main__.py)
"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["LIVE_DATABASE"]
TALK_CALLS = {"WAKEUP": os.environ["LIVE_WAKEUP"]}
ROOT_URLCONF = "tests.signaling.live.urls"
