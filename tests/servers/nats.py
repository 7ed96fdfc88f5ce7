"""A NATS server, which carries messages between the nodes of the High-performance Backend."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import sample


class Nats(Server):
    """A running NATS server."""

    @property
    def url(self) -> str:
        """Return its address for the High-performance Backend."""
        return f"nats://{HOST}:{self.port}"


@contextmanager
def running() -> Iterator[Nats]:
    """Start a NATS server, yield it when it accepts connections, and stop it."""
    port = free_port()
    with temporary_directory("nats") as directory:
        configuration = directory / "nats-server.conf"
        configuration.write_text(sample("nats/nats-server.conf", {"port": port}))
        command = [find_program("nats"), "-c", configuration]
        nats = Nats(command, port=port, directory=directory)
        try:
            nats.start()
            yield nats
        finally:
            nats.stop()
