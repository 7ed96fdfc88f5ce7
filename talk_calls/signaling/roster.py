"""Who is in a conversation and takes part in its call, as polls tell it (``usersInRoom``)."""

from datetime import datetime
from typing import Any

from django.db.models import F

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ROSTER_WINDOW
from talk_calls.models import Session
from talk_calls.services import books


def users_in_room(
    situation: policies.Situation, *, recently: bool, with_permissions: bool
) -> list[dict[str, Any]]:
    """Return the items of ``usersInRoom``, newest ping first; one query (talk-api.md 8.4).

    ``recently`` leaves out whose last ping is older than ``ROSTER_WINDOW``. Whoever has to wait
    in the lobby sees themselves only. Who vanished from the call is not in it; if that was not
    booked yet, it is now, which tells all the others.
    """
    now = situation.now
    sessions = Session.objects.present(now).filter(conversation=situation.conversation)
    if recently:
        sessions = sessions.filter(last_ping__gte=now - ROSTER_WINDOW)
    if situation.session is not None and policies.is_past_lobby(situation):
        sessions = sessions.filter(pk=situation.session.pk)
    rows = list(_with_names(sessions))
    if any(session.is_stale_in_call(now) for session in rows):
        books.settle(situation.conversation.pk, now=now)
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
