"""The High-performance Backend (nextcloud-spreed-signaling), in the versions of three Debians."""

import configparser
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import hpb_proxy
from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import DEPLOY

LOOPBACK_NATS = "nats://loopback"


@dataclass(frozen=True)
class Site:
    """A Django site that an HPB serves."""

    url: str
    secret: str = field(default_factory=lambda: secrets.token_hex(32))


@dataclass(frozen=True)
class Keys:
    """What the nodes of one cluster share."""

    hash_key: str = field(default_factory=lambda: secrets.token_hex(32))
    block_key: str = field(default_factory=lambda: secrets.token_hex(16))
    internal_secret: str = field(default_factory=lambda: secrets.token_hex(32))


class HPB(Server):
    """A running HPB; ``url`` is what SERVERS of the site's settings names."""

    def __init__(self, release: str, port: int, directory: Path) -> None:
        self.release = release
        self._program = find_program(f"hpb-{release}")
        command = [self._program, "-config", directory / "server.conf"]
        super().__init__(command, port=port, directory=directory)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Return the address of its WebSocket."""
        return f"ws://{HOST}:{self.port}/spreed"

    @property
    def version(self) -> str:
        """Return what it says its version is; 0.4.1 of bookworm says "unreleased"."""
        told = subprocess.run(
            [str(self._program), "-version"], capture_output=True, check=True, text=True
        )
        return told.stdout.split("version ")[1].split("/")[0]


@contextmanager
def running(
    release: str,
    sites: Sequence[Site],
    *,
    nats: str = LOOPBACK_NATS,
    janus: str | None = None,
    keys: Keys | None = None,
    options: Mapping[str, Mapping[str, object]] | None = None,
) -> Iterator[HPB]:
    """Start an HPB for sites, yield it when it accepts connections, and stop it.

    ``release`` is one of ``programs.HPB_RELEASES``; ``nats`` and ``janus`` are URLs, and without
    Janus there is no SFU; ``options`` are more values of its configuration, by section.
    """
    port = free_port()
    with temporary_directory("hpb") as directory:
        values = _values(port, sites, nats, janus, keys or Keys())
        _configure(directory / "server.conf", values, options or {})
        hpb = HPB(release, port, directory)
        try:
            hpb.start()
            yield hpb
        finally:
            hpb.stop()


@contextmanager
def running_cluster(
    release: str, sites: Sequence[Site], *, nats: str, janus: Sequence[str] = (), nodes: int = 2
) -> Iterator[list[HPB]]:
    """Start the nodes of one cluster, and a proxy beside each Janus; stop them after the block.

    It takes a release from trixie on: nodes of bookworm do not know the sessions of each other.
    Each Janus serves all nodes. Without any there is no SFU.
    """
    grpc = [f"{HOST}:{free_port()}" for _ in range(nodes)]
    targets = ", ".join(grpc)
    keys = Keys()
    with ExitStack() as stack:
        mcu = stack.enter_context(_proxies(janus)) if janus else {}
        yield [
            stack.enter_context(
                running(
                    release,
                    sites,
                    nats=nats,
                    keys=keys,
                    options={"grpc": {"listen": listens, "targets": targets}, "mcu": mcu},
                )
            )
            for listens in grpc
        ]


@contextmanager
def _proxies(janus: Sequence[str]) -> Iterator[dict[str, object]]:
    """Start a proxy for each Janus; give what the section ``mcu`` of each node says."""
    with hpb_proxy.token_key() as key, ExitStack() as stack:
        urls = [stack.enter_context(hpb_proxy.running(each, key)).url for each in janus]
        yield {
            "type": "proxy",
            "url": " ".join(urls),
            "token_id": hpb_proxy.TOKEN_ID,
            "token_key": key.private,
        }


def _values(
    port: int, sites: Sequence[Site], nats: str, janus: str | None, keys: Keys
) -> dict[str, dict[str, object]]:
    named = {f"site{number}": site for number, site in enumerate(sites)}
    return {
        "http": {"listen": f"{HOST}:{port}"},
        "sessions": {"hashkey": keys.hash_key, "blockkey": keys.block_key},
        "clients": {"internalsecret": keys.internal_secret},
        "backend": {"backends": ", ".join(named)},
        "nats": {"url": ":loopback:" if nats == LOOPBACK_NATS else nats},
        "mcu": {"type": "janus", "url": janus} if janus else {"type": "", "url": ""},
        **{name: {"url": site.url, "secret": site.secret} for name, site in named.items()},
    }


def _configure(path: Path, *values: Mapping[str, Mapping[str, object]]) -> None:
    """Write the configuration of deploy/ with other values; only sites are sections of ours."""
    configuration = configparser.ConfigParser(interpolation=None)
    configuration.read(DEPLOY / "signaling/server.conf")
    configuration.remove_section("site")
    for sections in values:
        configuration.read_dict(sections)
    with path.open("w") as written:
        configuration.write(written)
