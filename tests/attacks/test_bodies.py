"""Bodies as long as they may be, and longer: they cost little, and none is a 500."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from talk_calls import urls
from talk_calls.api.operations import operation_of
from talk_calls.asgi import get_asgi_application
from talk_calls.signaling import poll
from tests.architecture.test_routes import EACH, EACH_LINE, Endpoint, routes
from tests.attacks.bodies import BOUND, json_bodies, messages
from tests.attacks.cpu import allowed
from tests.factories import ConversationFactory
from tests.people import Person, arrive

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
JSON = "application/json"
TYPES = [FORM, MULTIPART, JSON, "text/plain", ""]

#: Seconds of CPU that the worst request may take, on this machine.
MOST_CPU = allowed(0.05)

#: A request is measured again if it took longer: the machine may have been busy.
TRIES = 10


def fields(endpoint: Endpoint, version: str) -> list[str]:
    """Return the parameters of a route in a version; one route has two that any may get."""
    [view] = [
        pattern.callback
        for namespace, _, pattern in routes(urls.urlpatterns)
        if namespace == version
        and pattern.name == endpoint.route
        and endpoint.method in pattern.callback.actions
    ]
    form = operation_of(view.cls, view.actions[endpoint.method]).form_of(version)
    names = list(form().fields) if form else []
    return [*names, *(("format", "unknown") if endpoint.route == "room-list" else ())]


def bodies(endpoint: Endpoint, version: str, session: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield the largest bodies of a route: what they are, their type, and the bytes."""
    valid = {name: str(value) for name, value in (endpoint.data or {}).items()}
    for name in fields(endpoint, version):
        others = "".join(f'"{key}":"{value}",' for key, value in valid.items() if key != name)
        made = list(json_bodies(name)) + (
            list(messages(name, session)) if name == "messages" else []
        )
        for kind, body in made:
            whole = b"{" + others.encode() + body[1:]
            yield f"{name}: {kind}", JSON, whole if len(whole) <= BOUND else body
        yield f"{name}: form", FORM, f"{name}=".encode() + b"%41" * ((BOUND - 20) // 3)
        yield f"{name}: form list", FORM, (f"{name}[]=1&" * 999).encode()
    yield "fields", FORM, b"&".join([b"a"] * (BOUND // 2))
    yield "999 fields", FORM, b"&".join(b"%d=" % number + b"x" * 250 for number in range(999))
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    yield "parts", MULTIPART, part * (BOUND // len(part) - 1) + b"--b--\r\n"
    yield "100 parts", MULTIPART, part * 100 + b"--b--\r\n"
    file = part.replace(b'"a"', b'"a"; filename="a"')
    yield "99 files", MULTIPART, file * 99 + b"--b--\r\n"
    yield "header", MULTIPART, b"--b\r\n" + b"X: " + b"x" * (BOUND - 50) + b"\r\n\r\n"
    yield "boundaries", MULTIPART, b"\r\n--b" * (BOUND // 5)


def ask(
    person: Person, endpoint: Endpoint, body: bytes, content_type: str, **headers: str
) -> HttpResponse:
    """Send a body to a route as one person, and undo what it changes."""
    device = person.device
    path = endpoint.path.format(token=person.conversation.token)
    service = device.service.format(version=device.version)
    with transaction.atomic():
        response = device.browser.generic(
            endpoint.method.upper(),
            f"/ocs/v2.php/{service}/{path}",
            body,
            content_type,
            headers={**device._headers(None), "Accept": "application/json", **headers},
        )
        transaction.set_rollback(True)
    return response


def measured(*args: Any) -> tuple[float, HttpResponse]:
    """Return the seconds of CPU of a request, in the best of a few tries, and its answer."""
    best = float("inf")
    for _ in range(TRIES):
        start = time.process_time()
        response = ask(*args)
        best = min(best, time.process_time() - start)
        if best <= MOST_CPU:
            break
    return best, response


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=0.01))


@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_largest_bodies_cost_little(endpoint):
    """No body that is not refused for its size costs more CPU than allowed, and none is a 500."""
    version = endpoint.versions[-1]  # whose forms have all that the others have
    person = arrive("owner", ConversationFactory(), version=version)
    ask(person, endpoint, b"", FORM)  # what is made once per process costs nobody again
    costs = {}
    for kind, content_type, body in bodies(endpoint, version, person.session.session_id):
        assert len(body) <= BOUND, kind
        costs[kind], response = measured(person, endpoint, body, content_type)
        assert response.status_code < 500, (kind, response.content[:200])
        assert response.status_code != 413, kind
        assert len(response.content) < 50_000, kind
    worst = max(costs, key=lambda kind: costs[kind])
    sys.stdout.write(f"{costs[worst] * 1000:.1f} ms of CPU: {worst}\n")  # pytest -rP shows it
    assert costs[worst] <= MOST_CPU, (worst, costs[worst])


@pytest.mark.parametrize(("version", "endpoint"), EACH)
def test_longer_bodies_are_not_parsed(version, endpoint, monkeypatch):
    """One byte more than allowed is 413 in the envelope, before parsing, on every route."""
    person = arrive("owner", ConversationFactory(), version=version)
    monkeypatch.setattr(Request, "_parse", _parsed)
    for content_type in TYPES:
        response = ask(person, endpoint, b" " * (BOUND + 1), content_type)
        _assert_too_large(response.status_code, response.content)


def test_the_bound_is_a_setting(settings):
    """A site may bound bodies more, or less."""
    endpoint = next(each.values[1] for each in EACH if each.values[1].route == "room-list")
    person = arrive("owner", ConversationFactory())
    settings.TALK_CALLS = {"MAX_BODY": 100}
    assert ask(person, endpoint, b" " * 101, JSON).status_code == 413
    assert ask(person, endpoint, b" " * 100, JSON).status_code == 200
    settings.TALK_CALLS = {"MAX_BODY": BOUND + 1}
    assert ask(person, endpoint, b" " * (BOUND + 1), JSON).status_code == 200


@pytest.mark.parametrize("path", ["apps/spreed/api/v4/room", "apps/spreed/api/v9/none", "nothing"])
@pytest.mark.parametrize("extra", [1, 10_000_000])
def test_chunked_bodies_are_bounded(path, extra):
    """A body that does not say its length is read no further than to the bound."""
    left = [b"x" * 65536] * ((BOUND + extra) // 65536) + [b"x" * (extra % 65536)]
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, object]:
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(message: Mapping[str, object]) -> None:
        sent.append(message)

    headers = {
        "host": "testserver",
        "ocs-apirequest": "true",
        "accept": "application/json",
        "content-type": JSON,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/ocs/v2.php/{path}",
        "query_string": b"format=json",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(get_asgi_application()(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    _assert_too_large(sent[0]["status"], body)


def test_length_that_is_a_lie():
    """A body that is longer than it says ends where it says."""
    person = arrive("owner", ConversationFactory())
    response = person.device.browser.generic(
        "POST",
        f"/ocs/v2.php/apps/spreed/api/v3/signaling/{person.conversation.token}",
        b'{"messages":[]}' + b" " * BOUND,
        JSON,
        headers=person.device._headers(None),
        CONTENT_LENGTH="15",
    )
    assert response.status_code == 200


def _parsed(*args: object, **kwargs: object) -> None:
    pytest.fail("The body was parsed.")


def _assert_too_large(status: int, content: bytes) -> None:
    meta = {"status": "failure", "statuscode": 413, "message": "The body is too large."}
    assert (status, json.loads(content)) == (413, {"ocs": {"meta": meta, "data": []}})
