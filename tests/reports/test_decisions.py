"""What the report predicts is what the API does, for everybody and in every state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import (
    ActorType,
    ConversationType,
    Listable,
    LobbyState,
    Permission,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.exceptions import NoSuchConversation, NoSuchTarget
from talk_calls.host import clock
from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.policy import HostPolicy
from talk_calls.models import Conversation, Session
from talk_calls.reports.decisions import Action, Outcome, Report, decide
from talk_calls.services import creation
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSAnswer
from tests.people import GUESTS, USERS, Person, arrive

pytestmark = pytest.mark.django_db

PASSWORD = "sesame"
OLD = ["v1", "v2", "v3"]
#: Who, and whether a device of theirs is there: never was, is, or stopped pinging.
EVERYBODY = [
    *((who, presence) for who in USERS for presence in ("online", "offline", "timed out")),
    *((who, presence) for who in GUESTS for presence in ("online", "timed out")),
    ("stranger", "offline"),
    ("nobody", "offline"),
]


class ClosedDoor(DjangoDirectory):
    """A site that lets none of its users use Talk."""

    def may_use_talk(self, user):
        return False


class StaffDirectory(DjangoDirectory):
    """A site whose users are all in one group."""

    def group_ids(self, user):
        return ["Staff"]


class StrictPolicy(HostPolicy):
    """A site where guests start the calls, and only they moderate."""

    def may_start_call(self, user, conversation):
        return user is None

    def may_moderate(self, user, conversation):
        return user is None


STAFF = {
    "DIRECTORY": "tests.reports.test_decisions.StaffDirectory",
    "START_CALLS_GROUPS": ["Staff"],
}
STRICT = {"POLICY": "tests.reports.test_decisions.StrictPolicy"}


@dataclass(frozen=True)
class State:
    """The state of a conversation; ``others`` is who is in its call."""

    fields: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    others: str = "nobody"

    def bring_about(self, conversation: Conversation) -> None:
        Conversation.objects.filter(pk=conversation.pk).update(**self.fields)
        if self.others == "nobody":
            return
        other = arrive("moderator", conversation, version="v4")  # which can give its consent
        Conversation.objects.filter(pk=conversation.pk).update(read_only=0, lobby_state=0)
        assert other.call("post", {"recordingConsent": "true"}).http == 200
        Conversation.objects.filter(pk=conversation.pk).update(**self.fields)
        if self.others == "timed out":
            age(other.session, timedelta(seconds=50))


def lobby(seconds: float | None) -> dict[str, Any]:
    timer = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    return {"lobby_state": LobbyState.NON_MODERATORS, "lobby_timer": timer}


LOCKED = {"read_only": ReadOnly.READ_ONLY}
NO_START = int(Permission.MAX_DEFAULT & ~Permission.START_CALL)
STATES: dict[str, Callable[[], State]] = {
    "open": State,
    "locked": lambda: State(LOCKED),
    "lobby": lambda: State(lobby(None)),
    "lobby until later": lambda: State(lobby(3600)),
    "lobby that fell": lambda: State(lobby(-1)),
    "locked and lobby": lambda: State({**LOCKED, **lobby(None)}),
    "password": lambda: State({"password": make_password(PASSWORD)}),
    "users start": lambda: State(settings={"START_CALLS": "users"}),
    "moderators start": lambda: State(settings={"START_CALLS": "moderators"}),
    "moderators started": lambda: State({}, {"START_CALLS": "moderators"}, "in call"),
    "starter timed out": lambda: State({}, {"START_CALLS": "moderators"}, "timed out"),
    "nobody here may start": lambda: State(settings={"START_CALLS_GROUPS": ["Staff"]}),
    "users of a group start": lambda: State(settings=STAFF),
    "user of a group started": lambda: State({}, STAFF, "in call"),
    "no one starts": lambda: State(settings={"START_CALLS": "no one"}),
    "may not start": lambda: State({"default_permissions": NO_START}),
    "call that may not be started": lambda: State({"call_permissions": NO_START}),
    "call permissions left behind": lambda: State({"call_permissions": NO_START}, {}, "timed out"),
    "may ignore lobby": lambda: State(
        {**lobby(None), "default_permissions": int(Permission.MAX_DEFAULT)}
    ),
    "consent": lambda: State(settings={"RECORDING_CONSENT": "yes"}),
    "consent by moderators": lambda: State(
        {"recording_consent": RecordingConsent.NEEDED}, {"RECORDING_CONSENT": "optional"}
    ),
    "call in a locked lobby": lambda: State({**LOCKED, **lobby(None)}, {}, "in call"),
    "call and lobby": lambda: State(lobby(None), {}, "in call"),
    "call and consent": lambda: State({}, {"RECORDING_CONSENT": "yes"}, "in call"),
    "group": lambda: State({"type": ConversationType.GROUP}),
    "listed": lambda: State({"type": ConversationType.GROUP, "listable": Listable.EVERYONE}),
    "listed, public": lambda: State(
        {"listable": Listable.USERS, "password": make_password(PASSWORD)}
    ),
    "policy": lambda: State(settings=STRICT),
    "policy and lobby": lambda: State(lobby(None), STRICT),
    "policy and moderators start": lambda: State({}, {**STRICT, "START_CALLS": "moderators"}),
    "policy and may not start": lambda: State({"default_permissions": NO_START}, STRICT),
    "one-to-one, policy": lambda: State({"type": ConversationType.ONE_TO_ONE}, STRICT),
    "one-to-one": lambda: State({"type": ConversationType.ONE_TO_ONE}),
    "no Talk": lambda: State(
        settings={"DIRECTORY": "tests.reports.test_decisions.ClosedDoor"}, others="nobody"
    ),
}


def age(session: Session, span: timedelta) -> None:
    Session.objects.filter(pk=session.pk).update(last_ping=timezone.now() - span)


def bring(who: str, presence: str, conversation: Conversation) -> Person:
    person = arrive(who, conversation, online=presence != "offline")
    if presence == "timed out":
        age(person.session, timedelta(seconds=200))
    return person


def predicted(person: Person) -> Report:
    user = None
    if person.device.username is not None:
        user = UserFactory._meta.model.objects.get(username=person.device.username)
    guest = person.attendee.pk if person.attendee is not None and user is None else None
    token = person.conversation.token
    return decide(token=token, now=clock.now(), user=user, attendee_id=guest)


def expected(report: Report, action: Action, version: str) -> str:
    """Return the code of the refusal; empty for what is allowed."""
    decision = decision_of(report, action, version)
    assert decision.applies
    return decision.refused.code if decision.refused else ""


def hold(person: Person, report: Report, action: Action, answer: OCSAnswer) -> tuple | None:
    """Return what was predicted and what happened if they differ, else None."""
    version = person.device.version
    code, got = expected(report, action, version), outcome(person, answer)
    return None if same(version, code, got) else (action, code, got)


def decision_of(report, action, version="v4"):
    return next(d for d in report.decisions if d.action == action and version in d.versions)


#: v1 to v3 do not name a refusal, so there its status has to do.
STATUSES = {
    "not-allowed": 403,
    "calls-disabled": 403,
    "read-only": 403,
    "start-call": 403,
    "password": 403,
    "lobby": 412,
    "no-conversation": 404,
    "no-session": 404,
    "consent": 400,
    "": 200,
}


def outcome(person: Person, answer: Any) -> Any:
    if answer.http == 200:
        return ""
    return answer.data["error"] if person.device.version == "v4" else answer.http


def same(version: str, expected: str, got: Any) -> bool:
    return got == (expected if version == "v4" or not expected else STATUSES[expected])


#: v1 to v3 share their views and rules with v4, so each state meets one of them, in turn, with
#: every second of those who turn up; and v4 with all of them.
EACH = [
    pytest.param(name, version, everybody, id=f"{name}, {version}")
    for number, name in enumerate(STATES)
    for version, everybody in ((OLD[number % 3], EVERYBODY[number % 2 :: 2]), ("v4", EVERYBODY))
]


@pytest.mark.parametrize(("name", "version", "everybody"), EACH)
def test_api_does_what_the_report_predicts(name, version, everybody, settings):
    """The API answers each action of everybody as the report predicts."""
    settings.TALK_CALLS = STATES[name]().settings  # once: after a change all SQL is compiled anew
    join = {"flags": 7} | ({"recordingConsent": "true"} if version == "v4" else {})
    wrong = []
    for who, presence in everybody:
        conversation = ConversationFactory()
        person = bring(who, presence, conversation)
        STATES[name]().bring_about(conversation)
        person.device.version = version
        report = predicted(person)
        held = [hold(person, report, Action.LIST, person.call("get"))]
        way = Action.JOIN if report.has_call else Action.START
        held.append(hold(person, report, way, person.call("post", join)))
        report = predicted(person)
        held.append(hold(person, report, Action.LEAVE, person.call("delete")))
        report = predicted(person)
        door = person.room("post", "/participants/active", {"password": PASSWORD})
        held.append(hold(person, report, Action.ENTER, door))
        answer = person.call("post", join)
        if (answer.http == 200) != report.verdict_of(version).can:
            held.append((report.verdicts, answer.whole))
        wrong += [(who, presence, each) for each in held if each]
    assert wrong == []


def whole(decision):
    return [(step.rule, step.outcome, step.explanation, step.code) for step in decision.steps]


def test_steps_in_words():
    """Each rule that was asked has a sentence; the refusal is the last, the others not asked."""
    conversation = ConversationFactory(token="standup", lobby_state=LobbyState.NON_MODERATORS)
    member = AttendeeFactory(conversation=conversation, user__username="bob")
    report = decide(token="standup", now=clock.now(), user=member.user)
    assert [(v.versions, v.can, v.explanation) for v in report.verdicts] == [
        (
            ("v1", "v2", "v3", "v4"),
            False,
            "bob cannot start a call: the lobby is up until a moderator takes it down; "
            "moderators pass.",
        )
    ]
    join = decision_of(report, Action.START)
    assert whole(join) == [
        ("may_use_talk", Outcome.PASSED, "The site's directory lets this user use Talk.", ""),
        ("calls_are_enabled", Outcome.PASSED, "The site offers calls.", ""),
        (
            "is_participant",
            Outcome.PASSED,
            "They belong to the conversation (user).",
            "",
        ),
        ("is_writable", Outcome.PASSED, "The conversation is not locked.", ""),
        (
            "is_past_lobby",
            Outcome.REFUSED,
            "The lobby is up until a moderator takes it down; moderators pass.",
            "lobby",
        ),
    ]
    assert join.not_asked == ("has_consent", "has_session", "may_start_call")


def test_steps_name_the_hooks_of_the_policy(settings):
    """The site's own code is named by its dotted path, and a lowered moderator is no refusal."""
    settings.TALK_CALLS = STRICT
    policy = "The site's policy (tests.reports.test_decisions.StrictPolicy"
    conversation = ConversationFactory(token="standup")
    owner, guest = arrive("owner", conversation), arrive("guest moderator", conversation)
    steps = whole(decision_of(predicted(owner), Action.START))
    assert [each for each in steps if each[0].startswith("policy")] == [
        (
            "policy_may_moderate",
            Outcome.LOWERED,
            f"{policy}.may_moderate) does not let this owner moderate; they count as without it.",
            "",
        ),
        (
            "policy_may_start_call",
            Outcome.REFUSED,
            f"{policy}.may_start_call) does not let them start a call, and none is running. They "
            "can join once somebody started one.",
            "start-call",
        ),
    ]
    steps = whole(decision_of(predicted(guest), Action.START))
    assert [each for each in steps if each[0].startswith("policy")] == [
        (
            "policy_may_moderate",
            Outcome.PASSED,
            f"{policy}.may_moderate) lets this guest with moderator permissions moderate.",
            "",
        ),
        (
            "policy_may_start_call",
            Outcome.PASSED,
            f"{policy}.may_start_call) lets them start a call.",
            "",
        ),
    ]
    assert guest.call("post").http == 200
    join = whole(decision_of(predicted(owner), Action.JOIN))
    assert join[-1] == (
        "policy_may_start_call",
        Outcome.PASSED,
        f"{policy}.may_start_call) is not asked while a call is running.",
        "",
    )


@pytest.mark.parametrize(
    ("who", "values", "reason"),
    [
        ("member", {"default_permissions": NO_START}, "their permissions do not include"),
        ("guest", {}, 'TALK_CALLS["START_CALLS"] lets only people with an account start one'),
        (
            "owner",
            {},
            'TALK_CALLS["START_CALLS_GROUPS"] lets only members of these groups start one: Staff, '
            "Teachers. They can join once somebody did.",
        ),
    ],
)
def test_why_somebody_may_not_start(settings, who, values, reason):
    """The explanation names what refuses first: permissions, the role, the groups."""
    groups = {"START_CALLS_GROUPS": ["Staff", "Teachers"]}
    settings.TALK_CALLS = {"START_CALLS": "users"} | groups
    person = arrive(who, ConversationFactory(**values))
    refused = decision_of(predicted(person), Action.START).refused
    assert refused.explanation.startswith("No call is running, and ")
    assert reason in refused.explanation
    other = arrive("moderator", person.conversation)
    other.attendee.user.groups.create(name="Teachers")
    assert other.call("post").http == 200
    joined = decision_of(predicted(person), Action.JOIN).steps[-1]
    assert joined.explanation == "A call is running, and joining one takes no permission."


def test_each_version_where_they_differ():
    """v4 differs in consent and leaving only; versions with one answer are shown together."""
    conversation = ConversationFactory(token="standup")
    session = SessionFactory(attendee__conversation=conversation)
    report = decide(token="standup", now=clock.now(), user=session.attendee.user)
    assert [(d.action, d.versions, d.applies) for d in report.decisions] == [
        ("enter", ("v1", "v2", "v3", "v4"), True),
        ("list", ("v1", "v2", "v3", "v4"), True),
        ("join", ("v1", "v2", "v3", "v4"), False),
        ("start", ("v1", "v2", "v3", "v4"), True),
        ("leave", ("v1", "v2", "v3"), True),
        ("leave", ("v4",), True),
    ]


def test_other_device_in_the_call():
    """In v1 to v3 it has to be confirmed that this device takes over."""
    conversation = ConversationFactory(token="standup")
    person = arrive("member", conversation)
    person.call("post")
    report = predicted(person)
    device = decision_of(report, Action.ENTER, "v3").steps[-1]
    assert (device.rule, device.outcome, device.code) == (
        "other_device",
        Outcome.DEPENDS,
        "conflict",
    )
    assert person.room("post", "/participants/active", {"force": "false"}).http == 409
    assert decision_of(report, Action.ENTER, "v4").steps[-1].rule == "password"


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (
            ActorType.EMAILS,
            "People who were invited by e-mail come in as guests, by the link they got.",
        ),
        (
            ActorType.GUESTS,
            "Guests are known by their session, and theirs is gone: they come in as a new guest, "
            "without the role they had.",
        ),
    ],
)
def test_attendee_without_account_comes_as_a_newcomer(kind, note):
    """A guest without a session is judged as a newcomer."""
    conversation = ConversationFactory(token="standup")
    guest = GuestFactory(conversation=conversation, actor_type=kind, display_name="Ann")
    report = decide(token="standup", now=clock.now(), attendee_id=guest.pk)
    assert (report.name, report.note) == ("Ann", note)
    assert decision_of(report, Action.LIST).refused.code == "no-conversation"
    assert report.verdict_of("v4").can


def test_nobody_to_decide_about():
    """A conversation or an attendee that is not there, and a group, which never acts."""
    with pytest.raises(NoSuchConversation):
        decide(token="nowhere", now=clock.now())
    conversation = ConversationFactory(token="standup")
    group = GuestFactory(conversation=conversation, actor_type=ActorType.GROUPS)
    elsewhere = GuestFactory()
    for attendee in (group, elsewhere):
        with pytest.raises(NoSuchTarget):
            decide(token="standup", now=clock.now(), attendee_id=attendee.pk)


@pytest.mark.parametrize("others", [0, 50])
def test_few_statements(others):
    """The number of statements does not depend on how many are in the call."""
    conversation = ConversationFactory(token="standup", call_permissions=NO_START)
    session = SessionFactory(attendee__conversation=conversation)
    SessionFactory.create_batch(others, attendee__conversation=conversation)
    with CaptureQueriesContext(connection) as queries:
        decide(token="standup", now=clock.now(), user=session.attendee.user)
    assert len(queries) == 3


def test_full(settings):
    """A newcomer is refused in a full conversation; guests who are gone take no place there."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 1}
    conversation = ConversationFactory(token="standup")
    guest = SessionFactory(attendee=GuestFactory(conversation=conversation))
    newcomer = decide(token="standup", now=clock.now())
    [verdict] = newcomer.verdicts
    assert not verdict.can
    assert "MAX_PARTICIPANTS" in verdict.explanation
    [entering] = [each for each in newcomer.decisions if each.action == Action.ENTER]
    assert (entering.refused.rule, entering.refused.code) == ("has_room", "full")
    inside = decide(token="standup", now=clock.now(), attendee_id=guest.attendee_id)
    assert inside.verdict_of("v4").can
    age(guest, timedelta(seconds=101))
    assert decide(token="standup", now=clock.now()).verdict_of("v4").can


def explained(conversation, user, action: Action) -> str:
    report = decide(token=conversation.token, now=clock.now(), user=user)
    return decision_of(report, action).steps[-1].explanation


def test_who_is_not_in_a_one_to_one_yet():
    """The other half is told what brings it in, and anybody else whose it is."""
    one, other, stranger = (UserFactory() for _ in range(3))
    pair, _ = creation.create_one_to_one(user=one, other=other, both=False)
    text = explained(pair, other, Action.ENTER)
    assert text.endswith("the next call of the other one brings them in.")
    text = explained(pair, stranger, Action.ENTER)
    assert text == "The conversation is between two other people."


def test_former_one_to_one():
    """Nobody is sent to look for a moderator who unlocks it."""
    one, other = UserFactory(), UserFactory()
    pair, _ = creation.create_one_to_one(user=one, other=other)
    other.delete()
    text = explained(pair, one, Action.START)
    assert text == "The account of the other one is deleted; nobody calls here any more."
