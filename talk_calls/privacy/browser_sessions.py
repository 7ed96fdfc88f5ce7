"""Erasing a person from what the app keeps in Django's sessions."""

from importlib import import_module
from typing import Any

from django.conf import settings

from talk_calls.host import browser_sessions, clock
from talk_calls.host.actors import HostUser


def erase(user: HostUser) -> int:
    """Delete the app's entries of a user from the sessions of all browsers; return from how many.

    Those that have not expired are read, as nothing tells whose they are. Only sessions in a
    database can be listed; caches, files and cookies keep the entries until they expire.
    """
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return 0
    rows = store.get_model_class()._default_manager.filter(expire_date__gt=clock.now())
    erased = 0
    for row in rows.iterator(chunk_size=1000):
        if browser_sessions.forget_owner(row.get_decoded(), user):  # changes nothing that is stored
            browser = store(session_key=row.session_key)
            browser_sessions.forget_owner(browser, user)
            browser.save()
            erased += 1
    return erased
