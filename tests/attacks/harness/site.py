"""A production site that is attacked: a server, PostgreSQL, a broker, people and conversations."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from talk_calls.contrib.simulation.http import Connection
from tests.attacks.harness.state import APPLICATION_NAME, State, state_of
from tests.benchmarks.load import require_success
from tests.benchmarks.prepare import User
from tests.servers import postgres, redis, web
from tests.servers.postgres import Cluster
from tests.servers.web import PROXY_HEADERS, WebServer

_SETTINGS = "tests.attacks.harness.settings"

#: Members of each group conversation.
_MEMBERS = 5

_GROUP, _PUBLIC = 2, 3


@dataclass(frozen=True)
class Group:
    """A group conversation; the first member is its owner."""

    token: str
    members: tuple[User, ...]


@dataclass(frozen=True)
class Site:
    """A running site; ``public`` is the token of a conversation that is open to guests."""

    server: WebServer
    cluster: Cluster
    environment: dict[str, str]
    groups: tuple[Group, ...]
    public: str

    @property
    def state(self) -> State:
        """Return what the processes of the server use now."""
        return state_of(self.server.pid, self.cluster)

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return self.server.url

    def client(self, user: User | None = None, address: str = "192.0.2.1") -> Connection:
        """Return a client with cookies of its own; the proxy says that it is at this address."""
        return Connection(self.url, headers_of(user, address))


def headers_of(user: User | None = None, address: str = "192.0.2.1") -> dict[str, str]:
    """Return the headers of a client behind the proxy; without a user it is a guest's."""
    headers = PROXY_HEADERS if user is None else user.headers
    return {**headers, "X-Forwarded-For": address}


def api(path: str) -> str:
    """Return the address of a resource below the versions of the API, such as ``v4/room``."""
    return f"/ocs/v2.php/apps/spreed/api/{path}?format=json"


@contextmanager
def running(*, workers: int, groups: int, broker: str) -> Iterator[Site]:
    """Start a site with this many conversations, and delete everything in the end.

    ``broker`` is "redis" or "postgresql", and carries the hints between the workers.
    """
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.cluster())
        url = stack.enter_context(redis.running()).url if broker == "redis" else broker
        environment = {
            **web.production_environment(_SETTINGS, cluster.url),
            "ATTACKS_WAKEUP": url,
            "PGAPPNAME": APPLICATION_NAME,
        }
        people = _make_users(environment, groups * _MEMBERS)
        server = stack.enter_context(web.running(environment=environment, workers=workers))
        made, public = asyncio.run(_make_conversations(server.url, people))
        cluster.run("VACUUM ANALYZE")
        yield Site(server, cluster, environment, made, public)


def _make_users(environment: dict[str, str], count: int) -> list[User]:
    command = [sys.executable, "-m", "tests.benchmarks.users", str(count)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit("Making users failed; the lines above say why.")
    return [User(*each) for each in json.loads(done.stdout)]


async def _make_conversations(url: str, people: Sequence[User]) -> tuple[tuple[Group, ...], str]:
    """Return the group conversations, and the token of a public one of the first user's."""
    groups = []
    for first in range(0, len(people), _MEMBERS):
        members = tuple(people[first : first + _MEMBERS])
        token = await _make_conversation(url, members[0], _GROUP)
        for member in members[1:]:
            invited = {"newParticipant": member.username}
            await _send(url, members[0], f"v4/room/{token}/participants", invited)
        groups.append(Group(token, members))
    return tuple(groups), await _make_conversation(url, people[0], _PUBLIC)


async def _make_conversation(url: str, owner: User, kind: int) -> str:
    values = {"roomType": kind, "roomName": "attacked"}
    token: str = (await _send(url, owner, "v4/room", values))["token"]
    return token


async def _send(url: str, user: User, path: str, values: dict[str, Any]) -> Any:
    connection = Connection(url, user.headers)
    response = await connection.request("POST", api(path), json.dumps(values).encode())
    connection.close()
    require_success(response)
    return response.data
