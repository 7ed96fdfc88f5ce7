"""The demo site with sessions that expire within seconds, and with an app that records events.

RACE_TIMEOUT    SESSION_TIMEOUT in seconds; default: 2
RACE_KILL       SESSION_KILL in seconds; default: 5
RACE_CLOCK_OFF  seconds by which the clock of a process is off at most; default: 0.05
RACE_AHEAD      seconds by which the machine's clock is ahead for this process; default: 0
"""

import os
import time
from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS as _INSTALLED_APPS

INSTALLED_APPS = [*_INSTALLED_APPS, "tests.race"]
ROOT_URLCONF = "tests.race.urls"
TALK_CALLS = {
    "GUESTS_PER_MINUTE": 0,  # all come from one address
    "SESSION_TIMEOUT": int(os.environ.get("RACE_TIMEOUT", "2")),
    "CLOCK": "tests.race.clocks.now",
    "SESSION_KILL": int(os.environ.get("RACE_KILL", "5")),
    "WEBHOOK_PRIVATE_ADDRESSES": ["127.0.0.1"],  # tests.webhooks.crashes
    "WEBHOOK_TIMEOUT": 1,
}

if _ahead := float(os.environ.get("RACE_AHEAD", "0")):
    _now, _time = timezone.now, time.time
    patch.object(timezone, "now", lambda: _now() + timedelta(seconds=_ahead)).start()
    patch.object(time, "time", lambda: _time() + _ahead).start()
