"""The proxy of the High-performance Backend, which lets all nodes of a cluster use one Janus."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import sample

#: The name of the key in the configuration.
TOKEN_ID = "cluster"


@dataclass(frozen=True)
class TokenKey:
    """The key by which proxies know the nodes of their cluster: two files."""

    private: Path
    public: Path


class Proxy(Server):
    """A running proxy."""

    @property
    def url(self) -> str:
        """Return its address for the nodes."""
        return f"http://{HOST}:{self.port}"


@contextmanager
def token_key() -> Iterator[TokenKey]:
    """Make a key, and delete it after the block."""
    with temporary_directory("hpb-key") as directory:
        key = TokenKey(directory / "cluster.key", directory / "cluster.pub")
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = serialization.Encoding.PEM
        key.private.write_bytes(
            private.private_bytes(
                pem,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        public_format = serialization.PublicFormat.SubjectPublicKeyInfo
        key.public.write_bytes(private.public_key().public_bytes(pem, public_format))
        yield key


@contextmanager
def running(janus_url: str, key: TokenKey) -> Iterator[Proxy]:
    """Start a proxy, yield it when it accepts connections, and stop it."""
    port = free_port()
    with temporary_directory("hpb-proxy") as directory:
        values = {"listen": f"{HOST}:{port}", TOKEN_ID: key.public, "url": janus_url}
        configuration = directory / "proxy.conf"
        configuration.write_text(sample("signaling/proxy.conf", values))
        command = [find_program("hpb-proxy"), "-config", configuration]
        proxy = Proxy(command, port=port, directory=directory)
        try:
            proxy.start()
            yield proxy
        finally:
            proxy.stop()
