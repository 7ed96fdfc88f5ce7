"""Responses that come later: how a view lets its request wait without holding anything.

A view returns a placeholder response with a ``Wait`` in its attribute ``waiting``. The caller of
the view asks the wait for the real response: our ASGI application (``talk_calls.asgi``) does so
without a thread, and the decorator ``may_wait`` does so under any other server. While a request
waits it holds no database connection and, under our application, no thread.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from talk_calls.signaling import hub, wakeup

R = TypeVar("R")

logger = logging.getLogger(__name__)

#: Runs a synchronous function, which may query the database, in a thread of the server's choice.
RunSync = Callable[[Callable[[], HttpResponseBase | None]], Awaitable[HttpResponseBase | None]]


@dataclass(slots=True)
class Wait:
    """What a request waits for.

    ``check`` returns the response, or None to wait on. It is called whenever ``waiter`` is woken,
    and at the latest when ``remaining()``, in seconds, has passed.
    """

    waiter: hub.Waiter
    check: Callable[[], HttpResponseBase | None]
    remaining: Callable[[], float]

    async def response(self, run_sync: RunSync) -> HttpResponseBase:
        """Wait for the response and return it."""
        wakeup.listen()
        try:
            while True:
                await self._sleep()
                if (response := await run_sync(self.check)) is not None:
                    return response
        finally:
            self.forget()

    def forget(self) -> None:
        """Wake the request no more; its caller does so if it never asks for the response."""
        hub.remove(self.waiter)

    async def _sleep(self) -> None:
        # `wait` and not `wait_for`: a timeout is no error here.
        woken = asyncio.wrap_future(self.waiter.woken)
        await asyncio.wait([woken], timeout=max(0.0, self.remaining()))


def may_wait(view: Callable[..., HttpResponseBase]) -> Callable[..., Awaitable[HttpResponseBase]]:
    """Make a view asynchronous, so that its responses may wait under any server.

    Under WSGI that holds a worker for as long. Our own ASGI application calls ``view`` itself,
    which it finds in the attribute ``sync_view``, and waits outside of it.
    """

    @functools.wraps(view)
    async def waiting_view(
        request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        response = await sync_to_async(view)(request, *args, **kwargs)
        wait: Wait | None = getattr(response, "waiting", None)
        if wait is None:
            return response
        if isinstance(request, WSGIRequest):
            _warn_of_wsgi()
        await sync_to_async(_close_connections)()
        return await wait.response(_run_sync)

    waiting_view.sync_view = view  # type: ignore[attr-defined]
    # A wait inside a transaction would hold it; what a poll does are single statements.
    for alias in connections:
        transaction.non_atomic_requests(using=alias)(waiting_view)
    return waiting_view


async def _run_sync(function: Callable[[], HttpResponseBase | None]) -> HttpResponseBase | None:
    return await sync_to_async(_call_and_close)(function)


def _call_and_close(function: Callable[[], R]) -> R:
    try:
        return function()
    finally:
        _close_connections()


def _close_connections() -> None:
    """Close the database connections of this thread, unless somebody's transaction is open."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


@functools.cache
def _warn_of_wsgi() -> None:
    logger.warning("Polls hold a worker each while the site is served by WSGI (talk_calls.W002)")
