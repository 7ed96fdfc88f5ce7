"""The suite's site as an ASGI application that measures, for servers with several workers."""

from talk_calls.asgi import get_asgi_application

application = get_asgi_application()
