"""What services do with a locked conversation: who is in its call, and the record of that.

This is the only module that writes ``Session.in_call``, ``Call`` and ``CallLeg``, with the compiled
statements of ``statements``. ``locking.locked`` makes the objects.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, Q, QuerySet, Subquery

from talk_calls import policies, signals
from talk_calls.conf import conf
from talk_calls.constants import (
    RESUMED_WITHIN,
    InCallFlag,
    LegReason,
    LobbyState,
    Permission,
    SessionEnd,
    SystemMessageKind,
)
from talk_calls.exceptions import NoSession
from talk_calls.models import (
    Attendee,
    AuditEntry,
    Call,
    CallLeg,
    Conversation,
    Session,
    SystemMessage,
)
from talk_calls.models.audit import AuditAction
from talk_calls.services import audit, ended_sessions, statements, system_messages
from talk_calls.services.deletion_mark import delete_closed
from talk_calls.services.events import has_receivers, identity


@dataclass
class LockedConversation:
    """A conversation whose row is locked, as it is at ``now``.

    ``now`` is the latest of the request's time, the clock after the lock was granted, and the times
    that the previous holder of the lock stored.

    ``acting_session`` is the session that acts, with its attendee, or None if it expired or was
    closed. ``performed_by`` is the attendee who acts, or None for nobody in the conversation.
    ``others_in_call`` tells whether any other session is in the call. ``resumes`` is the primary
    key of the call that ended up to ``RESUMED_WITHIN`` ago, if any. ``has_webhooks`` tells whether
    events are stored for endpoints of webhooks. ``silent`` and ``silent_for``
    say how a call that starts now is announced. ``only_opens_session`` says that nothing else is
    changed, but for what events tell. ``session_end`` is what the windows of closed sessions are
    told, where that is not what the legs say. ``messages`` are stored before the commit, with those
    that ``system_messages`` makes of the events; and ``audit_entries`` with those of ``audit``.
    """

    conversation: Conversation
    call: Call | None
    acting_session: Session | None
    performed_by: Attendee | None
    others_in_call: bool
    resumes: int | None
    has_webhooks: bool
    now: datetime
    silent: bool = False
    silent_for: tuple[str, ...] = ()
    only_opens_session: bool = False
    session_end: SessionEnd | None = None
    events: list[signals.Event] = field(default_factory=list)
    messages: list[SystemMessage] = field(default_factory=list)
    audit_entries: list[AuditEntry] = field(default_factory=list)
    _timed_out: list[Session] = field(default_factory=list)

    @property
    def has_call(self) -> bool:
        """Tell whether a call is open; after ``apply_timeouts`` somebody is in it."""
        return self.call is not None

    @property
    def situation(self) -> policies.Situation:
        """Return the situation of the acting session, for the policies."""
        return self._situation_of(self.acting_session)

    def require_session(self) -> Session:
        """Return the acting session; raises ``NoSession`` if it was closed after it was loaded."""
        if self.acting_session is None:
            raise NoSession
        return self.acting_session

    def in_call(self) -> list[Session]:
        """Return all sessions in call with their attendees and users; one query."""
        sessions = Session.objects.in_call().filter(conversation=self.conversation)
        return list(sessions.select_related("attendee__user"))

    def add_event(self, kind: type[signals.Event], **facts: Any) -> None:
        """Send an event after the commit; conversation and time are filled in."""
        facts.setdefault("at", self.now)
        self.events.append(
            kind(conversation_id=self.conversation.pk, token=self.conversation.token, **facts)
        )

    def add_message(self, kind: SystemMessageKind, by: Attendee | None, about: Attendee) -> None:
        """Store before the commit what ``by`` did to somebody, as a message and in the audit trail.

        None as ``by`` is nobody; ``user`` of both is loaded, and neither need be stored. Saved
        settings of the conversation and what happens in its call are told without it.
        """
        user = system_messages.person(about)
        message = system_messages.new(self.conversation, kind, by, at=self.now, user=user)
        self.messages.append(message)
        self.record(audit.OF_MESSAGES[kind], by, target=about)

    def record(
        self,
        action: AuditAction,
        by: Attendee | None,
        *,
        target: Attendee | None = None,
        reason: str = "",
        **details: Any,
    ) -> None:
        """Store an entry of the audit trail before the commit (``audit.new``).

        For what has no message. What somebody did to themselves is no moderation, and left out.
        """
        if not audit.is_own_doing(by, target):
            entry = audit.new(
                action,
                self.conversation,
                by,
                at=self.now,
                target=target,
                reason=reason,
                **details,
            )
            self.audit_entries.append(entry)

    def save_changes(self, *fields: str) -> None:
        """Save fields of the conversation as activity, and send ``ConversationChanged``."""
        self.conversation.last_activity_at = max(self.now, self.conversation.last_activity_at)
        self._save_fields(*fields, also=("last_activity_at",))

    def _save_fields(self, *fields: str, also: tuple[str, ...] = ()) -> None:
        self.conversation.save(update_fields=[*fields, *also])
        self.add_event(signals.ConversationChanged, changed=fields)

    def apply_timeouts(self) -> None:
        """Take timed out sessions out of the call, and end the call if nobody is left in it."""
        if self._timed_out:
            self._time_out(self._timed_out)
        acting = self.acting_session
        is_in_call = acting is not None and acting.in_call != InCallFlag.DISCONNECTED
        if self.call and not is_in_call and not self.others_in_call:
            self._end_timed_out_call(self.call)

    def apply_lobby_timer(self) -> None:
        """Store that the lobby is down and say so, if its timer ran out since the last change."""
        conversation = self.conversation
        if conversation.lobby_state == LobbyState.NONE or conversation.has_lobby(self.now):
            return
        kind, opened_at = SystemMessageKind.LOBBY_TIMER_REACHED, conversation.lobby_timer
        message = system_messages.new(conversation, kind, None, at=opened_at or self.now)
        self.messages.append(message)
        conversation.lobby_state, conversation.lobby_timer = LobbyState.NONE, None
        self.save_changes("lobby_state", "lobby_timer")

    def put_in_call(self, session: Session, flags: int) -> None:
        """Put ``session`` into the call with ``flags``, or replace its flags if it is in.

        Flags of media that the attendee may not send are removed. Raises ``NoSession`` if the row
        of the session was deleted in the meantime.
        """
        flags = policies.allowed_flags(self.conversation, session.attendee, flags)
        call_flags = policies.call_flags_of(self.conversation, session.attendee, flags)
        before = session.in_call if self.call else InCallFlag.DISCONNECTED
        session.in_call = flags
        session.last_ping = self._ping_after_join(session)
        if before == InCallFlag.DISCONNECTED:
            session.moved_at = _not_before(self.now, session.moved_at)
        if not statements.set_flags(session):
            raise NoSession
        call = self._call_with_flags(call_flags, session)
        if before == InCallFlag.DISCONNECTED:
            self._start_leg(call, session, flags)
        else:
            self._change_flags(call, session, before)

    def live_attendees(self) -> QuerySet[Session, Any]:
        """Return the primary keys of attendees who are in the call, for a subquery."""
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        return live.values("attendee")

    def ring(self, targets: Sequence[Attendee], by: Attendee) -> None:
        """Send ``CallRang`` for each of these users, and note in the call that they were rung."""
        caller, call = identity(by), self.call
        for target in targets:
            self.add_event(
                signals.CallRang,
                call_id=call.pk if call else None,
                target_id=target.pk,
                target_user=conf.directory.user_id(target.user),
                user_pk=str(target.user_id),
                **caller,
            )
            if call and str(target.user_id) not in call.rung:
                call.rung.append(str(target.user_id))
        if call and targets:
            call.save(update_fields=["rung"])

    def remove_from_call(
        self,
        sessions: Iterable[Session],
        reason: LegReason,
        *,
        others_stay: bool | None = None,
        stored: bool = True,
    ) -> None:
        """Take those of the sessions that are in the call out of it.

        The sessions are loaded with their attendees and users. ``others_stay`` tells whether any
        other session is in the call; with None that is queried. With ``stored`` False the rows are
        not updated, since they are about to be deleted.
        """
        gone = [session for session in sessions if session.in_call != InCallFlag.DISCONNECTED]
        if not gone:
            return
        if others_stay is None:
            others_stay = self.call is not None and self._anybody_but(gone)
        ending = None if others_stay else self.call
        statements.leave_call(gone, self.now, stored=stored)
        if ending:  # also the legs of sessions whose rows are deleted
            statements.end_all_legs(ending, reason, self.now)
        else:
            statements.end_legs(gone, reason, self.now)
        for session in gone:
            self._add_left_event(session, reason, at=session.moved_at)
        if ending:
            self._end(ending, reason, _not_before(self.now, *(s.moved_at for s in gone)))

    def remove_refused(
        self, refusal: Callable[[policies.Situation], policies.Refusal], reason: LegReason
    ) -> list[Session]:
        """Take every session out of the call that the rule refuses; return those that stay."""
        in_call = self.in_call()
        refused = [session for session in in_call if refusal(self._situation_of(session))]
        # Timed out sessions are out of the call already, so `in_call` is everybody.
        self.remove_from_call(refused, reason, others_stay=len(refused) < len(in_call))
        gone = {session.pk for session in refused}
        return [session for session in in_call if session.pk not in gone]

    def _situation_of(self, session: Session | None) -> policies.Situation:
        attendee = session.attendee if session else None
        return policies.Situation(self.conversation, attendee, session, self.has_call, self.now)

    def reapply_rules(self) -> None:
        """Apply changed permissions to everybody in the call.

        Sessions that now have to wait in the lobby are taken out of the call. Flags of media that
        an attendee may not send any more are removed.
        """
        stay = self.remove_refused(policies.is_past_lobby, LegReason.PERMISSION)
        for flags, sessions in self._to_be_muted(stay).items():
            self._mute(sessions, flags)

    def _to_be_muted(self, in_call: Iterable[Session]) -> dict[int, list[Session]]:
        """Return the sessions that send media they may not send, by the flags that remain."""
        muted: dict[int, list[Session]] = defaultdict(list)
        for session in in_call:
            flags = policies.allowed_flags(self.conversation, session.attendee, session.in_call)
            if flags != session.in_call:
                muted[flags].append(session)
        return muted

    def _mute(self, sessions: list[Session], flags: int) -> None:
        before = {session.pk: session.in_call for session in sessions}
        statements.change_flags(sessions, flags)
        for session in sessions:
            call_flags = policies.call_flags_of(self.conversation, session.attendee, flags)
            call = self._call_with_flags(call_flags, session)
            self._add_flags_event(call, session, before[session.pk])

    def close_sessions(self, sessions: Collection[Session], reason: LegReason) -> None:
        """Take sessions out of the call and out of the conversation."""
        if not sessions:
            return
        self._close(sessions, reason)
        Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()

    def remove_attendees(self, attendees: QuerySet[Attendee] | Attendee, reason: LegReason) -> None:
        """Delete one attendee or several, after taking their sessions out of the call."""
        removed = [attendees] if isinstance(attendees, Attendee) else attendees
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        sessions = Session.objects.filter(attendee__in=removed).select_related("attendee__user")
        gone = list(sessions.annotate(others_stay=Exists(live.exclude(attendee__in=removed))))
        self._close(gone, reason, others_stay=gone[0].others_stay if gone else None)
        delete_closed(attendees)
        self.add_event(signals.ConversationChanged, changed=("attendees",))

    def _close(
        self, sessions: Collection[Session], reason: LegReason, *, others_stay: bool | None = None
    ) -> None:
        """Close sessions, but leave it to the caller to delete their rows."""
        self.remove_from_call(sessions, reason, others_stay=others_stay, stored=False)
        ended_sessions.note(sessions, reason, now=self.now, end=self.session_end)
        for session in sessions:
            self.add_event(
                signals.SessionClosed, session_key=session.key, **identity(session.attendee)
            )

    def delete_conversation(self) -> None:
        """End the call, close all sessions, and delete the conversation; its history stays."""
        sessions = self.conversation.sessions.select_related("attendee__user")
        self._close(list(sessions), LegReason.CONVERSATION_DELETED, others_stay=False)
        self.add_event(signals.ConversationChanged, changed=("deleted",))
        delete_closed(self.conversation)

    def _ping_after_join(self, session: Session) -> datetime:
        """Return ``last_ping`` after a join (behaviour 3.4).

        Joining is no ping, except from a session that timed out: the call would be open with nobody
        in it.
        """
        return self.now if session.times_out_at < self.now else session.last_ping

    def _anybody_but(self, gone: list[Session]) -> bool:
        if (
            self.acting_session is not None
            and len(gone) == 1
            and gone[0].pk == self.acting_session.pk
        ):
            return self.others_in_call
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        return live.exclude(pk__in=[session.pk for session in gone]).exists()

    def _call_with_flags(self, flags: int, session: Session) -> Call:
        if self.call is None:
            self.call = self._start(flags, session)
        elif self.call.flags | flags != self.call.flags:
            self.call.flags |= flags
            self.call.save(update_fields=["flags"])
        return self.call

    def _start(self, flags: int, session: Session) -> Call:
        call = Call.objects.create(
            conversation=self.conversation,
            conversation_name=self.conversation.name,
            started_at=session.moved_at or self.now,
            flags=flags,
            resumes_id=self.resumes,
            silent=self.silent,
            silent_for=list(self.silent_for),
            signaling_server=conf.signaling.stored_server(self.conversation.token),
        )
        self.add_event(
            signals.CallStarted,
            call_id=call.pk,
            resumes=self.resumes,
            silent=self.silent,
            silent_for=self.silent_for,
            **identity(session.attendee),
        )
        return call

    def _start_leg(self, call: Call, session: Session, flags: int) -> None:
        who = identity(session.attendee)
        CallLeg.objects.create(
            call=call,
            session_key=session.key,
            user=session.attendee.user,
            joined_at=session.moved_at or self.now,
            flags=flags,
            **who,
        )
        facts = {"call_id": call.pk, "session_key": session.key, "flags": flags}
        self.add_event(signals.CallJoined, **facts, **who)

    def _change_flags(self, call: Call, session: Session, before: int) -> None:
        if session.in_call == before:
            return
        statements.add_leg_flags([session], session.in_call)
        self._add_flags_event(call, session, before)

    def _add_flags_event(self, call: Call, session: Session, before: int) -> None:
        facts = {"call_id": call.pk, "session_key": session.key, "flags": session.in_call}
        self.add_event(
            signals.CallFlagsChanged, before=before, **facts, **identity(session.attendee)
        )

    def _add_left_event(self, session: Session, reason: LegReason, *, at: datetime | None) -> None:
        self.add_event(
            signals.CallLeft,
            call_id=self.call.pk if self.call else None,
            session_key=session.key,
            reason=reason.value,
            at=at,
            **identity(session.attendee),
        )

    def _time_out(self, sessions: list[Session]) -> None:
        ends = {session.key: session.times_out_at for session in sessions}
        legs = list(CallLeg.objects.filter(session_key__in=list(ends), left_at=None))
        for leg in legs:
            leg.left_at = max(leg.joined_at, ends[leg.session_key])
            leg.reason = LegReason.TIMEOUT
        CallLeg.objects.bulk_update(legs, ["left_at", "reason"])
        statements.leave_call(sessions, self.now)
        for session in sessions:
            self._add_left_event(session, LegReason.TIMEOUT, at=ends[session.key])

    def _end_timed_out_call(self, call: Call) -> None:
        """End a call at the end of its last leg; a leg without a session row ends now."""
        call.legs.filter(left_at=None).update(
            left_at=statements.not_before("joined_at", self.now), reason=LegReason.REMOVED
        )
        last = call.legs.aggregate(left_at=Max("left_at"))["left_at"]
        self._end(call, LegReason.TIMEOUT, last or self.now)

    def _end(self, call: Call, reason: LegReason, when: datetime) -> None:
        performed_by = identity(self.performed_by if reason != LegReason.TIMEOUT else None)
        statements.end_call(call, reason, when, performed_by=performed_by)
        self.add_event(
            signals.CallEnded,
            call_id=call.pk,
            started_at=call.started_at,
            reason=reason.value,
            at=max(when, call.started_at),
            **performed_by,
        )
        self._report_missed(call, reason, when)
        if when > self.now - RESUMED_WITHIN:
            self.resumes = call.pk
        if self.conversation.call_permissions != Permission.DEFAULT:
            self.conversation.call_permissions = Permission.DEFAULT
            # No activity: a call of timed out sessions may be ended long after it was over.
            self._save_fields("call_permissions")
        self.call = None

    def _report_missed(self, call: Call, reason: LegReason, when: datetime) -> None:
        """Send ``CallMissed`` if members were asked to join the call and did not."""
        is_wanted = self.has_webhooks or has_receivers(signals.CallMissed)
        if reason == LegReason.CONVERSATION_DELETED or not is_wanted:
            return
        absent = [each for each in self._absent(call) if self._was_asked(each, call)]
        if not absent or absent[0].caller_type is None:
            return
        self.add_event(
            signals.CallMissed,
            call_id=call.pk,
            started_at=call.started_at,
            user_pks=tuple(str(each.user_id) for each in absent),
            user_ids=tuple(conf.directory.user_id(each.user) for each in absent),
            at=max(when, call.started_at),
            actor_type=absent[0].caller_type,
            actor_id=absent[0].caller_id,
            display_name=absent[0].caller_name,
        )

    def _absent(self, call: Call) -> Iterable[Any]:
        """Return the members who were not in the call, with who started it; one query."""
        came = call.legs.filter(user__isnull=False).order_by().values("user")
        first = call.legs.order_by("joined_at", "pk")
        return (
            self.conversation.attendees.members_only()
            .exclude(user__in=came)
            .annotate(
                caller_type=Subquery(first.values("actor_type")[:1]),
                caller_id=Subquery(first.values("actor_id")[:1]),
                caller_name=Subquery(first.values("display_name")[:1]),
            )
        )

    def rename_guest(self, attendee: Attendee) -> None:
        """Give a guest their new name in the calls here that were running since they came."""
        since = Q(ended_at=None) | Q(ended_at__gte=attendee.created_at)
        calls = Call.objects.filter(since, conversation=self.conversation.pk)
        kind, key, name = attendee.actor_type, attendee.actor_id, attendee.display_name
        legs = CallLeg.objects.filter(call__in=calls, actor_type=kind, actor_id=key)
        legs.update(display_name=name)
        calls.filter(ended_by_type=kind, ended_by_id=key).update(ended_by_name=name)

    def _was_asked(self, member: Attendee, call: Call) -> bool:
        """Tell whether a member was rung, or learned of the start and could come in."""
        if str(member.user_id) in call.rung:
            return True
        return policies.learns_of_call(self.conversation, member, call, self.now)


def _not_before(now: datetime, *moments: datetime | None) -> datetime:
    """Return the latest of ``now`` and ``moments``, since clocks of machines differ a little."""
    return max([now, *filter(None, moments)])
