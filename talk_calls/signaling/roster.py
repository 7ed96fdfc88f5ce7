"""The roster: who is in a conversation and in its call, as polls answer it (``usersInRoom``).

``Conversation.roster`` is the number of the roster; every change of it adds one. When two hundred
polls wait in a conversation and somebody joins, all of them get the same list, so where many wait
the list is built once and shared.
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

#: From how many polls of one conversation in this process on they share a list.
SHARED_FROM = 8

#: Seconds for which a list is shared; the pings in it are up to that much older.
SHARED_FOR = 0.5

#: When a list was built, and the list, by conversation, roster number, and shape.
_shared: dict[tuple[int, int, bool, bool], tuple[float, list[dict[str, Any]]]] = {}
_sharing = Lock()


def users_in_room(
    situation: policies.Situation, *, recently: bool, with_permissions: bool
) -> list[dict[str, Any]]:
    """Return the items of ``usersInRoom``, newest ping first; one query at most (behaviour 8.4).

    ``recently`` leaves out sessions whose last ping is older than ``ROSTER_WINDOW``;
    ``with_permissions`` adds ``participantPermissions``. A caller in the lobby sees only itself.
    Sessions that timed out show as out of the call; if that was not stored yet, it is now, which
    wakes the other polls.
    """
    in_lobby = situation.session is not None and bool(policies.is_past_lobby(situation))
    if in_lobby or hub.count(situation.conversation.pk) < SHARED_FROM:
        return _build(situation, in_lobby, recently=recently, with_permissions=with_permissions)
    conversation = situation.conversation
    key = (conversation.pk, conversation.roster, recently, with_permissions)
    with _sharing:  # the other polls wait for the one that builds the list
        users = _get_shared(key)
        if users is None or not _is_in(situation, users):
            users = _build(situation, False, recently=recently, with_permissions=with_permissions)
            _shared[key] = (time.monotonic(), users)
    return users


def _get_shared(key: tuple[int, int, bool, bool]) -> list[dict[str, Any]] | None:
    """Return the shared list, if there is one; delete expired lists."""
    oldest = time.monotonic() - SHARED_FOR
    for expired in [each for each, (built, _) in _shared.items() if built < oldest]:
        del _shared[expired]
    return _shared[key][1] if key in _shared else None


def _is_in(situation: policies.Situation, users: list[dict[str, Any]]) -> bool:
    """Tell whether the caller is in the list; it is not if its last ping was too old for it."""
    session_id = situation.session and situation.session.session_id
    return any(user["sessionId"] == session_id for user in users)


def _build(
    situation: policies.Situation, in_lobby: bool, *, recently: bool, with_permissions: bool
) -> list[dict[str, Any]]:
    now = situation.now
    sessions = Session.objects.present(now).filter(conversation=situation.conversation)
    if recently:
        sessions = sessions.filter(last_ping__gte=now - ROSTER_WINDOW)
    if in_lobby and situation.session is not None:
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
