"""Guests without end, who join a public conversation from one address and never come back.

43,191 rows of dead guests lengthened everybody's poll. Each guest has no cookie, and so is somebody
else; somebody honest polls meanwhile.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

from talk_calls.contrib.simulation.http import Connection
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api

#: How many come, and how many at a time.
_GUESTS, _AT_ONCE = 1500, 8

#: Guests who may get in from one address while that takes, and bytes of somebody's poll.
_MOST_GUESTS, _MOST_ANSWER = 1000, 256 * 1024

_ROWS = "SELECT count(*) FROM talk_calls_attendee WHERE actor_type = 'guests'"
_DJANGO_SESSIONS = "SELECT count(*) FROM django_session"


def run(site: Site) -> list[Figure]:
    """Let the guests come, and look at the rows and at the polls of somebody honest."""
    rows, sessions = site.cluster.run(_ROWS), site.cluster.run(_DJANGO_SESSIONS)
    start = time.monotonic()
    statuses, polls = asyncio.run(_come(site))
    took = time.monotonic() - start
    return [
        Figure("guests who came", _GUESTS),
        Figure("time for each", 1000 * took / _GUESTS, "ms"),
        Figure("who got in", statuses[200], most=_MOST_GUESTS),
        Figure("who were refused (403, 429)", statuses[403] + statuses[429]),
        Figure("answers of 500 or more", sum(n for s, n in statuses.items() if s >= 500), most=0),
        Figure("rows of guests", site.cluster.run(_ROWS), before=rows),
        Figure("rows of sessions", site.cluster.run(_DJANGO_SESSIONS), before=sessions),
        Figure("somebody's polls meanwhile", len(polls)),
        Figure("the largest of them", max(polls), "bytes", most=_MOST_ANSWER),
    ]


async def _come(site: Site) -> tuple[Counter[int], list[int]]:
    """Return how many guests got which status, and the sizes of somebody's polls."""
    polling = site.client(site.groups[0].members[0])
    await polling.request("POST", api(f"v4/room/{site.public}/participants/active"))
    sizes: list[int] = []
    polls = asyncio.create_task(_poll(polling, site.public, sizes))
    left = iter(range(_GUESTS))
    counts = await asyncio.gather(*(_join(site, left) for _ in range(_AT_ONCE)))
    await asyncio.sleep(1)  # the last of them is in a poll, too
    polls.cancel()
    await asyncio.gather(polls, return_exceptions=True)
    polling.close()
    return sum(counts, Counter()), sizes


async def _join(site: Site, left: Iterator[int]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    client = site.client(address="203.0.113.7")
    for _ in left:
        client.cookies.clear()
        path = api(f"v4/room/{site.public}/participants/active")
        statuses[(await client.request("POST", path)).status] += 1
    client.close()
    return statuses


async def _poll(client: Connection, token: str, sizes: list[int]) -> None:
    while True:
        answer = await client.request("GET", api(f"v3/signaling/{token}"))
        sizes.append(len(answer.body))
