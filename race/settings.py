"""The demo site with sessions that die within seconds, and with an app that records all events.

RACE_TIMEOUT  SESSION_TIMEOUT in seconds; default: 2
RACE_KILL     SESSION_KILL in seconds; default: 5
"""

import os

from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS as _INSTALLED_APPS

INSTALLED_APPS = [*_INSTALLED_APPS, "race"]
ROOT_URLCONF = "race.urls"
TALK_CALLS = {
    "SESSION_TIMEOUT": int(os.environ.get("RACE_TIMEOUT", "2")),
    "SESSION_KILL": int(os.environ.get("RACE_KILL", "5")),
}
