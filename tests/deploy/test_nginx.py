"""nginx with the configuration of deploy/, in front of a site and of the HPB."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from websockets.sync.client import connect

from tests.servers import nginx as nginx_server
from tests.servers.hpb_client import HPBClient
from tests.servers.ports import HOST

pytestmark = [pytest.mark.server("nginx"), pytest.mark.server("hpb-sid")]


class EchoHeaders(BaseHTTPRequestHandler):
    """Answers with the headers of the request."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Write nothing."""


@pytest.fixture
def hpb(start_hpb, site):
    """Return an HPB for the site."""
    return start_hpb("sid", [site.site])


@pytest.fixture
def nginx(hpb) -> Iterator[nginx_server.Nginx]:
    """Return an nginx before the HPB and a site that tells what nginx sends to it."""
    django = ThreadingHTTPServer((HOST, 0), EchoHeaders)
    thread = Thread(target=django.serve_forever, args=(0.05,))
    thread.start()
    with nginx_server.running(django=django.server_port, signaling=hpb.port) as nginx:
        yield nginx
    django.shutdown()
    thread.join()
    django.server_close()


def get(nginx, path, **headers):
    """Return status and body of the answer."""
    connection = HTTPSConnection(nginx.authority, context=nginx.trust, timeout=10)
    connection.request("GET", path, headers={"Host": nginx_server.NAME} | headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_headers_of_clients(nginx):
    """A client cannot make up an address, nor HTTPS."""
    lies = {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1", "X-Forwarded-Proto": "http"}
    status, body = get(nginx, "/ocs/v2.php/cloud/capabilities", **lies)
    sent = json.loads(body)
    assert status == 200
    assert {key: sent[key] for key in ("Host", *lies)} == {
        "Host": nginx_server.NAME,
        "X-Forwarded-For": HOST,
        "X-Real-IP": HOST,
        "X-Forwarded-Proto": "https",
    }


def test_websocket(nginx, site):
    """A client reaches the HPB through it."""
    url = f"wss://{nginx_server.NAME}/standalone-signaling/spreed"
    link = socket.create_connection((HOST, nginx.port))
    with connect(url, sock=link, ssl=nginx.trust) as connection:
        answer = HPBClient(connection).hello_v1(site.url, user_id="anna", ticket="ticket")
    assert answer["type"] == "hello"


@pytest.mark.parametrize(
    ("path", "status"),
    [("api/v1/welcome", 200), ("api/v1/stats", 404), ("metrics", 404), ("", 404)],
)
def test_what_is_passed_on(nginx, path, status):
    """The site asks for the version; statistics are for nobody outside."""
    assert get(nginx, f"/standalone-signaling/{path}")[0] == status


def test_telling_through_it(nginx, site, hpb):
    """What the site tells the HPB goes through it, too: the signature fits."""
    path = "/standalone-signaling/api/v1/room/conversation"
    body, headers = site.signed("message", data={"chat": {"refresh": True}})
    connection = HTTPSConnection(nginx.authority, context=nginx.trust, timeout=10)
    connection.request("POST", path, body, headers | {"Host": nginx_server.NAME})
    assert connection.getresponse().status == 200
    connection.close()
