"""A coturn, which relays media of devices that cannot reach each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import sample

SECRET = "a secret of the test's own"


class Coturn(Server):
    """A running coturn."""

    secret = SECRET

    @property
    def address(self) -> str:
        """Return host and port, as TURN_SERVERS wants them."""
        return f"{HOST}:{self.port}"


@contextmanager
def running() -> Iterator[Coturn]:
    """Start a coturn on the loopback interface, yield it when it listens, and stop it."""
    port = free_port()
    with temporary_directory("coturn") as directory:
        values = {
            "listening-ip": HOST,
            "relay-ip": HOST,
            "listening-port": port,
            "static-auth-secret": SECRET,
            "userdb": directory / "db",
            "pidfile": directory / "pid",
        }
        # Peers of tests are on this machine.
        more = "allow-loopback-peers\nallowed-peer-ip=0.0.0.0-255.255.255.255\n"
        configuration = directory / "turnserver.conf"
        configuration.write_text(sample("coturn/turnserver.conf", values, more=more))
        command = [find_program("coturn"), "-c", configuration]
        coturn = Coturn(command, port=port, directory=directory)
        try:
            coturn.start()
            yield coturn
        finally:
            coturn.stop()
