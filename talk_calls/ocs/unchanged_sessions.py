"""Keeping Django from saving a session that a view of ours did not change.

With ``SESSION_SAVE_EVERY_REQUEST`` Django's middleware saves whatever a request has loaded. A poll
loads its session up to 25 seconds before its answer passes the middleware, and would then overwrite
what other requests of the browser have stored meanwhile. So here the session only lives longer, as
that setting promises, and its data stays as it is.
"""

import functools
import os
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.cache import SessionStore as CacheStore
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.core.cache import caches
from django.db import router
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def leaves_session_unchanged(view: V) -> V:
    """Apply ``leave_unchanged`` to what a view function returns."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        leave_unchanged(request, response)
        return response

    return wrapper  # type: ignore[return-value]


def leave_unchanged(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let Django's middleware pass by the session unless somebody changed it or changes it later.

    To be called when the view is done. A session that was read lives longer; what is public reads
    none, and its answers stay free of cookies. An empty session is left to the middleware, which
    deletes its cookie.
    """
    session = getattr(request, "session", None)
    if session is None or not settings.SESSION_SAVE_EVERY_REQUEST or session.modified:
        return
    if getattr(session, "accessed", True):
        patch_vary_headers(response, ["Cookie"])
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and _prolong(session):
            _set_cookie(response, session)
    if session.is_empty():
        return
    if not isinstance(session, _PassedBy):
        session.__class__ = _passed_by(type(session))  # type: ignore[arg-type] # classes are


def prolong(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the session live for its whole age from now on, and its cookie as well.

    Its data stays as it is in the store. A store that cannot do so (``can_prolong``) is written by
    Django's middleware; then the request must not have waited since it loaded the session.
    """
    session = request.session
    if not can_prolong(session):
        session.modified = True
    elif not session.modified and _prolong(session):
        _set_cookie(response, session)


def can_prolong(session: SessionBase) -> bool:
    """Tell whether the store can have a session live longer without writing its data."""
    return isinstance(session, DatabaseStore | CacheStore | FileStore)


class _PassedBy:
    """A session that Django's middleware takes for none, as long as nobody changes it.

    That middleware reads ``accessed`` first, and does nothing if there is no such attribute. Other
    middleware of the site can still read the session and change it.
    """

    modified: bool

    @property
    def accessed(self) -> bool:
        if not self.modified:
            raise AttributeError("accessed")
        return True

    @accessed.setter
    def accessed(self, value: bool) -> None:
        """Reading makes no difference any more."""


@functools.cache
def _passed_by(store: type[SessionBase]) -> type[SessionBase]:
    """Return the class of such sessions in ``store``; data is salted by the name of the class."""
    return type(store.__name__, (_PassedBy, store), {"__qualname__": store.__qualname__})


def _prolong(session: SessionBase) -> bool:
    """Have the store keep the session for its whole age from now on; return whether it has it.

    Stores that cannot do so without writing the data do not: in a signed cookie, for instance, it
    would be the data of the request.
    """
    age = session.get_expiry_age()  # this loads the session; one that is gone loses its key
    if session.session_key is None:
        return False
    if isinstance(session, DatabaseStore):  # `cached_db` is one too, whose cache is a copy
        return bool(_rows(session).update(expire_date=session.get_expiry_date()))
    if isinstance(session, CacheStore):
        return bool(caches[settings.SESSION_CACHE_ALIAS].touch(session.cache_key, age))
    return isinstance(session, FileStore) and _touch(session)


def _touch(session: FileStore) -> bool:
    """Renew the time of the file, by which its age counts; False if it was deleted."""
    now = time.time()
    try:
        os.utime(session._key_to_file(), (now, now))  # type: ignore[attr-defined] # noqa: SLF001
    except FileNotFoundError:
        return False
    return True


def _rows(session: DatabaseStore) -> Any:
    objects: Any = session.model.objects
    alias = router.db_for_write(session.model)
    # One that expired while the request waited is over.
    alive = objects.using(alias).filter(expire_date__gt=timezone.now())
    return alive.filter(session_key=session.session_key)


def _set_cookie(response: HttpResponseBase, session: SessionBase) -> None:
    """Set the cookie as Django's middleware does for a session that it saved."""
    max_age = None if session.get_expire_at_browser_close() else session.get_expiry_age()
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        session.session_key or "",
        max_age=max_age,
        expires=None if max_age is None else http_date(time.time() + max_age),
        domain=settings.SESSION_COOKIE_DOMAIN,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE or False,
        httponly=settings.SESSION_COOKIE_HTTPONLY or False,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )
