"""The ASGI application: each request in one thread that stays."""

import asyncio
import itertools
import threading
from contextlib import suppress

import pytest
from asgiref.sync import iscoroutinefunction
from asgiref.testing import ApplicationCommunicator
from django.conf.urls.i18n import i18n_patterns
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import get_script_prefix, path
from django.utils.decorators import async_only_middleware
from django.utils.deprecation import MiddlewareMixin

from talk_calls.asgi import get_asgi_application
from talk_calls.signaling import hub, wakeup
from talk_calls.signaling.waiting import Wait, may_wait

SLEEPERS = 12


def _thread(request):
    return HttpResponse(threading.current_thread().name)


_gate = threading.Event()
_served = []


def _held(request):
    """Hold the thread until the gate opens."""
    _served.append(request.get_full_path())
    assert _gate.wait(10)
    return HttpResponse("held")


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
    return HttpResponse(threading.current_thread().name)


_asleep = []


async def _sleep(request):
    _asleep.append(request)
    while len(_asleep) < SLEEPERS:
        await asyncio.sleep(0.01)
    return HttpResponse("awake")


_ended = []


async def _events():
    try:
        while True:
            yield b"tick "
            await asyncio.sleep(0.01)
    finally:
        _ended.append("tick")


def _endless(request):
    return StreamingHttpResponse(_events(), content_type="text/event-stream")


async def _endless_async(request):
    return StreamingHttpResponse(_events(), content_type="text/event-stream")


_modes = []


class Modes(MiddlewareMixin):
    """Middleware that can work in both modes, and notes in which it does."""

    def __init__(self, get_response):
        super().__init__(get_response)
        _modes.append("async" if iscoroutinefunction(get_response) else "sync")


@async_only_middleware
def _async_only(get_response):
    async def middleware(request):
        response = await get_response(request)
        response.content += b" async only"
        return response

    return middleware


def _other_urls(get_response):
    """Choose other URLs, as middleware for several tenants or hosts does."""

    def middleware(request):
        request.urlconf = OtherURLs
        return get_response(request)

    return middleware


class OtherURLs:
    """URLs of a tenant."""

    urlpatterns = [path("thread", lambda request: HttpResponse("tenant"))]


_sessions = itertools.count()


@may_wait
def _held_later(request):
    """Wait to be woken, but only when the gate is open."""
    response = _later.sync_view(request)
    _gate.wait(10)
    return response


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
    path("held-later", _held_later),
    path("thread", _thread),
    path("held", _held),
    path("prefix", _prefix),
    path("echo", _echo),
    path("stream", _stream),
    path("broken", _broken),
    path("async", _asynchronous),
    path("sleep", _sleep),
    path("endless", _endless),
    path("endless-async", _endless_async),
    *i18n_patterns(path("async", _asynchronous)),
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


def test_asynchronous_views_run_in_the_event_loop(application):
    """The host's own do not hold threads, whatever they wait for."""
    assert _ask(application, "/async") == (200, b"MainThread")


def test_asynchronous_views_below_a_language(application, settings):
    """Which view it is shows only with the language of the address."""
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
    assert _ask(application, "/de/async") == (200, b"MainThread")
    assert _ask(application, "/xx/async")[0] == 404


def test_asynchronous_views_starve_nobody(application):
    """With one thread, a dozen sleep at the same time, and others are answered meanwhile."""
    _asleep.clear()

    async def exchange():
        sleepers = [await _begin(application, "/sleep") for _ in range(SLEEPERS - 1)]
        await _until(lambda: len(_asleep) == SLEEPERS - 1)
        other = await _begin(application, "/thread")
        answers = [(await other.receive_output())["status"]]
        sleepers.append(await _begin(application, "/sleep"))
        for sleeper in sleepers:
            answers.append((await sleeper.receive_output())["status"])
            await sleeper.wait()
        return answers

    assert asyncio.run(exchange()) == [200] * (SLEEPERS + 1)


def test_middleware_is_in_the_mode_of_the_view(settings):
    """Asynchronous middleware is not made before an asynchronous view is asked for."""
    settings.MIDDLEWARE = [f"{__name__}.Modes"]
    _modes.clear()
    application = get_asgi_application(threads=1)
    _ask(application)
    assert _modes == ["sync"]
    _ask(application, "/async")
    _ask(application, "/async")
    assert _modes == ["sync", "async"]


def test_middleware_that_is_asynchronous_only(settings):
    """It works around views of both kinds, each where it belongs."""
    settings.MIDDLEWARE = [f"{__name__}._async_only"]
    application = get_asgi_application(threads=1)
    assert _ask(application) == (200, b"django_0 async only")
    assert _ask(application, "/async") == (200, b"MainThread async only")


def test_middleware_may_choose_other_urls(settings):
    """What was found before it does not count."""
    settings.MIDDLEWARE = [f"{__name__}._other_urls"]
    assert _ask(get_asgi_application(threads=1)) == (200, b"tenant")


@pytest.mark.parametrize("where", ["/endless", "/endless-async"])
def test_a_stream_ends_when_its_client_goes_away(application, where, signals):
    """Server-sent events of a view of either kind do not go on for nobody."""
    _ended.clear()

    async def exchange():
        client = await _begin(application, where)
        await client.receive_output()
        assert (await client.receive_output())["body"] == b"tick "
        await client.send_input({"type": "http.disconnect"})
        await client.wait()

    asyncio.run(exchange())
    assert _ended == ["tick"]
    assert [signal for signal, _ in signals] == ["started", "finished"]


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_django_does_not_serve(application, kind):
    """It is refused as Django's own application does, so that servers and routers go on."""

    async def exchange(application):
        client = ApplicationCommunicator(application, {"type": kind, "path": "/"})
        await client.wait()

    for each in (application, ASGIHandler()):
        with pytest.raises(ValueError, match="can only handle ASGI/HTTP connections"):
            asyncio.run(exchange(each))


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
        client = ApplicationCommunicator(application, {"type": "http", "path": "/echo"})
        await client.send_input({"type": "http.request", "body": b"h", "more_body": True})
        await client.send_input({"type": "http.disconnect"})
        await client.wait()
        return client.output_queue.empty()

    assert asyncio.run(go_away())


@pytest.mark.parametrize("how", ["disconnects", "is cancelled"])
def test_a_client_that_goes_away_before_a_thread_is_free(application, how):
    """Nothing is done for it, while a view at work is finished."""
    _gate.clear()
    _served.clear()

    async def exchange():
        at_work = await _begin(application, "/held")
        await _until(lambda: _served)
        queued = [await _begin(application, "/held") for _ in range(3)]
        last = await _begin(application, "/thread")
        await asyncio.sleep(0.05)
        for each in queued:
            if how == "disconnects":
                await each.send_input({"type": "http.disconnect"})
            else:
                each.future.cancel()
        await asyncio.sleep(0.05)
        _gate.set()
        assert (await last.receive_output())["status"] == 200
        assert (await at_work.receive_output())["status"] == 200
        assert all(each.output_queue.empty() for each in queued)

    asyncio.run(exchange())
    assert _served == ["/held"]


def test_a_client_that_goes_away_while_a_view_is_at_work(application, signals):
    """The view ends as if its client were there: it may have changed something."""
    _gate.clear()
    _served.clear()

    async def exchange():
        client = await _begin(application, "/held")
        await _until(lambda: _served)
        await client.send_input({"type": "http.disconnect"})
        await asyncio.sleep(0.05)
        assert not client.future.done()
        _gate.set()
        assert (await client.receive_output())["status"] == 200

    asyncio.run(exchange())
    assert [signal for signal, _ in signals] == ["started", "finished"]


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
        # Its view may still have been at work.
        await _until(lambda: not hub.waiting())

    asyncio.run(cancel())


@pytest.mark.usefixtures("_no_listener")
def test_a_server_that_stops_while_a_view_makes_a_request_wait(application):
    """A request that nobody will answer is not left behind by its view."""
    _gate.clear()

    async def cancel():
        client = await _begin(application, "/held-later")
        await _until(hub.waiting)
        client.future.cancel()
        with suppress(asyncio.CancelledError):
            await client.future
        assert hub.waiting()
        _gate.set()
        await _until(lambda: not hub.waiting())

    asyncio.run(cancel())


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
