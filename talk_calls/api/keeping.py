"""Keeping a browser logged in while it is in a call (``KEEP_LOGGED_IN``).

A call needs no page of the site, so a login would be over after ``SESSION_COOKIE_AGE``, in the
middle of it. Polls prolong the browser's session, about once a minute and with its data as it is.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from rest_framework.request import Request

from talk_calls.api.throttling.shared_cache import may_fail
from talk_calls.conf import conf
from talk_calls.constants import InCallFlag
from talk_calls.host.actors import Actor
from talk_calls.models import Session

logger = logging.getLogger(__name__)

#: How often a session is prolonged at most.
INTERVAL = timedelta(minutes=1)


def is_due(request: Request, actor: Actor, session: Session, *, since: datetime) -> bool:
    """Tell whether a ping that was just stored is the first of its minute; asks nothing.

    ``since`` is the ping before. Minutes are those since the session was opened.
    """
    if not _is_kept(request, actor, session):
        return False
    return _minutes(session, session.last_ping) > _minutes(session, since)


def is_due_by_cache(request: Request, actor: Actor, session: Session) -> bool:
    """Tell the same where a signaling server stores the pings: once a minute by the cache.

    While the cache is away it is always due: a login that ends would end the call.
    """
    if not _is_kept(request, actor, session):
        return False
    is_first = True
    with may_fail(logger, "The cache failed, so a login is prolonged more often"):
        is_first = cache.add(f"talk_calls.keeping.{session.pk}", True, INTERVAL.total_seconds())
    return is_first


def _is_kept(request: Request, actor: Actor, session: Session) -> bool:
    # Where every request prolongs the session, that has happened.
    if not conf.keep_logged_in or settings.SESSION_SAVE_EVERY_REQUEST:
        return False
    return session.in_call != InCallFlag.DISCONNECTED and _came_by_cookie(request, actor)


def _came_by_cookie(request: Request, actor: Actor) -> bool:
    """Tell whether the browser's session says who asks: not a password or a token beside it.

    An account that was deactivated asks as a guest, in a session that still names the account.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user = actor.user
    who = None if user is None else user._meta.pk.value_to_string(user)
    return bool(request.session.get(SESSION_KEY) == who)


def _minutes(session: Session, moment: datetime) -> int:
    return (moment - session.created_at) // INTERVAL
