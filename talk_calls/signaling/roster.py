"""The roster: who is in a conversation and in its call, as polls answer it (``usersInRoom``).

``Conversation.roster`` is the number of the roster; every change of it adds one. When two hundred
polls wait in a conversation and somebody joins, all of them get the same list, so where many wait
the list is built once and shared.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db.models import F

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ROSTER_WINDOW
from talk_calls.models import Session
from talk_calls.models.sessions import SessionQuerySet
from talk_calls.ocs.json_types import JSONObject
from talk_calls.services import locking
from talk_calls.signaling import hub

#: From how many polls of one conversation in this process on they share a list.
SHARED_FROM = 8

#: Seconds for which a list is shared; the pings in it are up to that much older.
SHARED_FOR = 0.5


@dataclass(slots=True)
class Present:
    """Somebody who is online in a conversation, by one of their sessions.

    ``user_id`` is the name by which clients know a user, None for everybody else. ``flags`` are 0
    once the session timed out.
    """

    session: Session
    user_id: object
    flags: int
    permissions: int


@dataclass(frozen=True, slots=True)
class RosterView:
    """How an API version lists who is online.

    ``serialize`` makes an item of the list. ``recently`` leaves out sessions whose last ping is
    older than ``ROSTER_WINDOW``.
    """

    serialize: Callable[[Present], JSONObject]
    recently: bool


@dataclass(frozen=True, slots=True)
class _Roster:
    """A list, and the ids of the sessions on it."""

    users: list[JSONObject]
    session_ids: frozenset[str]


_Key = tuple[int, int, RosterView]

#: When a list was built, and the list: by conversation, roster number, and view.
_shared: dict[_Key, tuple[float, _Roster]] = {}
_sharing = Lock()


def users_in_room(situation: policies.Situation, view: RosterView) -> list[JSONObject]:
    """Return the items of ``usersInRoom``, newest ping first; one query at most (behaviour 8.4).

    A caller in the lobby sees only itself. Sessions that timed out show as out of the call; if that
    was not stored yet, it is now, which wakes the other polls.
    """
    in_lobby = situation.session is not None and bool(policies.is_past_lobby(situation))
    if in_lobby or hub.count(situation.conversation.pk) < SHARED_FROM:
        return _build(situation, view, only_caller=in_lobby).users
    conversation = situation.conversation
    key = (conversation.pk, conversation.roster, view)
    with _sharing:  # the other polls wait for the one that builds the list
        roster = _get_shared(key)
        if roster is None or not _is_in(situation, roster):
            roster = _build(situation, view, only_caller=False)
            _shared[key] = (time.monotonic(), roster)
    return roster.users


def _get_shared(key: _Key) -> _Roster | None:
    """Return the shared list, if there is one; delete expired lists."""
    oldest = time.monotonic() - SHARED_FOR
    for expired in [each for each, (built, _) in _shared.items() if built < oldest]:
        del _shared[expired]
    return _shared[key][1] if key in _shared else None


def _is_in(situation: policies.Situation, roster: _Roster) -> bool:
    """Tell whether the caller is in the list; it is not if its last ping was too old for it."""
    return situation.session is not None and situation.session.session_id in roster.session_ids


def _build(situation: policies.Situation, view: RosterView, *, only_caller: bool) -> _Roster:
    now = situation.now
    sessions = Session.objects.present(now).filter(conversation=situation.conversation)
    if view.recently:
        sessions = sessions.filter(last_ping__gte=now - ROSTER_WINDOW)
    if only_caller and situation.session is not None:
        sessions = sessions.filter(pk=situation.session.pk)
    rows = list(_with_names(sessions))
    if any(session.has_timed_out(now) for session in rows):
        locking.apply_timeouts(situation.conversation.pk, now=now)
    return _Roster(
        [view.serialize(_present(situation, session)) for session in rows],
        frozenset(session.session_id for session in rows),
    )


def _with_names(sessions: SessionQuerySet) -> SessionQuerySet:
    user_id = F(f"attendee__user__{conf.directory.user_id_path()}")
    loaded = policies.with_users(sessions.select_related("attendee"), "attendee__user")
    return loaded.annotate(user_id=user_id).newest_first()


def _present(situation: policies.Situation, session: Any) -> Present:
    return Present(
        session=session,
        user_id=session.user_id,
        flags=session.flags_at(situation.now),
        permissions=policies.permissions_of(situation.conversation, session.attendee),
    )
