"""The settings of all measurements, with a hint between processes.

BENCH_WAKEUP  ``TALK_CALLS["WAKEUP"]``
"""

import os

from tests.benchmarks.settings import *  # noqa: F403
from tests.benchmarks.settings import TALK_CALLS

TALK_CALLS["WAKEUP"] = os.environ.get("BENCH_WAKEUP", "")
