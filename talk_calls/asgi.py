"""An ASGI application for sites whose views are synchronous, as the ones here are."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import IO, Any

import django
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.urls import set_script_prefix

#: Requests that one process answers at a time; each thread keeps a database connection.
THREADS = 8


def get_asgi_application(*, threads: int = THREADS) -> "ThreadedASGIHandler":
    """Return the site as an ASGI application, in place of ``django.core.asgi``'s.

    ``threads`` is how many requests one process answers at a time; others wait their turn.
    """
    django.setup(set_prefix=False)
    return ThreadedASGIHandler(threads)


class ThreadedASGIHandler(ASGIHandler):
    """Answers each request wholly in one of a few threads that stay.

    Django's own handler makes a thread for each request, and crosses into it and back for each
    signal and each middleware; such a thread can keep no database connection.
    """

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; a client that goes away before its end gets nothing."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await asyncio.get_running_loop().run_in_executor(
                self._threads, copy_context().run, self._respond, scope, body
            )
            await self.send_response(response, send)
            if response.streaming:
                await asyncio.to_thread(response.close)

    def _respond(self, scope: Any, body: IO[bytes]) -> Any:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        if not response.streaming:
            # Here and not later: it returns the database connection of this thread.
            response.close()
        return response
