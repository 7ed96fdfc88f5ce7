"""Somebody who changes flags without end, which wakes everybody's poll each time.

Each change is news for all who poll in the conversation, so one cheap request makes many answers.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle

from talk_calls.contrib.simulation.http import Connection
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api

#: Seconds of changes, and how many are under way at a time.
_SECONDS, _AT_ONCE = 10, 4

#: Answers that one change may cause for each who polls; changes that meet are told together.
_MOST_ANSWERS = 2


def run(site: Site) -> list[Figure]:
    """Let everybody poll in one conversation, and one of them change flags."""
    users = [user for group in site.groups for user in group.members]
    people = [site.client(user) for user in users]
    before = site.state
    changes, answers = asyncio.run(_flap(site, people))
    spent = site.state.cpu - before.cpu
    pollers = len(people) - 1
    return [
        Figure("people who poll", pollers),
        Figure("changes", changes),
        Figure("answers to polls", answers),
        Figure(
            "answers for each change and person",
            answers / changes / pollers,
            "",
            None,
            _MOST_ANSWERS,
        ),
        Figure("a change with its answers", 1000 * spent / changes, "ms CPU"),
    ]


async def _flap(site: Site, people: Sequence[Connection]) -> tuple[int, int]:
    """Return how many changes and how many answers to polls there were."""
    path = api(f"v4/room/{site.public}/participants/active")
    for each in people:
        await each.request("POST", path)
    flapping, *others = people
    await flapping.request("POST", api(f"v4/call/{site.public}"), b'{"flags": 7}')
    answers: list[float] = []
    polls = [asyncio.create_task(_poll(each, site.public, answers)) for each in others]
    await asyncio.sleep(2)  # the first answer of each comes at once
    answers.clear()
    end = time.monotonic() + _SECONDS
    several = [Connection(site.url, flapping.headers, flapping.cookies) for _ in range(_AT_ONCE)]
    counts = await asyncio.gather(*(_change(each, site.public, end) for each in several))
    told = len(answers)
    for poll in polls:
        poll.cancel()
    await asyncio.gather(*polls, return_exceptions=True)
    for each in (*people, *several):
        each.close()
    return sum(counts), told


async def _change(client: Connection, token: str, end: float) -> int:
    changes = 0
    for flags in cycle((3, 7)):
        if time.monotonic() > end:
            break
        body = b'{"flags": %d}' % flags
        await client.request("PUT", api(f"v4/call/{token}"), body)
        changes += 1
    return changes


async def _poll(client: Connection, token: str, answers: list[float]) -> None:
    while True:
        await client.request("GET", api(f"v3/signaling/{token}"))
        answers.append(time.monotonic())
