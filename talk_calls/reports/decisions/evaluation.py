"""The rules of ``policies``, asked one after the other as the API asks them.

What apps know by themselves is not in the database, so three things are assumed: an app uses the
session that pinged last; an app of API v4 sends the consent to be recorded where it is needed; and
one of v1 to v3 cannot send it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ActorType, ConversationType, InCallFlag, Permission
from talk_calls.exceptions import (
    ConversationFull,
    NoSuchConversation,
    NoSuchTarget,
    SessionConflict,
    TalkError,
    TalkNotAllowed,
    WrongPassword,
)
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Attendee, Conversation, Session, finders
from talk_calls.models.attendees import passing
from talk_calls.models.calls import ignore_permissions_of_timed_out_call
from talk_calls.policies import Situation
from talk_calls.reports.decisions import explanations
from talk_calls.reports.decisions.results import (
    NEW,
    OLD,
    Action,
    Decision,
    Outcome,
    Report,
    Step,
    Verdict,
)
from talk_calls.reports.formatting import in_sentence


def decide(
    *, token: str, now: datetime, user: HostUser | None = None, attendee_id: int | None = None
) -> Report:
    """Return what each API version decides about an actor; at most five queries by this package.

    The actor is ``user``, or the attendee with the primary key ``attendee_id``, or else a newcomer
    without an account. Raises ``NoSuchConversation``. Raises ``NoSuchTarget`` if the conversation
    has no such attendee, or the attendee is a group, which cannot act.
    """
    conversation = finders.find_conversation(token, now=now, actor=Actor(user))
    if conversation is None:
        raise NoSuchConversation
    ignore_permissions_of_timed_out_call(conversation, now, has_call=conversation.has_call)
    attendee = _attendee(conversation, user, attendee_id, now)
    user = user or (attendee.user if attendee else None)
    case = _Case(user, attendee, _situation(conversation, attendee, now))
    return Report(
        conversation=conversation,
        name=case.name,
        has_call=conversation.has_call,
        verdicts=case.verdicts(),
        decisions=tuple(case.decisions()),
        note=explanations.note(attendee, case.now),
        policy=tuple(case.policy()),
    )


def _attendee(
    conversation: Conversation, user: HostUser | None, attendee_id: int | None, now: datetime
) -> Attendee | None:
    attendees = Attendee.objects.acting(now).filter(conversation=conversation)
    if user is not None:
        found = attendees.filter(user=user).first()
        if found is not None:
            found.user = user  # loaded already
        return found
    if attendee_id is None:
        return None
    people = attendees.exclude(actor_type=ActorType.GROUPS).select_related("user")
    attendee = people.filter(pk=attendee_id).first()
    if attendee is None:
        raise NoSuchTarget
    return attendee


def _situation(conversation: Conversation, attendee: Attendee | None, now: datetime) -> Situation:
    session = attendee.acting if attendee is not None else None
    # Only a session identifies somebody without an account; without one they are a newcomer.
    if attendee is not None and attendee.user_id is None and session is None:
        attendee = None
    is_banned = attendee is None and conversation.bans_actor
    return Situation(
        conversation, attendee, session, conversation.has_call, now, is_banned=is_banned
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """An actor and their situation ``now``, in which ``attendee`` may have lost its session."""

    user: HostUser | None
    attendee: Attendee | None
    now: Situation

    @property
    def name(self) -> str:
        if self.user is not None:
            return str(conf.directory.user_id(self.user))
        return self.attendee.title if self.attendee is not None else _("A guest")

    def decisions(self) -> Iterable[Decision]:
        """Yield the decisions: one for all versions if they decide in the same way, else two."""
        running = replace(self.now, has_call=True)
        idle = replace(self.now, has_call=False, conversation=_without_call(self.now))
        actions: list[tuple[Action, Callable[[bool], _Asked], bool]] = [
            (Action.ENTER, self._entering, True),
            (Action.LIST, lambda new: self._asked(policies.LIST_CALL, self.now), True),
            (Action.JOIN, lambda new: self._joining(running, new), self.now.has_call),
            (Action.START, lambda new: self._joining(idle, new), not self.now.has_call),
            (Action.LEAVE, self._leaving, True),
        ]
        for action, ask, applies in actions:
            old, new = ask(False), ask(True)
            is_same = old == new
            for versions, asked in [(OLD + NEW, old)] if is_same else [(OLD, old), (NEW, new)]:
                yield Decision(action, versions, *asked, applies)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdict for all versions, or that for the old and that for the new ones."""
        old, new = self._verdict(OLD), self._verdict(NEW)
        if (old.can, old.explanation) == (new.can, new.explanation):
            return (replace(old, versions=OLD + NEW),)
        return old, new

    def policy(self) -> Iterable[Step]:
        """Yield what the site's policy answers about a user besides calls; nothing without one."""
        if self.user is None:
            return
        by, conversation = Actor(self.user), self.now.conversation
        if policies.is_overridden("may_create"):
            for kind in _CREATED:
                refusal = policies.may_create(by, kind)
                yield _policy_step("may_create", refusal, kind=in_sentence(kind.label))
        if policies.is_overridden("may_make_public"):
            yield _policy_step("may_make_public", policies.may_make_public(by, conversation))
        if policies.is_overridden("may_make_listable"):
            yield _policy_step("may_make_listable", policies.may_make_listable(by, conversation))

    def _verdict(self, versions: tuple[str, ...]) -> Verdict:
        new = versions == NEW
        steps = () if self.now.session else self._entering(new)[0]
        if not _refuses(steps):
            steps += self._joining(self._entered(), new)[0]
        refused = next((step for step in steps if step.outcome == Outcome.REFUSED), None)
        explanation = explanations.verdict(
            self.name,
            refused.explanation if refused else None,
            [step.explanation for step in steps if step.outcome == Outcome.DEPENDS],
            has_call=self.now.has_call,
            enters=self.now.session is None,
        )
        return Verdict(versions, refused is None, explanation)

    def _entered(self) -> Situation:
        """Return the situation after entering the conversation; nothing is stored."""
        if self.now.session is not None:
            return self.now
        conversation, attendee = self.now.conversation, self.now.attendee
        if attendee is None:
            kind = ActorType.USERS if self.user else ActorType.GUESTS
            role = policies.entry_type(conversation, is_user=self.user is not None)
            attendee = Attendee(
                conversation=conversation,
                actor_type=kind,
                user=self.user,
                participant_type=role or 0,
            )
        return replace(self.now, attendee=attendee, session=Session(last_ping=self.now.now))

    def _entering(self, new: bool) -> "_Asked":
        """Ask the rules of ``POST /room/{token}/participants/active`` asks (behaviour 6.4)."""
        conversation, attendee = self.now.conversation, self.now.attendee
        is_user = self.user is not None
        steps = list(self._may_use_talk())
        if _refuses(steps):
            return tuple(steps), ("is_visible", "password")
        for rule, refusal in policies.trace(policies.ENTER, self.now):
            steps += _steps(rule, refusal, self.now)
        if _refuses(steps):
            return tuple(steps), ("is_visible", "password")
        if not policies.is_visible(conversation, attendee, is_user=is_user):
            text = explanations.not_visible(conversation, self.user)
            refused = Step("is_visible", Outcome.REFUSED, text, NoSuchConversation.code)
            return (*steps, refused), ("password",)
        text = explanations.visible(conversation, attendee)
        steps.append(Step("is_visible", Outcome.PASSED, text))
        asks = policies.needs_password(conversation, attendee)
        outcome, code = (Outcome.DEPENDS, WrongPassword.code) if asks else (Outcome.PASSED, "")
        text = explanations.password(conversation, asks=asks)
        steps.append(Step("password", outcome, text, code))
        if attendee is None and _is_full(conversation, self.now.now):
            text = explanations.full()
            steps.append(Step("has_room", Outcome.REFUSED, text, ConversationFull.code))
        if not new and self._is_in_call():
            text = str(explanations.OTHER_DEVICE)
            steps.append(Step("other_device", Outcome.DEPENDS, text, SessionConflict.code))
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
        rules = tuple(rule for rule in rules if _has_a_say(rule))
        steps = list(self._may_use_talk())
        if not _refuses(steps):
            for rule, refusal in policies.trace(rules, situation):
                steps += _steps(rule, refusal, situation)
        asked = {step.rule for step in steps}
        names = [rule.__name__ for rule in rules]
        return tuple(steps), tuple(name for name in names if name not in asked)

    def _may_use_talk(self) -> Iterable[Step]:
        """Ask the site's directory about users; guests are not asked (behaviour 4.1/3)."""
        if self.user is None:
            return
        if conf.directory.may_use_talk(self.user):
            yield Step("may_use_talk", Outcome.PASSED, str(explanations.MAY_USE_TALK))
        else:
            text = str(explanations.MAY_NOT_USE_TALK)
            yield Step("may_use_talk", Outcome.REFUSED, text, TalkNotAllowed.code)


#: The types of conversations that people create.
_CREATED = (ConversationType.ONE_TO_ONE, ConversationType.GROUP, ConversationType.PUBLIC)

#: The steps that were asked, and the names of the rules after a refusal.
_Asked = tuple[tuple[Step, ...], tuple[str, ...]]


def _policy_step(hook: str, refusal: TalkError | None, *, kind: str = "") -> Step:
    text = explanations.of_policy(hook, refused=refusal is not None, kind=kind)
    outcome = Outcome.REFUSED if refusal else Outcome.PASSED
    return Step(f"policy_{hook}", outcome, text, refusal.code if refusal else "")


def _has_a_say(rule: policies.Rule) -> bool:
    """Tell whether to show a rule: that of the site's policy where the site has one."""
    return rule is not policies.policy_may_start_call or policies.is_overridden("may_start_call")


def _steps(rule: policies.Rule, refusal: TalkError | None, situation: Situation) -> Iterable[Step]:
    text = explanations.of_rule(rule, situation, refused=refusal is not None)
    outcome = Outcome.REFUSED if refusal else Outcome.PASSED
    yield Step(rule.__name__, outcome, text, refusal.code if refusal else "")
    if rule is policies.is_participant and refusal is None:
        yield from _moderating(situation)


def _moderating(situation: Situation) -> Iterable[Step]:
    """Tell what the site's policy makes of a moderator's role, if it has a say."""
    conversation, attendee = situation.conversation, situation.require_attendee()
    is_asked = attendee.is_moderator and not conversation.is_one_to_one
    if not is_asked or not policies.site_has_a_say():
        return
    lowered = policies.is_lowered(conversation, attendee)
    text = explanations.moderating(attendee, lowered=lowered)
    outcome = Outcome.LOWERED if lowered else Outcome.PASSED
    yield Step("policy_may_moderate", outcome, text)


def _is_full(conversation: Conversation, now: datetime) -> bool:
    """Tell whether a newcomer would be too many; they first remove who is gone."""
    there = Session.objects.present(now).filter(attendee=OuterRef("pk"))
    people = conversation.attendees.of_their_own().filter(~passing() | Exists(there))
    return policies.has_room_for(people.count() + 1) is not None


def _refuses(steps: Iterable[Step]) -> bool:
    return any(step.outcome == Outcome.REFUSED for step in steps)


def _without_call(situation: Situation) -> Conversation:
    """Return a copy of the conversation without the permissions of its running call."""
    conversation = situation.conversation
    if not situation.has_call:
        return conversation
    names = [field.attname for field in conversation._meta.concrete_fields]
    values = {name: getattr(conversation, name) for name in names}
    return Conversation(**values | {"call_permissions": Permission.DEFAULT})
