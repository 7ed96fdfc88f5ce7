"""Serve the site on a port: ``python -m tests.sub_path KIND PORT``."""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import uvicorn
from django.core.asgi import get_asgi_application as djangos_application
from django.core.wsgi import get_wsgi_application

from talk_calls.asgi import get_asgi_application
from tests.sub_path.kinds import PREFIX, Kind


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def main(name: str, port: int) -> None:
    kind = Kind[name]
    if kind.is_wsgi:
        _serve_wsgi(kind, port)
        return
    application = djangos_application() if kind is Kind.DJANGO else get_asgi_application()
    root_path = "" if kind.is_forced else PREFIX
    uvicorn.run(application, port=port, root_path=root_path, log_level="warning", access_log=False)


def _serve_wsgi(kind: Kind, port: int) -> None:
    application = get_wsgi_application()

    def below(environ, start_response):
        if not kind.is_forced:
            environ["SCRIPT_NAME"] = PREFIX
        return application(environ, start_response)

    make_server("127.0.0.1", port, below, handler_class=_Quiet).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
