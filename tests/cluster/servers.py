"""A site on two nodes of Django, with two nodes of the HPB, and all that these need."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hpb.live.site import MAKE_PEOPLE, Device
from tests.servers import hpb, janus, nats, postgres, proxies, redis
from tests.servers.balancer import Balancer
from tests.servers.hpb import HPB
from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory

#: Whose HPB tests use, and which programs they need beside PostgreSQL and Redis.
RELEASE = "sid"
PROGRAMS = (f"hpb-{RELEASE}", "hpb-proxy", "nats", "janus")

_UVICORN = ("-m", "uvicorn", "--log-level", "warning", "--timeout-graceful-shutdown", "1")

_APPLICATION = "project.asgi:application"


class Node(Server):
    """A node of Django."""

    def __init__(self, environment: dict[str, str], directory: Path, application: str) -> None:
        port = free_port()
        command = [sys.executable, *_UVICORN, "--host", HOST, "--port", port, application]
        super().__init__(command, port=port, directory=directory, environment=environment)

    @property
    def url(self) -> str:
        """Return its own address, which the HPB does not know."""
        return f"http://{HOST}:{self.port}"


@dataclass
class Cluster:
    """All the servers; a test that stopped one starts it again.

    ``site`` is what is between the site's nodes and everybody else.
    """

    environment: dict[str, str]
    site: Balancer
    database: postgres.Cluster
    redis: redis.Redis
    nats: nats.Nats
    januses: list[janus.Janus]
    hpbs: list[HPB]
    nodes: list[Node] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run a management command of the site, and return what it writes."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(  # noqa: S603
            command, env=self.environment, capture_output=True, check=False, text=True
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    @contextmanager
    def another_node(self, application: str = _APPLICATION) -> Iterator[Node]:
        """Start a node of Django that is not behind the balancer; stop it after the block."""
        with temporary_directory("node") as directory:
            node = Node(self.environment, directory, application)
            try:
                node.start()
                yield node
            finally:
                node.stop()

    def device(self, user: str | None, node: int | Node) -> Device:
        """Return a device of somebody who asks one node of Django."""
        asked = self.nodes[node] if isinstance(node, int) else node
        return Device(asked.url, user, self.passwords[user] if user else "")

    def told(self, token: str) -> HPB:
        """Return the node of the HPB that is told about a conversation."""
        url = self.database.run(
            f"SELECT server FROM talk_calls_hpbconversation WHERE token = '{token}'"  # noqa: S608
        )
        [hpb] = [each for each in self.hpbs if each.url == url]
        return hpb

    def calls(self, token: str) -> list[Any]:
        """Return the calls of a conversation, as its history has them."""
        told = self.manage("talk_history", "--conversation", token, "--json")
        return list(json.loads(told)["list"])


@contextmanager
def running(release: str, *, debug: bool = False) -> Iterator[Cluster]:
    """Start everything, and stop it after the block; with ``debug`` nodes serve static files."""
    with ExitStack() as stack:
        start = stack.enter_context
        site = start(proxies.running(Balancer()))
        known = hpb.Site(site.url)
        database, broker, bus = (
            start(postgres.cluster()),
            start(redis.running()),
            start(nats.running()),
        )
        januses = [start(janus.running()) for _ in range(2)]
        addresses = [each.url for each in januses]
        hpbs = start(hpb.running_cluster(release, [known], nats=bus.url, janus=addresses))
        environment = _environment(database, broker, known, hpbs)
        if debug:
            environment["DJANGO_DEBUG"] = "1"
        cluster = Cluster(environment, site, database, broker, bus, januses, hpbs)
        cluster.manage("migrate", "-v0")
        cluster.passwords = json.loads(cluster.manage("shell", "-v0", "-c", MAKE_PEOPLE))
        for _ in range(2):
            cluster.nodes.append(start(cluster.another_node()))
        site.targets = [node.port for node in cluster.nodes]
        yield cluster


def _environment(
    database: postgres.Cluster, broker: redis.Redis, site: hpb.Site, hpbs: list[HPB]
) -> dict[str, str]:
    servers = [{"url": each.url, "secret": site.secret} for each in hpbs]
    signaling = {"BACKEND": "external", "SERVERS": servers, "CLUSTER": True}
    talk_calls = {"SIGNALING": signaling, "WAKEUP": broker.url}
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_DEBUG"}
    return own | {
        "CLUSTER_TALK_CALLS": json.dumps(talk_calls),
        "DATABASE_URL": database.url,
        "DJANGO_ALLOWED_HOSTS": HOST,
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "tests.cluster.settings",
    }
