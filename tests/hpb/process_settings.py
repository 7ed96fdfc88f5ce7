"""The suite's site in a process of its own, on the database of the test that runs, with one HPB."""

import os

from tests.hpb.conftest import SECRET
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["PROCESS_DATABASE"]
TALK_CALLS = {
    "SIGNALING": {
        "BACKEND": "external",
        "SERVERS": [{"url": os.environ["PROCESS_HPB"], "secret": SECRET}],
    }
}
