"""Following the accounts of the host: renamed, activated, deactivated.

What an account may do is read with every request. Here is followed what is stored of it, the name
of each membership and who is online, and what somebody missed while the account was inactive.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from talk_calls.constants import ConversationType, LegReason
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation
from talk_calls.host import clock, user_model
from talk_calls.models import Attendee, Session
from talk_calls.models.attendees import passing
from talk_calls.services import groups, locking, participants
from talk_calls.services.deletion_mark import delete_closed
from talk_calls.signals import ConversationChanged

#: Rows that one statement changes at most.
_BATCH = 500

#: Conversations in which one call of ``close_deactivated`` closes sessions at most.
_MOST_CONVERSATIONS = 500


def follow(*, user_pks: Collection[Any], now: datetime | None = None) -> None:
    """Follow that users were renamed, activated or deactivated.

    ``user_pks`` are primary keys. To be called once the change is committed, where no signal of the
    user model tells: after ``update()``, and when a name is kept elsewhere, as in a profile.
    """
    now = now or clock.now()
    attendees = Attendee.objects.filter(user__in=user_pks).select_related("user")
    update_names(stale_names(attendees), now=now)
    if user_model.inactive() is not None:
        online = Session.objects.filter(attendee__user__in=user_pks)
        _close_deactivated_in(set(online.values_list("conversation", flat=True)), now)
    groups.bring_in(user_pks=user_pks, now=now)


def stale_names(attendees: Iterable[Attendee]) -> list[Attendee]:
    """Return the users among attendees whose name is stored as it was, with the name of today.

    ``attendees`` are loaded with their users; the rows are not changed.
    """
    names: dict[Any, str] = {}
    stale = []
    for attendee in attendees:
        if attendee.user is None:
            continue
        if attendee.user_id not in names:
            names[attendee.user_id] = participants.name_of(attendee.user)
        if attendee.display_name != names[attendee.user_id]:
            attendee.display_name = names[attendee.user_id]
            stale.append(attendee)
    return stale


def update_names(renamed: Collection[Attendee], *, now: datetime) -> int:
    """Store the names of attendees, and tell whoever is online with them; return how many."""
    if not renamed:
        return 0
    conversations = {attendee.conversation_id for attendee in renamed}
    _store_names(renamed, conversations, now)
    online = Session.objects.present(now).filter(conversation__in=conversations)
    for conversation_id in sorted(set(online.values_list("conversation", flat=True))):
        with suppress(NoSuchConversation):
            _announce_names(conversation_id, now)
    return len(renamed)


@retried
def _store_names(
    renamed: Collection[Attendee], conversations: Collection[int], now: datetime
) -> None:
    Attendee.objects.bulk_update(renamed, ["display_name"], batch_size=_BATCH)
    # In a one-to-one the name is the title that the other sees.
    titled = Attendee.objects.filter(conversation__in=conversations)
    titled.filter(conversation__type=ConversationType.ONE_TO_ONE).update(modified_at=now)


@retried
def _announce_names(conversation_id: int, now: datetime) -> None:
    with locking.locked(conversation_id, now=now) as locked:
        locked.add_event(ConversationChanged, changed=("attendees",))


def close_deactivated(*, now: datetime) -> int:
    """Close the sessions of deactivated accounts; return how many."""
    inactive = user_model.inactive("attendee__user__")
    if inactive is None:
        return 0
    online = Session.objects.filter(**inactive).values_list("conversation", flat=True)
    return _close_deactivated_in(set(online.distinct()[:_MOST_CONVERSATIONS]), now)


def count_deactivated() -> int:
    """Return how many sessions of deactivated accounts there are."""
    inactive = user_model.inactive("attendee__user__")
    return 0 if inactive is None else Session.objects.filter(**inactive).count()


def _close_deactivated_in(conversations: Collection[int], now: datetime) -> int:
    closed = 0
    for conversation_id in sorted(conversations):
        with suppress(NoSuchConversation):
            closed += _close_in(conversation_id, now)
    return closed


@retried
def _close_in(conversation_id: int, now: datetime) -> int:
    """Close the sessions of everybody in a conversation whose account is inactive by now.

    Who belongs to it only while being online is removed with the last session.
    """
    with locking.locked(conversation_id, now=now) as locked:
        inactive = user_model.inactive("attendee__user__") or {}
        sessions = locked.conversation.sessions.filter(**inactive)
        closed = list(sessions.select_related("attendee__user"))
        locked.close_sessions(closed, LegReason.PERMISSION)
        left = Attendee.objects.filter(pk__in={session.attendee_id for session in closed})
        delete_closed(left.filter(passing(), sessions=None))
        return len(closed)
