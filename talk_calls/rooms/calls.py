"""Calls in rooms: who is in, who was in, and asking somebody to come."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest

from talk_calls import policies
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.host.addresses import call_address
from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.reports import attendance as reports
from talk_calls.services import calls, participants
from talk_calls.signals import CallStarted


def people_in_call(room: Conversation, *, now: datetime | None = None) -> list[Attendee]:
    """Return who is in the call of a room, each person once, by name; one query.

    Each has ``user`` (None for a guest), ``display_name`` and ``participant_type``. It is for code
    of the site: it does not ask whether somebody may know it, as the template tags do.
    """
    return people_in_calls([room], now=now)[room.pk]


def people_in_calls(
    rooms: Iterable[Conversation], *, now: datetime | None = None
) -> dict[int, list[Attendee]]:
    """Do what ``people_in_call`` does for many rooms, by primary key; one query for all of them."""
    found: dict[int, dict[int, Attendee]] = {room.pk: {} for room in rooms}
    live = Session.objects.live_in_call(now or clock.now()).filter(conversation__in=list(found))
    for session in live.select_related("attendee__user"):
        found[session.conversation_id][session.attendee_id] = session.attendee
    return {
        pk: sorted(people.values(), key=lambda each: (each.display_name, each.pk))
        for pk, people in found.items()
    }


def is_in_call(
    room: Conversation, user: HostUser | AnonymousUser, *, now: datetime | None = None
) -> bool:
    """Tell whether a user is in the call of a room, on any device.

    It is not known of guests, so ``AnonymousUser`` is in none.
    """
    if user.pk is None:
        return False
    live = Session.objects.live_in_call(now or clock.now())
    return live.filter(conversation=room, attendee__user=user).exists()


def current_call(room: Conversation, *, now: datetime | None = None) -> Call | None:
    """Return the call that is running in a room, or None."""
    return room.calls.live(now or clock.now()).first()


def past_calls(room: Conversation) -> QuerySet[Call]:
    """Return all calls of a room, the newest first; the first may still be running."""
    return room.calls.order_by("-started_at", "-pk")


def attendance(call: Call | int, *, now: datetime | None = None) -> list[reports.Attendance]:
    """Return who was in a call, when and for how long, in the order of coming in.

    ``call`` is a call, or its primary key as events have it (``event.call_id``). For a running call
    it is what was until now. Raises ``Call.DoesNotExist``.
    """
    found = call if isinstance(call, Call) else Call.objects.get(pk=call)
    return reports.attendance(found, now or clock.now())


def ring(
    room: Conversation, users: Iterable[HostUser], *, by: HostUser, now: datetime | None = None
) -> list[HostUser]:
    """Ask users into the call, for a user who need not be online; return who is rung now.

    Each gets the event ``call_rang``. Left out are ``by``, users who are no members, are in the
    call or could not come in (an inactive account, one that may not use Talk, the lobby), and those
    whom ``by`` rang less than ten seconds ago. No call need be running. Raises ``CallsDisabled``,
    ``ConversationReadOnly`` or ``NoSuchConversation`` where nobody could come.
    """
    caller = room.attendees.select_related("user").filter(user=by).first()
    rung = calls.ring_users(
        conversation=room,
        users=users,
        performed_by=caller or participants.operator(by),
        now=now,
    )
    return [each.user for each in rung if each.user is not None]


def announced_to(event: CallStarted, *, now: datetime | None = None) -> list[HostUser]:
    """Return the users whom the start of a call is announced to; none of a silent or resumed call.

    That are the members who can come in, have not turned such notifications off, and are not in the
    call already.
    """
    call = Call.objects.select_related("conversation").filter(pk=event.call_id).first()
    if call is None or call.conversation is None:
        return []
    room, moment = call.conversation, now or clock.now()
    inside = call.legs.filter(user__isnull=False).values("user")
    members = room.attendees.members_only().exclude(user__in=inside)
    return [
        each.user
        for each in members
        if each.user is not None and policies.learns_of_call(room, each, call, moment)
    ]


def url(room: Conversation, *, request: HttpRequest | None = None) -> str:
    """Return the address of the page to call from; absolute with the request that asks for it."""
    address = call_address(room.token)
    return request.build_absolute_uri(address) if request else address
