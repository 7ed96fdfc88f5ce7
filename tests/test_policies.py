"""Who may do what: tables of pure functions (behaviour 4.1, constants 1.8)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from talk_calls import policies
from talk_calls.constants import ConversationType as Kind
from talk_calls.constants import ParticipantType as Role
from talk_calls.exceptions import ConversationReadOnly
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Attendee, Conversation, Session

NOW = datetime(2021, 2, 22, 12, 0, tzinfo=UTC)
GUESTS = {Role.GUEST, Role.GUEST_MODERATOR}


class StaffDirectory(DjangoDirectory):
    """A site where Ann alone is in a group."""

    def group_ids(self, user) -> list[str]:
        return ["Staff"] if user.username == "ann" else ["Pupils"]


def attendee(role: Role | None) -> Attendee | None:
    if role is None:
        return None
    return Attendee(participant_type=role, actor_type="guests" if role in GUESTS else "users")


def situation(role=Role.USER, *, has_session=True, has_call=False, **conversation):
    return policies.Situation(
        conversation=Conversation(**{"type": Kind.PUBLIC} | conversation),
        attendee=attendee(role),
        session=Session() if has_session else None,
        has_call=has_call,
        now=NOW,
    )


def refusal(rules, where) -> str | None:
    found = policies.first_refusal(rules, where)
    return found.code if found else None


@pytest.mark.parametrize(
    ("where", "listing", "joining", "leaving"),
    [
        ({}, None, None, None),
        ({"role": None}, *["no-conversation"] * 3),
        ({"role": None, "read_only": 1, "lobby_state": 1}, *["no-conversation"] * 3),
        ({"read_only": 1}, *["read-only"] * 3),
        ({"read_only": 1, "role": Role.OWNER}, *["read-only"] * 3),
        ({"read_only": 1, "lobby_state": 1}, *["read-only"] * 3),
        ({"read_only": 1, "has_session": False}, *["read-only"] * 3),
        ({"lobby_state": 1}, *["lobby"] * 3),
        ({"lobby_state": 1, "role": Role.GUEST}, *["lobby"] * 3),
        ({"lobby_state": 1, "role": Role.USER_SELF_JOINED}, *["lobby"] * 3),
        ({"lobby_state": 1, "role": Role.OWNER}, None, None, None),
        ({"lobby_state": 1, "role": Role.MODERATOR}, None, None, None),
        ({"lobby_state": 1, "role": Role.GUEST_MODERATOR}, None, None, None),
        ({"lobby_state": 1, "lobby_timer": NOW}, None, None, None),
        ({"lobby_state": 1, "lobby_timer": NOW + timedelta(seconds=1)}, *["lobby"] * 3),
        ({"lobby_state": 1, "has_session": False}, *["lobby"] * 3),
        ({"has_session": False}, None, "no-session", "no-session"),
    ],
    ids=str,
)
def test_order_of_checks(where, listing, joining, leaving):
    """The first rule that refuses counts: participant, lock, lobby, session."""
    found = [
        refusal(rules, situation(**where))
        for rules in (policies.LIST_CALL, policies.JOIN_CALL, policies.LEAVE_CALL)
    ]
    assert found == [listing, joining, leaving]


@pytest.mark.parametrize(
    ("start_calls", "may_start"),
    [
        ("everyone", set(Role)),
        ("users", set(Role) - {Role.GUEST}),
        ("moderators", {Role.OWNER, Role.MODERATOR, Role.GUEST_MODERATOR}),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_who_may_start(settings, start_calls, may_start, role):
    """The setting restricts starting; everybody may join a running call."""
    settings.TALK_CALLS = {"START_CALLS": start_calls}
    started = refusal(policies.JOIN_CALL, situation(role))
    assert started == (None if role in may_start else "start-call")
    assert refusal(policies.JOIN_CALL, situation(role, has_call=True)) is None
    assert policies.can_start_calls(Conversation(), attendee(role)) is (role in may_start)


@pytest.mark.parametrize("role", Role)
def test_groups_that_may_start(settings, role):
    """Only users of the groups may start calls, whatever else they are; joining is for all."""
    settings.TALK_CALLS = {
        "START_CALLS_GROUPS": ["Staff", "Teachers"],
        "DIRECTORY": f"{__name__}.StaffDirectory",
    }
    users = {None: False} if role in GUESTS else {"ann": True, "bob": False}
    for name, may_start in users.items():
        here = situation(role)
        here.attendee.user = User(username=name) if name else None
        assert refusal(policies.JOIN_CALL, here) == (None if may_start else "start-call")
        assert refusal(policies.JOIN_CALL, replace(here, has_call=True)) is None
        assert policies.can_start_calls(here.conversation, here.attendee) is may_start


@pytest.mark.parametrize("role", [*Role, None])
def test_no_calls_at_all(settings, role):
    """Where the site offers no calls, everything but leaving is refused, before anything else."""
    settings.TALK_CALLS = {"START_CALLS": "no one"}
    for rules in (policies.LIST_CALL, policies.JOIN_CALL):
        assert refusal(rules, situation(role, has_call=True, read_only=1)) == "calls-disabled"
    if role:
        assert policies.can_start_calls(Conversation(), attendee(role)) is False
    left = refusal(policies.LEAVE_CALL, situation(role))
    assert left == (None if role else "no-conversation")


@pytest.mark.parametrize(
    ("role", "moderates", "sees"),
    [
        (Role.OWNER, True, True),
        (Role.MODERATOR, True, True),
        (Role.USER, False, True),
        (Role.GUEST, False, False),
        (Role.USER_SELF_JOINED, False, True),
        (Role.GUEST_MODERATOR, True, True),
    ],
)
def test_roles(role, moderates, sees):
    """Who moderates, and who sees the participants (constants 2.1, behaviour 7.1)."""
    assert (policies.is_moderator(situation(role)) is None) is moderates
    assert (policies.may_see_participants(situation(role)) is None) is sees


@pytest.mark.parametrize(
    ("kind", "listable", "user", "guest"),
    [
        (Kind.PUBLIC, 0, Role.USER_SELF_JOINED, Role.GUEST),
        (Kind.PUBLIC, 1, Role.USER, Role.GUEST),
        (Kind.PUBLIC, 2, Role.USER, Role.GUEST),
        (Kind.GROUP, 0, None, None),
        (Kind.GROUP, 1, Role.USER, None),
        (Kind.GROUP, 2, Role.USER, None),
        (Kind.ONE_TO_ONE, 0, None, None),
        (Kind.ONE_TO_ONE, 2, None, None),
    ],
)
def test_entry(kind, listable, user, guest):
    """Who may join uninvited, and as what; those who may join may see it."""
    room = Conversation(type=kind, listable=listable)
    assert policies.entry_type(room, is_user=True) == user
    assert policies.entry_type(room, is_user=False) == guest
    assert policies.is_visible(room, None, is_user=True) is (user is not None)
    assert policies.is_visible(room, None, is_user=False) is (guest is not None)
    assert policies.is_visible(room, attendee(Role.USER), is_user=True) is True


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        (None, True),
        (Role.GUEST, True),
        (Role.GUEST_MODERATOR, True),
        (Role.USER_SELF_JOINED, True),
        (Role.USER, False),
        (Role.MODERATOR, False),
        (Role.OWNER, False),
    ],
)
def test_who_is_asked_for_the_password(role, asked):
    """Everybody who was not invited by name needs the password (behaviour 6.4/6)."""
    who = attendee(role)
    assert policies.needs_password(Conversation(type=Kind.PUBLIC, password="x"), who) is asked
    assert policies.needs_password(Conversation(type=Kind.PUBLIC), who) is False
    assert policies.needs_password(Conversation(type=Kind.GROUP, password="x"), who) is False


def test_enforce_raises_the_first_refusal():
    """What is not refused passes in silence."""
    policies.enforce(policies.JOIN_CALL, situation())
    with pytest.raises(ConversationReadOnly):
        policies.enforce(policies.JOIN_CALL, situation(read_only=1, lobby_state=1))


def test_trace_stops_at_the_first_refusal():
    """The trace has each rule that was asked, with its refusal."""
    locked = situation(read_only=1, lobby_state=1)
    traced = [
        (rule, refusal and type(refusal))
        for rule, refusal in policies.trace(policies.LIST_CALL, locked)
    ]
    assert traced == [
        (policies.calls_are_enabled, None),
        (policies.is_participant, None),
        (policies.is_writable, ConversationReadOnly),
    ]


def test_trace_of_what_is_allowed():
    """All rules, none of which refuses."""
    traced = list(policies.trace(policies.JOIN_CALL, situation()))
    assert traced == [(rule, None) for rule in policies.JOIN_CALL]
