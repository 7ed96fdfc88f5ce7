"""An nginx with the configuration of deploy/, which ends TLS with a certificate of its own."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ports import HOST, free_port
from tests.servers.processes import Server, temporary_directory
from tests.servers.programs import find_program
from tests.servers.samples import sample_with_parts

NAME = "talk.example"

_MAIN = """
daemon off;
pid {directory}/pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {directory};
    proxy_temp_path {directory};
    fastcgi_temp_path {directory};
    uwsgi_temp_path {directory};
    scgi_temp_path {directory};
    include {directory}/talk.conf;
}}
"""


class Nginx(Server):
    """A running nginx."""

    @property
    def authority(self) -> str:
        """Return host and port."""
        return f"{HOST}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """Return a context that takes its certificate, and no other."""
        context = ssl.create_default_context(cafile=self.directory / "fullchain.pem")
        context.check_hostname = False
        return context


@contextmanager
def running(*, django: int, signaling: int) -> Iterator[Nginx]:
    """Start an nginx before servers on two ports, yield it when it listens, and stop it."""
    port = free_port()
    with temporary_directory("nginx") as directory:
        _make_certificate(directory)
        parts = {
            "listen 80;": f"listen {HOST}:{free_port()};",
            "listen 443 ssl": f"listen {HOST}:{port} ssl",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "127.0.0.1:8000": f"{HOST}:{django}",
            "127.0.0.1:8080": f"{HOST}:{signaling}",
            "/etc/ssl/talk": str(directory),
            "/srv/talk/static": str(directory),
        }
        (directory / "talk.conf").write_text(sample_with_parts("nginx/talk.conf", parts))
        configuration = directory / "nginx.conf"
        configuration.write_text(_MAIN.format(directory=directory))
        nginx = Nginx([find_program("nginx"), "-c", configuration], port=port, directory=directory)
        try:
            nginx.start()
            yield nginx
        finally:
            nginx.stop()


def _make_certificate(directory: Path) -> None:
    key, certificate = directory / "privkey.pem", directory / "fullchain.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    about = (
        "-nodes",
        "-days",
        "1",
        "-subj",
        f"/CN={NAME}",
        "-addext",
        f"subjectAltName=DNS:{NAME}",
    )
    subprocess.run(
        ["openssl", "req", "-x509", *curve, *about, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
