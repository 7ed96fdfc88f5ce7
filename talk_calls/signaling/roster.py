"""Who is in a conversation and takes part in its call, as polls tell it (``usersInRoom``).

When two hundred wait in a conversation and somebody joins, two hundred answers tell the same list.
Where so many wait it is made once and told to all.
"""

import time
from datetime import datetime
from threading import Lock
from typing import Any

from django.db.models import F

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ROSTER_WINDOW
from talk_calls.models import Session
from talk_calls.services import locking
from talk_calls.signaling import hub

#: So many polls of a conversation wait in this process before they share a list.
CROWD = 8

#: Seconds for which a list is told to others. It shows pings that are as old.
SHARED_FOR = 0.5

#: When a list was made, and the list: by conversation, number of its roster, and shape.
_shared: dict[tuple[int, int, bool, bool], tuple[float, list[dict[str, Any]]]] = {}
_sharing = Lock()


def users_in_room(
    situation: policies.Situation, *, recently: bool, with_permissions: bool
) -> list[dict[str, Any]]:
    """Return the items of ``usersInRoom``, newest ping first; one query at most (behaviour 8.4).

    ``recently`` leaves out whose last ping is older than ``ROSTER_WINDOW``. Whoever has to wait
    in the lobby sees themselves only. Who vanished from the call is not in it; if that was not
    booked yet, it is now, which tells all the others.
    """
    is_outside = situation.session is not None and bool(policies.is_past_lobby(situation))
    if is_outside or hub.crowd(situation.conversation.pk) < CROWD:
        return _make(situation, is_outside, recently=recently, with_permissions=with_permissions)
    conversation = situation.conversation
    key = (conversation.pk, conversation.roster, recently, with_permissions)
    with _sharing:  # the others wait for the one who makes it
        users = _recall(key)
        if users is None or not _is_in(situation, users):
            users = _make(situation, False, recently=recently, with_permissions=with_permissions)
            _shared[key] = (time.monotonic(), users)
    return users


def _recall(key: tuple[int, int, bool, bool]) -> list[dict[str, Any]] | None:
    """Return the list that was just made, if there is one; forget what is older."""
    oldest = time.monotonic() - SHARED_FOR
    for old in [each for each, (made, _) in _shared.items() if made < oldest]:
        del _shared[old]
    return _shared[key][1] if key in _shared else None


def _is_in(situation: policies.Situation, users: list[dict[str, Any]]) -> bool:
    """Tell whether the caller is listed, who may have been silent for long until just now."""
    own = situation.session and situation.session.session_id
    return any(user["sessionId"] == own for user in users)


def _make(
    situation: policies.Situation, is_outside: bool, *, recently: bool, with_permissions: bool
) -> list[dict[str, Any]]:
    now = situation.now
    sessions = Session.objects.present(now).filter(conversation=situation.conversation)
    if recently:
        sessions = sessions.filter(last_ping__gte=now - ROSTER_WINDOW)
    if is_outside and situation.session is not None:
        sessions = sessions.filter(pk=situation.session.pk)
    rows = list(_with_names(sessions))
    if any(session.is_stale_in_call(now) for session in rows):
        locking.settle(situation.conversation.pk, now=now)
    return [_item(situation, session, with_permissions=with_permissions) for session in rows]


def _with_names(sessions: Any) -> Any:
    user_id = F(f"attendee__user__{conf.directory.user_id_path()}")
    return sessions.select_related("attendee").annotate(user_id=user_id).newest_first()


def _item(situation: policies.Situation, session: Any, *, with_permissions: bool) -> dict[str, Any]:
    item = {
        "userId": "" if session.user_id is None else str(session.user_id),
        "roomId": situation.conversation.pk,
        "lastPing": _seconds(session.last_ping),
        "sessionId": session.session_id,
        "inCall": session.flags_at(situation.now),
    }
    if with_permissions:
        permissions = policies.permissions_of(situation.conversation, session.attendee)
        item["participantPermissions"] = permissions
    return item


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
