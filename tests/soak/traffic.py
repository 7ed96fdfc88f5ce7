"""The traffic of the soak, in a process of its own, so that its CPU and memory are not the site's.

It talks in lines of JSON. It first reads where the site is and who the people are. Then it takes
commands; while it runs one it says every five seconds how many requests it has sent, and in the end
what came of them:

    {"mixed": {"seconds": S, "rate": R}}    what people do, R requests a second
    {"aborted": {"polls": N}}               N polls whose clients go away before the answer
    {"small": {"requests": N}}              N small requests, as fast as they are answered
"""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from itertools import count, cycle
from typing import Any

from talk_calls.contrib.simulation.http import Connection, Unreachable, encode_request
from talk_calls.contrib.simulation.live.measurements import percentile
from tests.attacks.harness.site import api, headers_of
from tests.benchmarks.prepare import User
from tests.soak.people import Log, Pace, Person, be_a_guest, be_a_member, pass_by

#: Seconds between two reports.
_REPORT_EVERY = 5

#: How many guests and how many passers-by there are at a time.
_GUESTS, _PASSERS_BY = 6, 2

#: How many small requests are under way at a time.
_AT_ONCE = 16

#: Seconds that a client waits for an answer at most, before it goes away.
_PATIENCE = 0.3

Act = Callable[[Person], Awaitable[None]]


class Traffic:
    """The people of a site, and what they do."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._url: str = plan["url"]
        self._public: str = plan["public"]
        self._members = [
            (token, User(*user)) for token, members in plan["groups"] for user in members
        ]
        self._addresses = _addresses()
        self.log = Log()

    async def mixed(self, *, seconds: float, rate: float) -> None:
        """Let everybody do what they do, at this many requests a second in all."""
        pace = Pace(rate)
        members = [self._member(token, user, pace) for token, user in self._members]
        acts = [_over_and_over(be_a_member, each) for each in members]
        acts += [self._others(be_a_guest, pace) for _ in range(_GUESTS)]
        acts += [self._others(pass_by, pace) for _ in range(_PASSERS_BY)]
        await _at_once(acts, seconds)
        for each in members:
            each.connection.close()

    async def aborted(self, *, polls: int) -> None:
        """Send polls, and go away at some moment before the answer, each person one at a time."""
        left = iter(range(polls))
        members = [self._member(token, user, Pace(None)) for token, user in self._members]
        for each in members:
            await each.join_room()
            await each.poll()  # the first is answered at once
        await _at_once([self._abort(each, left) for each in members])
        for each in members:
            await each.leave_room()
            each.connection.close()

    async def small(self, *, requests: int) -> None:
        """Ask for little, on connections that stay."""
        left = iter(range(requests))
        await _at_once([self._ask_little(left, number) for number in range(_AT_ONCE)])

    async def _abort(self, person: Person, left: Iterator[int]) -> None:
        path = api(f"v3/signaling/{person.token}")
        headers = {**person.connection.headers, "Cookie": _cookie(person)}
        request = encode_request("GET", path, headers, b"")
        for _ in left:
            connection = Connection(self._url)
            _, writer = await connection.open()
            writer.write(request)
            await asyncio.sleep(random.uniform(0, _PATIENCE))
            connection.close()
            self.log.requests += 1
            self.log.statuses["poll, aborted"]["-"] += 1

    async def _ask_little(self, left: Iterator[int], number: int) -> None:
        token, user = self._members[number % len(self._members)]
        known, stranger = self._member(token, user, Pace(None)), self._stranger(Pace(None))
        await known.join_room()
        requests = cycle(
            [
                (known, "call list", api(f"v4/call/{token}")),
                (known, "room", api(f"v4/room/{token}")),
                (known, "settings", api("v3/signaling/settings")),
                (stranger, "capabilities", "/ocs/v2.php/cloud/capabilities?format=json"),
                (stranger, "no room", api("v4/room/abcdefgh")),
                (stranger, "status", "/status.php"),
            ]
        )
        for _ in left:
            person, action, path = next(requests)
            await person.ask(action, "GET", path)
        known.connection.close()
        stranger.connection.close()

    def _member(self, token: str, user: User, pace: Pace) -> Person:
        return Person(Connection(self._url, headers_of(user)), token, pace, self.log)

    def _stranger(self, pace: Pace) -> Person:
        headers = headers_of(address=next(self._addresses))
        return Person(Connection(self._url, headers), self._public, pace, self.log)

    async def _others(self, act: Act, pace: Pace) -> None:
        """Let one after the other come."""
        while True:
            await act(self._stranger(pace))


def _addresses() -> Iterator[str]:
    """Yield an address for each visitor: they come from everywhere."""
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))


def _cookie(person: Person) -> str:
    return "; ".join(f"{name}={text}" for name, text in person.connection.cookies.items())


async def _over_and_over(act: Act, person: Person) -> None:
    while True:
        await act(person)


async def _at_once(acts: list[Coroutine[Any, Any, None]], seconds: float | None = None) -> None:
    """Run all until they end, or for this many seconds; raise what one of them raises."""
    tasks = [asyncio.create_task(act) for act in acts]
    done, pending = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


async def _tell_progress(log: Log) -> None:
    while True:
        await asyncio.sleep(_REPORT_EVERY)
        _report({"requests": log.requests})


def _outcome(log: Log) -> dict[str, Any]:
    actions = {}
    for action, statuses in sorted(log.statuses.items()):
        seconds = sorted(log.seconds[action]) or [0.0]
        actions[action] = {
            "statuses": dict(statuses),
            "p50_ms": percentile(seconds, 50),
            "p99_ms": percentile(seconds, 99),
        }
    return {"requests": log.requests, "actions": actions, "failures": log.failures}


async def main() -> None:
    traffic = Traffic(json.loads(await _read_line()))
    _report({"ready": True})
    while line := await _read_line():
        [(command, arguments)] = json.loads(line).items()
        traffic.log = Log()
        telling = asyncio.create_task(_tell_progress(traffic.log))
        try:
            await getattr(traffic, command)(**arguments)
        except (OSError, Unreachable) as error:
            traffic.log.fail(f"a connection failed: {error}")
        telling.cancel()
        _report({"outcome": _outcome(traffic.log)})


async def _read_line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _report(result: dict[str, Any]) -> None:
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
