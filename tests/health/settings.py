"""The suite's site as a process of its own, on the database of the test that runs.

HEALTH_DATABASE  name of that database
HEALTH_TALK      ``TALK_CALLS`` as JSON
HEALTH_CACHE     folder of a cache that processes share; without it each has its own
"""

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["HEALTH_DATABASE"]
TALK_CALLS = json.loads(os.environ.get("HEALTH_TALK") or "{}")
SESSION_COOKIE_SECURE = True
if folder := os.environ.get("HEALTH_CACHE"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": folder,
        }
    }
