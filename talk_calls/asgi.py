"""An ASGI application that answers synchronous views, as the ones here are, in threads that stay.

Requests that wait (``talk_calls.signaling.waiting``) need no thread: one process holds thousands.
Asynchronous views of the site run in the event loop, as under Django's own application.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeVar, TypeVarTuple, cast

import django
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, get_resolver, set_script_prefix
from django.utils.translation import get_language, get_language_from_path, override

if TYPE_CHECKING:  # models can be imported only after `django.setup()`
    from talk_calls.signaling.waiting import Wait

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

# ASGI's types as Django declares them, which those of `asgiref.typing` do not fit.
_Scope: TypeAlias = dict[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
_Send: TypeAlias = Callable[[Mapping[str, object]], Awaitable[None]]

#: How many requests one process answers at a time; each thread keeps a database connection.
THREADS = 8


def get_asgi_application(*, threads: int = THREADS) -> "ThreadedASGIHandler":
    """Return the site as an ASGI application, in place of ``django.core.asgi``'s.

    ``threads`` is how many requests for synchronous views one process answers at a time; others
    wait their turn.
    """
    django.setup(set_prefix=False)
    return ThreadedASGIHandler(threads)


@dataclass(frozen=True, slots=True)
class _Found:
    """The view of a request, as far as it is known before any middleware."""

    match: ResolverMatch
    path: str
    language: str | None

    def is_for(self, request: HttpRequest) -> bool:
        """Tell whether no middleware has chosen other URLs, another path or another language."""
        if hasattr(request, "urlconf") or request.path_info != self.path:
            return False
        return get_language() == self.language


class ThreadedASGIHandler(ASGIHandler):
    """Answers each request for a synchronous view completely in one thread of a small pool.

    Django's own handler starts a thread for each request, and switches to it and back for each
    signal and each middleware; such a thread cannot keep a database connection. An asynchronous
    view would hold a thread for as long as it sleeps, so requests for these go to Django's handler.
    """

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    @cached_property
    def _asynchronous(self) -> ASGIHandler:
        """Django's own handler, with its middleware in asynchronous mode.

        It is made when the first asynchronous view is asked for: most sites have none, and
        middleware may do a lot when it is made.
        """
        return ASGIHandler()

    async def handle(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer one request; stop when its client disconnects, unless a view is at work for it."""
        scope = _with_prefix(scope)
        found = _find_view(scope)
        if found is not None and _is_asynchronous(found.match.func):
            await self._asynchronous.handle(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            response = await self._in_thread_for(receive, self._respond, scope, body, found)
            if response is None:
                return
            wait: Wait | None = getattr(response, "waiting", None)
            if wait is not None:
                answer = await _until_disconnect(wait.response(self._run_sync), receive)
                if answer is None:
                    return
                # Both are complete: a request that waits has no streaming response.
                _replace_content(cast(HttpResponse, response), cast(HttpResponse, answer))
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view and its arguments; for a view that may wait, the synchronous one."""
        found: _Found | None = getattr(request, "talk_calls_found", None)
        if found is not None and found.is_for(request):  # spares a second look through all URLs
            match = request.resolver_match = found.match
        else:
            match = super().resolve_request(request)
        match.func = _synchronous(match.func)
        return match

    async def _in_thread_for(
        self, receive: _Receive, function: Callable[[*Ts], R], *args: *Ts
    ) -> R | None:
        """Call a function in a thread; or return None if the client is gone before one is free.

        Clients that ask and go away, again and again, would otherwise keep the threads busy for
        nobody, long after the last of them.
        """
        context = copy_context()
        job = self._threads.submit(lambda: context.run(function, *args))
        answering, disconnect = asyncio.wrap_future(job), asyncio.ensure_future(receive())
        try:
            await asyncio.wait((answering, disconnect), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and job.cancel():
                return None
            return await answering
        except asyncio.CancelledError:  # by the server, which stops
            if not job.cancel():
                job.add_done_callback(_forget_wait)
            raise
        finally:
            disconnect.cancel()

    async def _in_thread(self, function: Callable[[*Ts], R], *args: *Ts) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, function, *args)

    async def _run_sync(self, function: Callable[[], R]) -> R:
        return await self._in_thread(_with_fresh_connections, function)

    async def _stream(self, response: HttpResponseBase, receive: _Receive, send: _Send) -> None:
        """Send a response that is made meanwhile, and end it when its client disconnects."""
        try:
            await _until_disconnect(self.send_response(response, send), receive)
        finally:
            # In the thread in which Django consumes a synchronous iterator.
            await sync_to_async(response.close)()

    def _respond(self, scope: _Scope, body: IO[bytes], found: _Found | None) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            response = cast(HttpResponseBase, refusal)
        else:
            request.talk_calls_found = found  # type: ignore[attr-defined]
            response = self.get_response(request)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size  # as Django's handler does
        if not response.streaming:
            # Close it in this thread, whose database connection that gives back.
            response.close()
        return response


def _with_prefix(scope: _Scope) -> _Scope:
    """Return the scope with the path below which the site is served in its path.

    ASGI wants it there and Django relies on it, but proxies take it away and some servers do not
    put it back. Django would then redirect to a path without it.
    """
    prefix, path = get_script_prefix(scope).rstrip("/"), scope["path"]
    if path == prefix or path.startswith(f"{prefix}/"):
        return scope
    return {**scope, "path": prefix + path}


def _find_view(scope: _Scope) -> _Found | None:
    """Return the view of a request, or None if it depends on a middleware or there is none."""
    path: str = scope["path"].removeprefix(get_script_prefix(scope))
    if found := _look_up(path):
        return found
    # Perhaps below `i18n_patterns`, where a middleware takes the language from the path.
    language = get_language_from_path(path)
    if language is None:
        return None
    with override(language):
        return _look_up(path)


def _look_up(path: str) -> _Found | None:
    try:
        return _Found(get_resolver().resolve(path), path, get_language())
    except Exception:  # noqa: BLE001 -- 404, or the site's URLs are broken: Django will report it
        return None


def _synchronous(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the view that runs in a thread: for one that may wait, what it is made from."""
    return getattr(view, "sync_view", view)


def _is_asynchronous(view: Callable[..., Any]) -> bool:
    return bool(iscoroutinefunction(_synchronous(view)))


async def _until_disconnect(answer: Coroutine[object, object, R], receive: _Receive) -> R | None:
    """Return the answer, or None as soon as the client disconnects."""
    answering, disconnect = asyncio.create_task(answer), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((answering, disconnect), return_when=asyncio.FIRST_COMPLETED)
        return answering.result() if answering.done() else None
    finally:
        answering.cancel()
        disconnect.cancel()
        # Let it clean up, before what it used is closed.
        await asyncio.wait((answering,))


def _forget_wait(job: Future[Any]) -> None:
    """Forget what a response waits for, if nobody will ask for it."""
    if job.exception() is None and (wait := getattr(job.result(), "waiting", None)):
        wait.forget()


def _with_fresh_connections(function: Callable[[], R]) -> R:
    """Call a function with the database connections checked before and after, as for a request."""
    close_old_connections()
    try:
        return function()
    finally:
        close_old_connections()


def _replace_content(response: HttpResponse, answer: HttpResponse) -> None:
    """Give a placeholder, which went through all middlewares, the real response's content."""
    for name, value in answer.items():
        response[name] = value
    response.status_code = answer.status_code
    response.content = answer.content
    response["Content-Length"] = str(len(answer.content))
    if answer.status_code == HTTPStatus.NOT_MODIFIED:  # it has no content, not even an empty one
        del response["Content-Length"], response["Content-Type"]
    response.cookies.update(answer.cookies)
