"""Serve the suite's site on a socket that listens already.

usage: python -m tests.signaling.live SERVER SOCKET

SERVER is "ours" (talk_calls.asgi), "django" (its own ASGI handler) or "wsgi" (with threads).
"""

import os
import socket
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django


def main(kind: str, listener: socket.socket) -> None:
    django.setup()
    from talk_calls.signaling import wakeup

    wakeup.QUERY_INTERVAL = float(os.environ["LIVE_QUERY_INTERVAL"])
    if kind == "wsgi":
        _serve_wsgi(listener)
    else:
        _serve_asgi(kind, listener)


def _serve_asgi(kind: str, listener: socket.socket) -> None:
    import uvicorn
    from django.core.asgi import get_asgi_application as of_django

    from talk_calls.asgi import get_asgi_application as ours

    application = ours() if kind == "ours" else of_django()
    config = uvicorn.Config(
        application, ws="none", lifespan="off", log_level="warning", access_log=False
    )
    uvicorn.Server(config).run(sockets=[listener])


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


def _serve_wsgi(listener: socket.socket) -> None:
    from django.core.wsgi import get_wsgi_application

    server = _Server(listener.getsockname(), _Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = "localhost", listener.getsockname()[1]
    server.setup_environ()
    server.set_app(get_wsgi_application())
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
