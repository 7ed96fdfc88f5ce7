"""The ASGI application: each request in one thread that stays."""

import asyncio
import itertools
import threading
from contextlib import suppress

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import get_script_prefix, path

from talk_calls.asgi import get_asgi_application
from talk_calls.signaling import hub, wakeup
from talk_calls.signaling.waiting import Wait, may_wait


def _thread(request):
    return HttpResponse(threading.current_thread().name)


def _prefix(request):
    return HttpResponse(get_script_prefix())


def _echo(request):
    return HttpResponse(request.body)


def _stream(request):
    return StreamingHttpResponse(iter([b"one ", b"two"]))


def _broken(request):
    raise RuntimeError("inside")


async def _asynchronous(request):
    await asyncio.sleep(0)
    return HttpResponse("async")


_sessions = itertools.count()


@may_wait
def _later(request):
    """Wait to be woken; answer with the threads in which it was checked."""
    waiter = hub.Waiter(1, next(_sessions), 0)
    hub.add(waiter)
    checks = []

    def check():
        waiter.rearm()
        checks.append(threading.current_thread().name)
        if len(checks) < 2:
            return None
        answer = HttpResponse(f"{checks}", status=404, content_type="text/later")
        answer.set_cookie("later", "1")
        return answer

    response = HttpResponse("placeholder")
    response.waiting = Wait(waiter, check, lambda: 5)
    return response


urlpatterns = [
    path("later", _later),
    path("thread", _thread),
    path("prefix", _prefix),
    path("echo", _echo),
    path("stream", _stream),
    path("broken", _broken),
    path("async", _asynchronous),
]


@pytest.fixture(autouse=True)
def _site(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    settings.ALLOWED_HOSTS = ["talk.example"]


@pytest.fixture
def application():
    """One thread, so that a second would be seen."""
    return get_asgi_application(threads=1)


@pytest.fixture
def signals():
    """Return which of Django's two signals of a request came, and in which thread."""
    seen = []

    def started(**_):
        seen.append(("started", threading.current_thread().name))

    def finished(**_):
        seen.append(("finished", threading.current_thread().name))

    request_started.connect(started)
    request_finished.connect(finished)
    yield seen
    request_started.disconnect(started)
    request_finished.disconnect(finished)


def _ask(application, url="/thread", *, body=(b"",), method="GET", **scope):
    """Send one request with its body in pieces; return status and body of the answer."""

    async def exchange():
        client = ApplicationCommunicator(
            application,
            {
                "type": "http",
                "http_version": "1.1",
                "method": method,
                "path": url,
                "query_string": b"",
                "headers": [(b"host", b"talk.example"), (b"transfer-encoding", b"chunked")],
                **scope,
            },
        )
        for part in body[:-1]:
            await client.send_input({"type": "http.request", "body": part, "more_body": True})
        await client.send_input({"type": "http.request", "body": body[-1]})
        start = await client.receive_output()
        parts = []
        while True:
            message = await client.receive_output()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        await client.wait()
        return start["status"], b"".join(parts)

    return asyncio.run(exchange())


def test_threads_stay(application):
    """Two requests, one thread: so a database connection can stay, too."""
    first, second = _ask(application), _ask(application)
    assert first == second == (200, b"django_0")


def test_signals_are_sent_where_the_request_ran(application, signals):
    """Django closes old connections on them, which only the thread that has them can."""
    _ask(application)
    assert signals == [("started", "django_0"), ("finished", "django_0")]


def test_body_in_pieces_without_length(application):
    """A chunked body has no length, and arrives whole."""
    answer = _ask(application, "/echo", method="POST", body=(b"x" * 100_000, b"y", b"z"))
    assert answer == (200, b"x" * 100_000 + b"yz")


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_streams(application, signals):
    """A response that is made while it is sent arrives whole, and is closed after that."""
    assert _ask(application, "/stream") == (200, b"one two")
    assert [signal for signal, _ in signals] == ["started", "finished"]


def test_asynchronous_views_work(application):
    """A site may have some."""
    assert _ask(application, "/async") == (200, b"async")


def test_errors_are_answers(application):
    """A view that raises is a 500, bytes that are no text are a 400; the thread lives on."""
    assert _ask(application, "/broken")[0] == 500
    assert _ask(application, query_string=b"\xff")[0] == 400
    assert _ask(application) == (200, b"django_0")


def test_below_a_prefix(application):
    """``root_path`` of a proxy is Django's script prefix."""
    answer = _ask(application, "/below/prefix", root_path="/below")
    assert answer == (200, b"/below/")
    assert _ask(application, "/prefix") == (200, b"/")


def test_a_client_that_goes_away_gets_nothing(application):
    """It went before its request was whole."""

    async def go_away():
        client = ApplicationCommunicator(application, {"type": "http"})
        await client.send_input({"type": "http.request", "body": b"h", "more_body": True})
        await client.send_input({"type": "http.disconnect"})
        await client.wait()
        return client.output_queue.empty()

    assert asyncio.run(go_away())


# --- requests that wait ---------------------------------------------------------------------------


@pytest.fixture
def _no_listener(monkeypatch):
    """These waits depend on the test, and not on a database."""
    monkeypatch.setattr(wakeup, "listen", lambda: None)


async def _begin(application, path="/later"):
    client = ApplicationCommunicator(
        application,
        {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"talk.example")],
        },
    )
    await client.send_input({"type": "http.request", "body": b""})
    return client


async def _until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing came of it")


@pytest.mark.usefixtures("_no_listener")
@pytest.mark.parametrize("count", [1, 50])
def test_waiting_takes_no_thread(application, count):
    """With one thread, many requests wait and others are answered; a wake-up ends them all."""

    async def exchange():
        clients = [await _begin(application) for _ in range(count)]
        await _until(lambda: len(hub.waiting()) == count)
        other = await _begin(application, "/thread")
        assert (await other.receive_output())["status"] == 200
        while hub.waiting():
            hub.wake(1)
            await asyncio.sleep(0.01)
        answers = []
        for client in clients:
            start, body = await client.receive_output(), await client.receive_output()
            answers.append((start["status"], dict(start["headers"]), body["body"]))
        return answers

    for status, headers, body in asyncio.run(exchange()):
        assert (status, body) == (404, b"['django_0', 'django_0']")
        assert headers[b"Content-Type"] == b"text/later"
        assert headers[b"Content-Length"] == str(len(body)).encode()
        assert headers[b"Set-Cookie"].startswith(b"later=1")


@pytest.mark.usefixtures("_no_listener")
def test_a_client_that_goes_away_while_it_waits_is_forgotten(application):
    """Nobody checks for news on its behalf any more, and nothing is sent."""

    async def go_away():
        client = await _begin(application)
        await _until(hub.waiting)
        await client.send_input({"type": "http.disconnect"})
        await client.wait()
        return client.output_queue.empty()

    assert asyncio.run(go_away())
    assert hub.waiting() == []


@pytest.mark.usefixtures("_no_listener")
def test_a_server_that_stops_while_requests_wait(application):
    """A request that its server cancels leaves nothing behind."""

    async def cancel():
        client = await _begin(application)
        await _until(hub.waiting)
        client.future.cancel()
        with suppress(asyncio.CancelledError):
            await client.future

    asyncio.run(cancel())
    assert hub.waiting() == []


@pytest.mark.usefixtures("_no_listener")
@pytest.mark.django_db(transaction=True)
def test_under_another_server():
    """Django's own application waits as well, by the asynchronous view."""
    application = ASGIHandler()

    async def exchange():
        client = await _begin(application)
        await _until(hub.waiting)
        while hub.waiting():
            hub.wake(1)
            await asyncio.sleep(0.01)
        start, body = await client.receive_output(), await client.receive_output()
        await client.wait()
        return start["status"], len(eval(body["body"]))  # noqa: S307 -- our own answer

    assert asyncio.run(exchange()) == (404, 2)
