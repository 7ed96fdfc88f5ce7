"""What the suite's site serves, and a look inside the process that serves it."""

import threading
from typing import Any
from weakref import WeakSet

from django.db.backends.signals import connection_created
from django.http import HttpRequest, JsonResponse
from django.urls import path

from talk_calls.signaling import hub, wakeup
from tests.urls import urlpatterns as site

_seen = {"statements": 0}
_connections: "WeakSet[Any]" = WeakSet()


def _count(execute: Any, *args: Any) -> Any:
    _seen["statements"] += 1
    return execute(*args)


def _watch(connection: Any, **kwargs: Any) -> None:
    _connections.add(connection)
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


connection_created.connect(_watch)


def _inside(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "waiting": len(hub.waiting()),
            "receiving": wakeup.is_receiving(),
            **_seen,
            "connections": sum(each.connection is not None for each in list(_connections)),
            "threads": threading.active_count(),
        }
    )


def _cart(request: HttpRequest) -> JsonResponse:
    """Do what other pages of a site do with a session: put something into it, or read it."""
    if thing := request.GET.get("add"):
        request.session["cart"] = [*request.session.get("cart", []), thing]
    return JsonResponse({"ocs": {"data": request.session.get("cart", [])}})


urlpatterns = [*site, path("inside", _inside), path("cart", _cart)]
