"""What may grow: each axis makes a site of each size, and says what to ask of it."""

import json
import resource
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from tests.benchmarks.cases import Request
from tests.benchmarks.measure import Client, Site, load_generator
from tests.benchmarks.prepare import call_request, rooms_request
from tests.servers import postgres, web
from tests.servers.postgres import Cluster

#: Requests by name; those of one name are sent one after the other, and their costs averaged.
Requests = dict[str, Client]

#: Members of a conversation in which polls wait, beside the one who acts.
_POLLS_IN_CONVERSATION = 10

#: Legs of a past call, and calls that one statement stores.
_LEGS = 9
_CALLS_AT_ONCE = 100_000


#: Each size, the site that has it, and the requests to measure.
Sizes = Generator[tuple[int, Site, Requests]]


#: What the process that makes rows prints: the members of each conversation.
_Made = dict[str, list[dict[str, str]]]


class Axis(Protocol):
    """Yields a site of each size with the requests to measure, in the order of the sizes."""

    def __call__(self, sizes: list[int]) -> Sizes: ...


@dataclass(frozen=True)
class _Member:
    """A member of a conversation."""

    token: str
    credentials: str

    @classmethod
    def of(cls, made: _Made, token: str, number: int = 0) -> "_Member":
        return cls(token, made[token][number]["credentials"])

    @property
    def headers(self) -> dict[str, str]:
        return {**web.PROXY_HEADERS, "Authorization": f"Basic {self.credentials}"}

    def call(self, method: str) -> Request:
        return call_request(method, self.token, self.headers)

    @property
    def list(self) -> Client:
        return [self.call("GET")]

    @property
    def join_and_leave(self) -> Client:
        return [self.call("POST"), self.call("DELETE")]


def people(sizes: list[int]) -> Sizes:
    """Grow the number of people in a call; somebody else joins and leaves."""
    rows = {size: f"people{size}:{size + 1}:{size}" for size in sizes}
    with _site(list(rows.values())) as (site, made):
        for size in sizes:
            first, second = (_Member.of(made, f"people{size}", number) for number in (0, 1))
            yield size, site, {"list": second.list, "join and leave": first.join_and_leave}


def conversations(sizes: list[int]) -> Sizes:
    """Grow the number of conversations of a user."""
    rows = {size: f"user{size}:3:2:{size - 1}" for size in sizes}
    with _site(list(rows.values())) as (site, made):
        for size in sizes:
            first = _Member.of(made, f"user{size}")
            yield (
                size,
                site,
                {
                    "room list": [rooms_request(first.headers)],
                    "list": first.list,
                    "join and leave": first.join_and_leave,
                },
            )


def history(sizes: list[int]) -> Sizes:
    """Grow the number of rows of past calls and their legs, over eleven conversations."""
    with _site(["history:3", "other:3:0:9"]) as (site, made):
        first = _Member.of(made, "history")
        calls = 0
        for size in sizes:
            wanted = size // (_LEGS + 1)
            while calls < wanted:
                more = min(wanted - calls, _CALLS_AT_ONCE)
                _add_history(site.cluster, calls, calls + more)
                calls += more
            site.cluster.run("VACUUM ANALYZE")
            yield size, site, {"list": first.list, "start and end": first.join_and_leave}


def polls(sizes: list[int]) -> Sizes:
    """Grow the number of polls that wait in one process, ten in a conversation."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = -(-sizes[-1] // _POLLS_IN_CONVERSATION)
    rows = [f"waiting{number}:{_POLLS_IN_CONVERSATION + 1}" for number in range(count)]
    waiting = {"application": "tests.benchmarks.polls.site:application", "wakeup": "postgresql"}
    for size in sizes:
        with _site(["busy:3:2", *rows], **waiting) as (site, made):
            first = _Member.of(made, "busy")
            tokens = [token for token in made if token != "busy"][: size // _POLLS_IN_CONVERSATION]
            plan = {"url": site.server.url, "wait": "signaling"}
            with load_generator("tests.benchmarks.polls.load") as clients:
                clients.run({**plan, "conversations": {token: made[token] for token in tokens}})
                yield size, site, {"list": first.list, "join and leave": first.join_and_leave}


#: By name: the axis, its title, and its sizes.
AXES: dict[str, tuple[Axis, str, list[int]]] = {
    "people": (people, "people in the call", [2, 10, 100, 1000, 10_000]),
    "conversations": (conversations, "conversations of the user", [1, 10, 100, 1000, 5000]),
    "history": (history, "rows of history", [10**power for power in range(3, 8)]),
    "polls": (polls, "polls that wait in the process", [10, 100, 1000, 10_000]),
}


@contextmanager
def _site(
    rows: list[str], *, application: str = "project.{interface}:application", wakeup: str = ""
) -> Iterator[tuple[Site, _Made]]:
    """Start a site with one process, and make rows in its database."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.cluster())
        environment = {
            **web.production_environment("tests.benchmarks.settings", cluster.url),
            "BENCHMARK_WAKEUP": wakeup,
        }
        command = [sys.executable, "-m", "tests.benchmarks.rows", *rows]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        made: _Made = json.loads(done.stdout)
        cluster.run("VACUUM ANALYZE")
        running = web.running(environment=environment, application=application)
        site = Site(stack.enter_context(running), cluster)
        yield site, made


def _add_history(cluster: Cluster, first: int, end: int) -> None:
    """Store past calls, numbered from ``first`` to before ``end``, over the conversations in turn.

    Each began a minute before the one that was stored before it, and the first a day ago. Checks of
    foreign keys are off, since they would take most of the time.
    """
    cluster.run(
        f"""
        SET session_replication_role = replica;
        WITH rooms AS (
            SELECT array_agg(id ORDER BY id) AS ids, min(id) AS first FROM talk_calls_conversation
        ), calls AS (
            INSERT INTO talk_calls_call
                (conversation_id, conversation_name, started_at, ended_at, end_reason, flags,
                 ended_by_type, ended_by_id, ended_by_name)
            SELECT ids[1 + n % cardinality(ids)], 'past', at, at + interval '30 seconds', 'left', 7,
                 '', '', ''
            FROM rooms, generate_series({first}, {end - 1}) n,
                 LATERAL (SELECT now() - interval '1 day' - n * interval '1 minute' AS at) moments
            RETURNING id, started_at, ended_at
        ), people AS (
            SELECT id, username, row_number() OVER (ORDER BY id) - 1 AS number FROM auth_user
        )
        INSERT INTO talk_calls_callleg
            (call_id, session_key, actor_type, actor_id, user_id, display_name, joined_at, left_at,
             reason, flags)
        SELECT calls.id, md5(calls.id::text || leg), 'users', username, people.id, username,
             started_at, ended_at, 'left', 7
        FROM calls, generate_series(1, {_LEGS}) leg
        JOIN people ON people.number = leg % (SELECT count(*) FROM people)
        """  # noqa: S608 -- numbers of our own
    )
