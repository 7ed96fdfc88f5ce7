"""Why somebody can or cannot join: each decision step by step, as the API takes it.

The rules are those of ``policies``; here they are only asked one after the other and put into
words. Nothing is known of what an app keeps for itself, so three things are taken for granted: an
app acts with the device that pinged last, one of API v4 sends the consent to be recorded where
that is needed, and one of v1 to v3 cannot.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ActorType, InCallFlag, Permission
from talk_calls.exceptions import (
    NoSuchConversation,
    NoSuchTarget,
    SessionConflict,
    TalkError,
    TalkNotAllowed,
    WrongPassword,
)
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.models.calls import call_annotations, ignore_permissions_of_timed_out_call
from talk_calls.policies import Situation
from talk_calls.reports import wording
from talk_calls.reports.steps import NEW, OLD, Action, Decision, Outcome, Report, Step, Verdict


def decide(
    *, token: str, now: datetime, user: HostUser | None = None, attendee_id: int | None = None
) -> Report:
    """Return what each API version decides about an actor; at most four queries of ours.

    The actor is ``user``, or the attendee with this primary key, or else a newcomer without an
    account. Raises ``NoSuchConversation``, and ``NoSuchTarget`` if the conversation has no such
    attendee, or only a group, which never acts itself.
    """
    conversation = Conversation.objects.filter(token=token).annotate(**call_annotations(now))
    found = conversation.first()
    if found is None:
        raise NoSuchConversation
    ignore_permissions_of_timed_out_call(found, now, has_call=found.has_call)
    attendee = _attendee(found, user, attendee_id, now)
    user = user or (attendee.user if attendee else None)
    case = _Case(user, attendee, _situation(found, attendee, now))
    return Report(
        conversation=found,
        name=case.name,
        has_call=found.has_call,
        verdicts=case.verdicts(),
        decisions=tuple(case.decisions()),
        note=wording.note_on(attendee, case.now),
    )


def _attendee(
    conversation: Conversation, user: HostUser | None, attendee_id: int | None, now: datetime
) -> Attendee | None:
    attendees = Attendee.objects.acting(now).filter(conversation=conversation)
    if user is not None:
        return attendees.filter(user=user).first()
    if attendee_id is None:
        return None
    people = attendees.exclude(actor_type=ActorType.GROUPS).select_related("user")
    found = people.filter(pk=attendee_id).first()
    if found is None:
        raise NoSuchTarget
    return found


def _situation(conversation: Conversation, attendee: Attendee | None, now: datetime) -> Situation:
    session = attendee.acting if attendee is not None else None
    # Somebody without an account is who their session says; without one they are a newcomer.
    if attendee is not None and attendee.user_id is None and session is None:
        attendee = None
    return Situation(conversation, attendee, session, conversation.has_call, now)


@dataclass(frozen=True, slots=True)
class _Case:
    """An actor and how they stand ``now``; ``attendee`` may be one that does not act any more."""

    user: HostUser | None
    attendee: Attendee | None
    now: Situation

    @property
    def name(self) -> str:
        if self.user is not None:
            return str(conf.directory.user_id(self.user))
        return str(self.attendee) if self.attendee is not None else "A guest"

    def decisions(self) -> Iterable[Decision]:
        """Yield them, one for all versions where these decide alike."""
        running = replace(self.now, has_call=True)
        silent = replace(self.now, has_call=False, conversation=_without_call(self.now))
        ways: list[tuple[Action, Callable[[bool], _Asked], bool]] = [
            (Action.ENTER, self._entering, True),
            (Action.LIST, lambda new: self._asked(policies.LIST_CALL, self.now), True),
            (Action.JOIN, lambda new: self._joining(running, new), self.now.has_call),
            (Action.START, lambda new: self._joining(silent, new), not self.now.has_call),
            (Action.LEAVE, self._leaving, True),
        ]
        for action, ask, applies in ways:
            old, new = ask(False), ask(True)
            alike = old == new
            for versions, asked in [(OLD + NEW, old)] if alike else [(OLD, old), (NEW, new)]:
                yield Decision(action, versions, *asked, applies)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge for apps of each version, which enter first where they are not yet in."""
        old, new = self._verdict(OLD), self._verdict(NEW)
        if (old.can, old.says) == (new.can, new.says):
            return (replace(old, versions=OLD + NEW),)
        return old, new

    def _verdict(self, versions: tuple[str, ...]) -> Verdict:
        new = versions == NEW
        way = () if self.now.session else self._entering(new)[0]
        if not any(step.outcome == Outcome.REFUSED for step in way):
            way += self._joining(self._entered(), new)[0]
        refused = next((step for step in way if step.outcome == Outcome.REFUSED), None)
        given = [step.says for step in way if step.outcome == Outcome.DEPENDS]
        says = wording.verdict(
            self.name,
            refused.says if refused else None,
            given,
            has_call=self.now.has_call,
            enters=self.now.session is None,
        )
        return Verdict(versions, refused is None, says)

    def _entered(self) -> Situation:
        """Return how they would stand after entering; nothing is stored."""
        if self.now.session is not None:
            return self.now
        here, now = self.now.conversation, self.now.now
        attendee = self.now.attendee
        if attendee is None:
            kind = ActorType.USERS if self.user else ActorType.GUESTS
            role = policies.entry_type(here, is_user=self.user is not None)
            attendee = Attendee(conversation=here, actor_type=kind, participant_type=role or 0)
        return replace(self.now, attendee=attendee, session=Session(last_ping=now))

    def _entering(self, new: bool) -> "_Asked":
        """Ask what ``POST /room/{token}/participants/active`` asks (behaviour 6.4)."""
        here, attendee = self.now.conversation, self.now.attendee
        is_user = self.user is not None
        steps = list(self._may_use_talk())
        rest = ["is_visible", "password"]
        if _refuses(steps):
            return tuple(steps), tuple(rest)
        if not policies.is_visible(here, attendee, is_user=is_user):
            says = wording.not_visible(here, is_user=is_user)
            refused = Step("is_visible", Outcome.REFUSED, says, NoSuchConversation.code)
            return (*steps, refused), tuple(rest[1:])
        says = wording.visible(here, attendee)
        steps.append(Step("is_visible", Outcome.PASSED, says))
        asks = policies.needs_password(here, attendee)
        outcome, code = (Outcome.DEPENDS, WrongPassword.code) if asks else (Outcome.PASSED, "")
        steps.append(Step("password", outcome, wording.password(here, asks=asks), code))
        if not new and self._is_in_call():
            says = wording.CONFLICT
            steps.append(Step("other_device", Outcome.DEPENDS, says, SessionConflict.code))
        return tuple(steps), ()

    def _is_in_call(self) -> bool:
        session = self.now.session
        return session is not None and session.flags_at(self.now.now) != InCallFlag.DISCONNECTED

    def _joining(self, situation: Situation, new: bool) -> "_Asked":
        return self._asked(policies.JOIN_CALL, replace(situation, consents=new))

    def _leaving(self, new: bool) -> "_Asked":
        rules = policies.LEAVE_CALL_V4 if new else policies.LEAVE_CALL
        return self._asked(rules, self.now)

    def _asked(self, rules: tuple[policies.Rule, ...], situation: Situation) -> "_Asked":
        """Ask the directory and then the rules, as the API does."""
        steps = list(self._may_use_talk())
        if not _refuses(steps):
            steps += [_step(*asked, situation) for asked in policies.trace(rules, situation)]
        asked = {step.rule for step in steps}
        names = [rule.__name__ for rule in rules]
        return tuple(steps), tuple(name for name in names if name not in asked)

    def _may_use_talk(self) -> Iterable[Step]:
        """Ask the site's directory about users; guests are not asked (behaviour 4.1/3)."""
        if self.user is None:
            return
        if conf.directory.may_use_talk(self.user):
            yield Step("may_use_talk", Outcome.PASSED, wording.MAY_USE_TALK)
        else:
            says = wording.MAY_NOT_USE_TALK
            yield Step("may_use_talk", Outcome.REFUSED, says, TalkNotAllowed.code)


#: The steps that were taken, and the names of the rules that were not asked any more.
_Asked = tuple[tuple[Step, ...], tuple[str, ...]]


def _step(rule: policies.Rule, refusal: TalkError | None, situation: Situation) -> Step:
    says = wording.of(rule, situation, refused=refusal is not None)
    outcome = Outcome.REFUSED if refusal else Outcome.PASSED
    return Step(rule.__name__, outcome, says, refusal.code if refusal else "")


def _refuses(steps: list[Step]) -> bool:
    return any(step.outcome == Outcome.REFUSED for step in steps)


def _without_call(situation: Situation) -> Conversation:
    """Return the conversation as it will be after its call, whose permissions go with it."""
    here = situation.conversation
    if not situation.has_call:
        return here
    values = {field.attname: getattr(here, field.attname) for field in here._meta.concrete_fields}
    return Conversation(**values | {"call_permissions": Permission.DEFAULT})
