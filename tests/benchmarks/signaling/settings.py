"""The site of the other benchmarks, with a signaling server that reaches it without a proxy.

BENCHMARK_HPB, BENCHMARK_SECRET  the server
"""

import os

from tests.benchmarks.settings import *  # noqa: F403
from tests.benchmarks.settings import ALLOWED_HOSTS, TALK_CALLS
from tests.servers.ports import HOST

ALLOWED_HOSTS += [HOST]
SECURE_SSL_REDIRECT = False

TALK_CALLS |= {
    "SIGNALING": {
        "BACKEND": "external",
        "SERVERS": [{"url": os.environ["BENCHMARK_HPB"], "secret": os.environ["BENCHMARK_SECRET"]}],
    },
}
