"""The suite's site on the database of the test that runs, with metrics.

LIVE_DATABASE  name of that database
"""

import os

from tests.metrics.site import ON
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["LIVE_DATABASE"]
ROOT_URLCONF = "tests.metrics.urls"
TALK_CALLS = ON
