"""A site and the servers around it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.site import Site
from tests.servers import coturn, hpb, janus, proxies
from tests.servers.gate import Gate


@dataclass(frozen=True)
class Setup:
    """Which servers there are: the HPB of a release of Debian, an SFU, a TURN server."""

    release: str
    sfu: bool = True
    relay: bool = False

    @property
    def programs(self) -> list[str]:
        """Return the names of the programs, as ``find_program`` knows them."""
        others = {"janus": self.sfu, "coturn": self.relay}
        return [f"hpb-{self.release}", *(name for name, needed in others.items() if needed)]

    def __str__(self) -> str:
        return "-".join([*self.programs, *([] if self.sfu else ["mesh"])])


@dataclass(frozen=True)
class Servers:
    """Running servers; browsers and the site reach the HPB through the gate."""

    site: Site
    hpb: hpb.HPB
    gate: Gate
    relay: coturn.Coturn | None = None


class ExternalSite(Site):
    """The demo site with a High-performance Backend."""

    settings = "tests.e2e.external.settings"

    def calls(self, token: str) -> list[Any]:
        """Return the calls of a conversation, as its history has them."""
        told = self.output("talk_history", "--conversation", token, "--json")
        return list(json.loads(told)["list"])

    def configure(self, **talk_calls: object) -> None:
        """Set ``TALK_CALLS`` for the processes that start from now on."""
        self._environment["E2E_TALK_CALLS"] = json.dumps(talk_calls)


@contextmanager
def serving(setup: Setup, database: str) -> Iterator[Servers]:
    """Start the servers of a setup, and stop them after the block."""
    site = ExternalSite(database)
    known = hpb.Site(site.address)
    with ExitStack() as stack:
        sfu = stack.enter_context(janus.running()).url if setup.sfu else None
        server = stack.enter_context(hpb.running(setup.release, [known], janus=sfu))
        way = stack.enter_context(proxies.running(Gate()))
        way.target = server.port
        relay = stack.enter_context(coturn.running()) if setup.relay else None
        turn = [_entry(relay)] if relay else []
        signaling = {"BACKEND": "external", "SERVERS": [{"url": way.url, "secret": known.secret}]}
        site.configure(SIGNALING=signaling, TURN_SERVERS=turn)
        site.prepare()
        stack.callback(site.stop)
        site.start()
        yield Servers(site, server, way, relay)


def _entry(server: coturn.Coturn) -> dict[str, object]:
    """Return the entry of a server in TURN_SERVERS."""
    return {"ADDRESS": server.address, "SECRET": server.secret, "PROTOCOLS": ["udp"]}
