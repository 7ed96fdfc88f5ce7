"""An ASGI application for sites whose views are synchronous, as the ones here are.

Requests that wait (``talk_calls.signaling.waiting``) need no thread: one process holds thousands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import IO, TYPE_CHECKING, TypeAlias, TypeVar, TypeVarTuple, cast

import django
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, set_script_prefix

if TYPE_CHECKING:  # models can be imported only after `django.setup()`
    from talk_calls.signaling.waiting import Wait

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

# ASGI's types as Django declares them, which those of `asgiref.typing` do not fit.
_Scope: TypeAlias = Mapping[str, object]
_Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
_Send: TypeAlias = Callable[[Mapping[str, object]], Awaitable[None]]

#: How many requests one process answers at a time; each thread keeps a database connection.
THREADS = 8


def get_asgi_application(*, threads: int = THREADS) -> "ThreadedASGIHandler":
    """Return the site as an ASGI application, in place of ``django.core.asgi``'s.

    ``threads`` is how many requests one process answers at a time; others wait their turn.
    """
    django.setup(set_prefix=False)
    return ThreadedASGIHandler(threads)


class ThreadedASGIHandler(ASGIHandler):
    """Answers each request completely in one thread of a small pool.

    Django's own handler starts a thread for each request, and switches to it and back for each
    signal and each middleware; such a thread cannot keep a database connection.
    """

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def handle(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer one request; stop when its client disconnects."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self._in_thread(self._respond, scope, body)
            wait: Wait | None = getattr(response, "waiting", None)
            if wait is not None:
                answer = await self._until_disconnect(wait.response(self._run_sync), receive)
                if answer is None:
                    return
                # Both are complete: a request that waits has no streaming response.
                _replace_content(cast(HttpResponse, response), cast(HttpResponse, answer))
            await self.send_response(response, send)
            if response.streaming:
                await asyncio.to_thread(response.close)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view and its arguments; for a view that may wait, the synchronous one."""
        match = super().resolve_request(request)
        match.func = getattr(match.func, "sync_view", match.func)
        return match

    async def _in_thread(self, function: Callable[[*Ts], R], *args: *Ts) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, function, *args)

    async def _run_sync(self, function: Callable[[], R]) -> R:
        return await self._in_thread(_with_fresh_connections, function)

    async def _until_disconnect(
        self, answer: Coroutine[object, object, R], receive: _Receive
    ) -> R | None:
        """Return the answer, or None as soon as the client disconnects."""
        answering, disconnect = asyncio.create_task(answer), asyncio.ensure_future(receive())
        try:
            await asyncio.wait((answering, disconnect), return_when=asyncio.FIRST_COMPLETED)
            return answering.result() if answering.done() else None
        finally:
            answering.cancel()
            disconnect.cancel()

    def _respond(self, scope: _Scope, body: IO[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else cast(HttpResponseBase, refusal)
        if not response.streaming:
            # Close it in this thread, whose database connection that gives back.
            response.close()
        return response


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
    response.cookies.update(answer.cookies)
