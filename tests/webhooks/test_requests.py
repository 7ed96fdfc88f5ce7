"""What one request may do: where it goes, how long it takes, and how much of the answer is kept."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from ipaddress import ip_network

import pytest

from talk_calls.exceptions import InvalidValue
from talk_calls.webhook_values import target_of
from talk_calls.webhooks import connections, requests
from talk_calls.webhooks.requests import Request, send
from tests.patience import in_time

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


def request(url: str, *, timeout: float = 2, networks=LOOPBACK) -> Request:
    return Request(url, b'{"a": 1}', {"webhook-id": "1"}, timeout, tuple(networks))


def read(client):
    """Read a request to its end, since the client hears of what it sent into a closed socket."""
    data = b""
    while not data.endswith(b"}"):
        data += client.recv(65536) or b"}"


@contextmanager
def raw_server(answer, family=socket.AF_INET, host="127.0.0.1"):
    """Serve connections with a function of the socket; yields the port."""
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()

        def serve():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    try:
                        read(client)
                        answer(client)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def names(monkeypatch, *answers):
    """Let the name server give one answer after the other, and the last one from then on."""
    left = list(answers)

    def resolve(host, port):
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(connections, "resolve", resolve)


def test_success(receiver):
    attempt = send(request(receiver.url))
    assert (attempt.status_code, attempt.is_success, attempt.error) == (204, True, "")
    headers, body, _ = receiver.arrived[0]
    assert body == b'{"a": 1}'
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["webhook-id"] == "1"
    assert "Authorization" not in headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirects(receiver, other_receiver, status):
    """A redirect is a failure: where it leads was not checked."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Location", other_receiver.url)
        handler.end_headers()

    receiver.answer = answer
    attempt = send(request(receiver.url))
    assert (attempt.status_code, attempt.is_success) == (status, False)
    assert other_receiver.arrived == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://0:{port}/",
        "http://0.0.0.0:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "https://127.0.0.1:{port}/",
    ],
)
def test_this_machine_is_refused(receiver, url):
    """In any way to write its address, with any scheme."""
    attempt = send(request(url.format(port=receiver.server_port), networks=()))
    assert attempt.status_code is None
    assert attempt.error == (
        "Refused: the address is not public, and not in WEBHOOK_PRIVATE_ADDRESSES"
    )
    assert receiver.arrived == []


def test_http_to_the_public_is_refused(monkeypatch):
    """Without TLS others on the way read what happens, and answer in place of the receiver."""
    names(monkeypatch, ["93.184.215.14"])
    attempt = send(request("http://receiver.example/"))
    assert attempt.error == "Refused: http:// is for WEBHOOK_PRIVATE_ADDRESSES only"


def test_rebinding(monkeypatch, receiver):
    """The name is resolved once: what it means later, or to others, changes nothing."""
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    monkeypatch.setattr(connections, "resolve", resolve)
    url = f"http://receiver.example:{receiver.server_port}/"
    allowed = [ip_network("127.0.0.1")]
    assert send(request(url, networks=allowed)).is_success
    assert asked == ["receiver.example"]
    assert receiver.arrived[0][0]["Host"] == f"receiver.example:{receiver.server_port}"
    # And a second request is checked anew.
    attempt = send(request(url, networks=allowed))
    assert attempt.error.startswith("Refused: ")
    assert len(receiver.arrived) == 1


def test_only_checked_addresses_are_tried(monkeypatch, receiver):
    """A name with a private address beside an allowed one leads to the allowed one only."""
    names(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    url = f"http://receiver.example:{receiver.server_port}/"
    assert send(request(url, networks=[ip_network("127.0.0.1")])).is_success


def test_the_next_address_is_tried(monkeypatch, receiver):
    """A receiver whose first address does not answer is reached by its second."""
    names(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    url = f"http://receiver.example:{receiver.server_port}/"
    assert send(request(url)).is_success


def test_ipv6():
    def answer(client):
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    try:
        with raw_server(answer, socket.AF_INET6, "::1") as port:
            assert send(request(f"http://[::1]:{port}/")).status_code == 200
            assert send(request(f"http://[::1]:{port}/", networks=())).status_code is None
    except OSError:
        pytest.skip("this machine has no IPv6")


def drip(client):
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        client.sendall(b"X")
        time.sleep(0.2)


def drip_body(client):
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        client.sendall(b"X")
        time.sleep(0.2)


def drip_informational(client):
    for _ in range(100):
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("answer", "status"),
    [(drip, None), (drip_informational, None), (drip_body, 200), (lambda c: time.sleep(5), None)],
    ids=["headers", "informational", "body", "nothing"],
)
def test_one_deadline_for_all(answer, status):
    """A byte now and then keeps no thread for longer; a status that came counts."""
    with raw_server(answer) as port:
        start = time.monotonic()
        attempt = send(request(f"http://127.0.0.1:{port}/", timeout=1))
        in_time(time.monotonic() - start, 4)
    assert attempt.status_code == status
    assert attempt.error == ("" if status else "No answer in time: 1 s")


def test_names_that_take_too_long(monkeypatch):
    monkeypatch.setattr(connections, "resolve", lambda host, port: time.sleep(3))
    start = time.monotonic()
    attempt = send(request("https://receiver.example/", timeout=0.5))
    in_time(time.monotonic() - start, 2.5)
    assert attempt.error == "No answer in time: 0.5 s"


def test_a_part_of_the_answer_is_kept():
    def answer(client):
        head = b"HTTP/1.1 400 Bad\r\nContent-Length: 5000000\r\n\r\n"
        client.sendall(head + b"a\0" + b"b" * 4_999_998)

    with raw_server(answer) as port:
        attempt = send(request(f"http://127.0.0.1:{port}/"))
    assert attempt.response == "a�" + "b" * 1022
    assert attempt.error == "HTTP 400"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe garbage\r\n\r\n",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 70000,
    ],
)
def test_answers_that_are_none(answer):
    """Whatever arrives is a failed attempt with one line that says why."""
    with raw_server(lambda client: client.sendall(answer)) as port:
        attempt = send(request(f"http://127.0.0.1:{port}/"))
    assert attempt.status_code is None
    assert attempt.error
    assert "\n" not in attempt.error


@pytest.mark.parametrize("size", [b"-1", b"-5", b"fffffffffffffffffff"])
def test_chunks_of_impossible_sizes(size):
    """The status counts, and what follows is not read without end."""
    sent = 0

    def answer(client):
        nonlocal sent
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n")
        while sent < 100_000_000:
            sent += client.send(b"x" * 100_000)

    with raw_server(answer) as port:
        attempt = send(request(f"http://127.0.0.1:{port}/", timeout=5))
    assert (attempt.status_code, attempt.error) == (200, "")
    assert sent < 50_000_000


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        attempt = send(request(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
    assert attempt.error == "ConnectionRefusedError: Connection refused"


def test_no_proxies(monkeypatch, receiver):
    """A proxy of the environment would resolve the name by itself."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(request(receiver.url)).is_success


def test_tls_has_the_name(monkeypatch, tmp_path):
    """The certificate has to be one for the name, though the connection is made to an address."""
    certificate, key = make_certificate(tmp_path, "receiver.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    seen = []
    context.sni_callback = lambda sock, name, context: seen.append(name)

    def answer(client):
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connections._tls.cache_clear()
    names(monkeypatch, ["127.0.0.1"])
    with tls_server(context, answer) as port:
        assert send(request(f"https://receiver.example:{port}/")).is_success
        assert seen == ["receiver.example"]
        attempt = send(request(f"https://other.example:{port}/"))
        assert attempt.error.startswith("The certificate is not valid: Hostname mismatch")
        monkeypatch.delenv("SSL_CERT_FILE")
        connections._tls.cache_clear()
        attempt = send(request(f"https://receiver.example:{port}/"))
        assert attempt.error.startswith("The certificate is not valid: ")
    connections._tls.cache_clear()


@contextmanager
def tls_server(context, answer):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def serve():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(client, server_side=True) as secured:
                        read(secured)
                        answer(secured)
                except OSError:
                    pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def make_certificate(directory, name):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate_file, key_file = directory / "certificate.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(pem))
    key_file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.mark.parametrize(
    "url",
    [
        "",
        "receiver.example",
        "//receiver.example/",
        "ftp://receiver.example/",
        "file:///etc/passwd",
        "gopher://receiver.example/",
        "https:///path",
        "https://user@receiver.example/",
        "https://user:password@receiver.example/",
        "https://:password@receiver.example/",
        "https://receiver.example:0/",
        "https://receiver.example:70000/",
        "https://receiver.example:x/",
        "https://receiver.example/#part",
        "https://receiver.example/a b",
        "https://receiver.example/\r\nX: y",
        "https://receiver.example\\@other.example/",
        "https://[::1/",
        "https://empfänger.example/",
    ],
)
def test_urls_that_are_refused(url):
    with pytest.raises(InvalidValue):
        target_of(url)
    assert send(request(url)).status_code is None


def test_credentials_are_not_shown():
    attempt = send(request("https://user:password@receiver.example/"))
    assert "password@" not in attempt.error
    assert attempt.error == requests.untranslated(
        "The URL may have no user and password. Webhooks are signed."
    )
