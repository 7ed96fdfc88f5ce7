"""Conversation, actor, attendee and session of a request, resolved once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talk_calls import policies
from talk_calls.constants import ConversationType, Listable
from talk_calls.db.compiled import NOW, CompiledQuery, Param
from talk_calls.exceptions import NoSession, NoSuchConversation, NotParticipant
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.models.calls import call_annotations, ignore_permissions_of_timed_out_call
from talk_calls.services.sessions import JoinResult


@dataclass(frozen=True, slots=True)
class Context:
    """Where a request acts, and as whom.

    ``lost_session`` is True when the browser remembers a session that exists no more, where that
    makes the caller no participant until it joins the conversation again (behaviour 3.3/2).
    The call fields are only filled by ``look_up_room``.
    """

    actor: Actor
    conversation: Conversation
    attendee: Attendee | None
    session: Session | None
    lost_session: bool
    now: datetime
    has_call: bool = False
    call_flags: int | None = None
    call_started_at: datetime | None = None

    @property
    def situation(self) -> policies.Situation:
        """Return what the policies judge."""
        return policies.Situation(
            conversation=self.conversation,
            attendee=None if self.lost_session else self.attendee,
            session=self.session,
            has_call=self.has_call,
            now=self.now,
        )

    def participant(self) -> Attendee:
        """Return the attendee; raises ``NotParticipant`` for everybody else."""
        if self.attendee is None:
            raise NotParticipant
        return self.attendee

    def own_session(self) -> Session:
        """Return the acting session; raises ``NoSession`` if there is none."""
        if self.session is None:
            raise NoSession
        return self.session


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks about which conversation, and by which session.

    ``remembered`` is the primary key of the session that the browser remembers there, if any; 0 if
    it is known to have none. With ``stays``, as in v4, whoever lost their session still takes part,
    but has to come in again to act as a device.
    """

    actor: Actor
    token: str
    remembered: int | None = None
    stays: bool = False


def look_up(caller: Caller, *, now: datetime) -> Context:
    """Return the context of an attendee in one query.

    Raises ``NoSuchConversation`` for everybody else: the endpoints that use this answer strangers
    as if there were no conversation, public or not.
    """
    attendee = _attendee(caller, now)
    if attendee is None:
        raise NoSuchConversation
    return _context(caller, attendee, now)


def look_up_room(caller: Caller, *, now: datetime) -> Context:
    """Return the context of whoever may see the conversation, with its call; one or two queries.

    Raises ``NoSuchConversation`` if it is not visible to the caller (behaviour 3.3/1).
    """
    actor = caller.actor
    attendee = _attendee(caller, now, with_call=True)
    if attendee is not None:
        return _context(caller, attendee, now)
    annotations = call_annotations(now)
    conversation = Conversation.objects.filter(token=caller.token).annotate(**annotations).first()
    if conversation is None or not policies.is_visible(conversation, None, is_user=actor.is_user):
        raise NoSuchConversation
    outside = _outside(actor, conversation, now)
    return replace(outside, lost_session=caller.remembered is not None and not caller.stays)


def look_up_all(
    *, actor: Actor, now: datetime, modified_since: datetime | None = None
) -> list[Context]:
    """Return the context of every conversation that a user belongs to, in one query.

    ``modified_since`` leaves out those about which nothing changed since then.
    """
    attendees = Attendee.objects.acting(now).with_call(now).filter(user=actor.user)
    if modified_since is not None:
        attendees = attendees.modified_since(modified_since)
    newest: dict[int, Context] = {}
    for attendee in attendees:
        # One row per session, the last ping first; the others are other devices.
        newest.setdefault(attendee.pk, _context(Caller(actor, ""), attendee, now))
    return list(newest.values())


def look_up_listed(*, actor: Actor, term: str, now: datetime) -> list[Context]:
    """Return the conversations that a user finds uninvited, in one query, by name.

    They are listed, not the user's own, and have ``term`` in their name, in whatever case.
    """
    mine = Attendee.objects.filter(user=actor.user).values("conversation")
    found = Conversation.objects.exclude(listable=Listable.PARTICIPANTS).exclude(pk__in=mine)
    named = found.filter(name__icontains=term).exclude(type=ConversationType.ONE_TO_ONE)
    with_calls = named.annotate(**call_annotations(now)).order_by("name", "pk")
    return [_outside(actor, conversation, now) for conversation in with_calls]


def _outside(actor: Actor, conversation: Conversation, now: datetime) -> Context:
    """Return the context of somebody who does not belong to the conversation."""
    return Context(
        actor=actor,
        conversation=conversation,
        attendee=None,
        session=None,
        lost_session=False,
        now=now,
        has_call=conversation.has_call,
        call_flags=conversation.call_flags,
        call_started_at=conversation.call_started_at,
    )


def _attendee(caller: Caller, now: datetime, *, with_call: bool = False) -> Attendee | None:
    """Return the caller's attendee; a guest is who their remembered session belongs to."""
    values = {"token": caller.token, "now": now, "session": caller.remembered}
    if caller.actor.user is not None:
        shape = (True, caller.remembered is not None, with_call)
        return _ATTENDEE.first(*shape, **values, user=caller.actor.user.pk)
    if caller.remembered is None:
        return None
    guest = _ATTENDEE.first(False, True, with_call, **values)
    return guest if guest and guest.acting else None


def _attendee_query(by_user: bool, by_session: bool, with_call: bool) -> QuerySet[Attendee]:
    session: Any = Param("session", Session._meta.pk) if by_session else None
    attendees = Attendee.objects.acting(NOW, remembered=session)
    if with_call:
        attendees = attendees.with_call(NOW)
    token = Param("token", Conversation._meta.get_field("token"))
    attendees = attendees.filter(conversation__token=token)
    if by_user:
        return attendees.filter(user=Param("user", Attendee._meta.get_field("user")))[:1]
    return attendees.filter(user=None, sessions__pk=session)[:1]


_ATTENDEE = CompiledQuery(_attendee_query)


def entered(actor: Actor, entrance: JoinResult, *, now: datetime) -> Context:
    """Return the context of somebody who just came in; no query."""
    call = entrance.call
    return Context(
        actor=actor,
        conversation=entrance.session.conversation,
        attendee=entrance.session.attendee,
        session=entrance.session,
        lost_session=False,
        now=now,
        has_call=call is not None,
        call_flags=call.flags if call else None,
        call_started_at=call.started_at if call else None,
    )


def _context(caller: Caller, attendee: Attendee, now: datetime) -> Context:
    if attendee.user_id is not None:
        attendee.user = caller.actor.user  # known already; nobody has to ask for it
    ignore_permissions_of_timed_out_call(attendee.conversation, now, has_call=attendee.has_call)
    lost = caller.remembered is not None and attendee.acting is None
    return Context(
        actor=caller.actor,
        conversation=attendee.conversation,
        attendee=attendee,
        session=attendee.acting,
        lost_session=lost and not caller.stays,
        now=now,
        has_call=attendee.has_call,
        call_flags=attendee.call_flags,
        call_started_at=attendee.call_started_at,
    )
