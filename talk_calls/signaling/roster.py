"""Who is in a conversation and takes part in its call, as polls tell it (``usersInRoom``).

When two hundred wait in a conversation and somebody joins, two hundred answers tell the same list.
Where so many wait it is made once and told to all.
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
from talk_calls.services import books
from talk_calls.signaling import hub

#: An item of the list as a version sends it.
Item = dict[str, Any]

#: So many polls of a conversation wait in this process before they share a list.
CROWD = 8

#: Seconds for which a list is told to others. It shows pings that are as old.
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
    """How a version lists who is online.

    ``serialize`` makes an item of the list. ``recently`` leaves out whose last ping is older than
    ``ROSTER_WINDOW``.
    """

    serialize: Callable[[Present], Item]
    recently: bool


@dataclass(frozen=True, slots=True)
class _Roster:
    """A list, and the ids of the sessions on it."""

    users: list[Item]
    session_ids: frozenset[str]


_Key = tuple[int, int, RosterView]

#: When a list was made, and the list: by conversation, number of its roster, and view.
_shared: dict[_Key, tuple[float, _Roster]] = {}
_sharing = Lock()


def users_in_room(situation: policies.Situation, view: RosterView) -> list[Item]:
    """Return the items of ``usersInRoom``, newest ping first; one query at most (talk-api.md 8.4).

    Whoever has to wait in the lobby sees themselves only. Sessions that timed out are not in the
    call; if that is not written down yet, it is now, which wakes the polls of all the others.
    """
    is_outside = situation.session is not None and bool(policies.is_past_lobby(situation))
    if is_outside or hub.crowd(situation.conversation.pk) < CROWD:
        return _make(situation, view, only_caller=is_outside).users
    conversation = situation.conversation
    key = (conversation.pk, conversation.roster, view)
    with _sharing:  # the others wait for the one who makes it
        roster = _recall(key)
        if roster is None or not _is_in(situation, roster):
            roster = _make(situation, view, only_caller=False)
            _shared[key] = (time.monotonic(), roster)
    return roster.users


def _recall(key: _Key) -> _Roster | None:
    """Return the list that was just made, if there is one; forget what is older."""
    oldest = time.monotonic() - SHARED_FOR
    for old in [each for each, (made, _) in _shared.items() if made < oldest]:
        del _shared[old]
    return _shared[key][1] if key in _shared else None


def _is_in(situation: policies.Situation, roster: _Roster) -> bool:
    """Tell whether the caller is listed, who may have been silent for long until just now."""
    return situation.session is not None and situation.session.session_id in roster.session_ids


def _make(situation: policies.Situation, view: RosterView, *, only_caller: bool) -> _Roster:
    now = situation.now
    sessions = Session.objects.present(now).filter(conversation=situation.conversation)
    if view.recently:
        sessions = sessions.filter(last_ping__gte=now - ROSTER_WINDOW)
    if only_caller and situation.session is not None:
        sessions = sessions.filter(pk=situation.session.pk)
    rows = list(_with_names(sessions))
    if any(session.is_stale_in_call(now) for session in rows):
        books.settle(situation.conversation.pk, now=now)
    return _Roster(
        [view.serialize(_present(situation, session)) for session in rows],
        frozenset(session.session_id for session in rows),
    )


def _with_names(sessions: Any) -> Any:
    user_id = F(f"attendee__user__{conf.directory.user_id_path()}")
    return sessions.select_related("attendee").annotate(user_id=user_id).newest_first()


def _present(situation: policies.Situation, session: Any) -> Present:
    return Present(
        session=session,
        user_id=session.user_id,
        flags=session.flags_at(situation.now),
        permissions=policies.permissions_of(situation.conversation, session.attendee),
    )
