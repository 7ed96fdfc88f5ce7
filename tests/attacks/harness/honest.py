"""Honest people, in a process of their own, while somebody attacks the site.

It talks in lines of JSON: it reads where the site is and their credentials; then for each line it
reports how long their requests took since the last one.
"""

import asyncio
import json
import sys
import time
from http import HTTPStatus
from typing import Any

from talk_calls.contrib.simulation.http import Connection, Unreachable
from talk_calls.contrib.simulation.live.measurements import percentile
from tests.attacks.harness.site import api, headers_of
from tests.benchmarks.prepare import User

#: Seconds between two requests of one of them, and for which one of them waits for an answer.
_PAUSE, _TIMEOUT = 0.1, 20


class Honest:
    """People who list the rooms and the call of theirs; ``failed`` are requests without success."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._failed = 0

    async def look_around(self, url: str, token: str, user: User, number: int) -> None:
        """Ask again and again, for ever."""
        headers = headers_of(user, f"198.51.100.{number}")
        connection = Connection(url, headers, timeout=_TIMEOUT)
        await connection.request("POST", api(f"v4/room/{token}/participants/active"))
        while True:
            for path in ("v4/room", f"v4/call/{token}"):
                await asyncio.sleep(_PAUSE)
                start = time.perf_counter()
                try:
                    answer = await connection.request("GET", api(path))
                    self._failed += answer.status != HTTPStatus.OK
                except Unreachable:
                    self._failed += 1
                self._seconds.append(time.perf_counter() - start)

    def report(self) -> dict[str, Any]:
        """Return the figures since the last report."""
        seconds, failed = sorted(self._seconds) or [0.0], self._failed
        self._seconds, self._failed = [], 0
        return {
            "requests": len(seconds),
            "failed": failed,
            "p50_ms": percentile(seconds, 50),
            "p99_ms": percentile(seconds, 99),
        }


async def main() -> None:
    plan = json.loads(await asyncio.to_thread(sys.stdin.readline))
    honest = Honest()
    tasks = [
        asyncio.create_task(honest.look_around(plan["url"], token, User(*user), number))
        for number, (token, user) in enumerate(plan["people"], start=1)
    ]
    print(json.dumps({"ready": True}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        for task in tasks:
            if task.done():
                task.result()
        print(json.dumps(honest.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
