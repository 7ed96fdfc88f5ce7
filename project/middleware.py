"""Middleware of the demo site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_only_middleware

Handler = Callable[[HttpRequest], HttpResponse]


@sync_only_middleware
def one_thread(get_response: Handler) -> Handler:
    """Keep the middleware around it in one thread.

    Under ASGI Django runs each of its middleware's two halves in a thread of its own making,
    there and back. With one that can only be synchronous at the end of the list, it crosses once.
    """
    return get_response
