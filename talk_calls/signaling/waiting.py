"""Answers that come later: how a view lets its request wait without holding anything.

A view returns a response with a ``Wait`` under the name ``waiting``. Whoever serves it asks the
wait for the real one: our ASGI application without any thread, and ``may_wait`` for all others.
While a request waits it holds neither a database connection nor, under our application, a thread.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from talk_calls.signaling import hub, wakeup

logger = logging.getLogger(__name__)

#: Runs a function that may ask the database, wherever the server lets such functions run.
Hop = Callable[[Callable[[], HttpResponseBase | None]], Awaitable[HttpResponseBase | None]]


@dataclass(slots=True)
class Wait:
    """What a request waits for.

    ``look`` returns the answer, or None if there is still nothing to say; it is asked whenever
    there may be, and after ``seconds()``, which counts down, in any case.
    """

    waiter: hub.Waiter
    look: Callable[[], HttpResponseBase | None]
    seconds: Callable[[], float]

    async def answer(self, hop: Hop) -> HttpResponseBase:
        """Wait, and return the answer."""
        wakeup.listen()
        try:
            while True:
                await self._news()
                if (response := await hop(self.look)) is not None:
                    return response
        finally:
            hub.remove(self.waiter)

    async def _news(self) -> None:
        # `wait` and not `wait_for`: a time that is over is no error here.
        news = asyncio.wrap_future(self.waiter.news)
        await asyncio.wait([news], timeout=max(0.0, self.seconds()))


def may_wait(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Make a view asynchronous, so that its responses may wait under any server.

    Under WSGI that holds a worker for as long. Our own ASGI application calls the view itself,
    which it finds under the name ``at_once``, and waits outside.
    """

    @functools.wraps(view)
    async def waiting_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = await sync_to_async(view)(request, *args, **kwargs)
        wait = getattr(response, "waiting", None)
        if wait is None:
            return response
        if isinstance(request, WSGIRequest):
            _warn_of_wsgi()
        await sync_to_async(_let_go)()
        return await wait.answer(_hop)

    waiting_view.at_once = view  # type: ignore[attr-defined]
    # A wait inside a transaction would hold it; what a poll does are single statements.
    for alias in connections:
        transaction.non_atomic_requests(using=alias)(waiting_view)
    return waiting_view


async def _hop(function: Callable[[], HttpResponseBase | None]) -> HttpResponseBase | None:
    response: HttpResponseBase | None = await sync_to_async(_and_let_go)(function)
    return response


def _and_let_go(function: Callable[[], Any]) -> Any:
    try:
        return function()
    finally:
        _let_go()


def _let_go() -> None:
    """Give the database connections of this thread back, but not somebody else's transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


@functools.cache
def _warn_of_wsgi() -> None:
    logger.warning("Polls hold a worker each while the site is served by WSGI (talk_calls.W002)")
