"""A Janus, the SFU behind the High-performance Backend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import sample

_VIDEOROOM = "janus.plugin.videoroom.jcfg"
_WEBSOCKETS = "janus.transport.websockets.jcfg"


class Janus(Server):
    """A running Janus."""

    @property
    def url(self) -> str:
        """Return its address for the High-performance Backend."""
        return f"ws://{HOST}:{self.port}"


@contextmanager
def running() -> Iterator[Janus]:
    """Start a Janus, yield it when it accepts connections, and stop it.

    Media takes ports that the system gives, on any interface: browsers need one that is not ``lo``.
    """
    port = free_port()
    with temporary_directory("janus") as directory:
        _configure(directory, port)
        command = [find_program("janus"), "--configs-folder", directory]
        janus = Janus(command, port=port, directory=directory)
        try:
            janus.start()
            yield janus
        finally:
            janus.stop()


def _configure(directory: Path, port: int) -> None:
    [libraries] = Path("/usr/lib").glob("*/janus")
    values = {
        "configs_folder": f'"{directory}"',
        "plugins_folder": f'"{libraries}/plugins"',
        "transports_folder": f'"{libraries}/transports"',
    }
    (directory / "janus.jcfg").write_text(sample("janus/janus.jcfg", values))
    (directory / _WEBSOCKETS).write_text(sample(f"janus/{_WEBSOCKETS}", {"ws_port": port}))
    (directory / _VIDEOROOM).write_text(sample(f"janus/{_VIDEOROOM}"))
