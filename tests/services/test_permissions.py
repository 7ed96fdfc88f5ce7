"""Changed rights take effect at once, also in a running call (design truth 5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import Permission, PermissionChange
from talk_calls.exceptions import (
    InvalidValue,
    MayNotStartCall,
    ModeratorMayEverything,
    NoSession,
    NoSuchTarget,
    NotInCall,
    NotModerator,
    NotOneself,
    NotPromotable,
)
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls, conversations, lobby, participants, permissions, sessions
from talk_calls.signals import call_flags_changed
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.times import START

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SET, ADD, REMOVE = PermissionChange.SET, PermissionChange.ADD, PermissionChange.REMOVE


@pytest.fixture
def room():
    return ConversationFactory()


@pytest.fixture
def boss(room):
    return AttendeeFactory(conversation=room, participant_type=1)


@pytest.fixture
def member(room):
    return AttendeeFactory(conversation=room)


def in_call(attendee, flags: int = 7) -> Session:
    session = SessionFactory(attendee=attendee, last_ping=START)
    calls.join(session=session, flags=flags, now=START)
    return session


def flags_of(session: Session) -> int:
    return Session.objects.get(pk=session.pk).in_call


def give(attendee, value: int, change=SET, performed_by=None) -> None:
    permissions.of_attendee(
        attendee=attendee, change=change, permissions=value, performed_by=performed_by, now=START
    )


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        (Permission.CUSTOM, 1),
        (Permission.PUBLISH_AUDIO, 3),
        (Permission.PUBLISH_VIDEO, 5),
        (Permission.PUBLISH_AUDIO | Permission.PUBLISH_VIDEO, 7),
    ],
)
@pytest.mark.parametrize("level", ["attendee", "call", "default", "site"])
def test_media_need_permission(  # noqa: PLR0917 -- pytest hands over by name
    room, boss, member, settings, level, value, flags
):
    """Each level removes media, from sessions in the call and from the next one that joins."""
    in_call(boss)
    session = in_call(member)
    if level == "attendee":
        give(member, value)
    elif level == "site":
        settings.TALK_CALLS = {"DEFAULT_PERMISSIONS": value}
        calls.join(session=session, flags=7, now=START)
    else:
        permissions.of_conversation(
            conversation=room, level=level, permissions=value, performed_by=boss, now=START
        )
    assert flags_of(session) == flags
    newcomer = AttendeeFactory(conversation=room, permissions=member.permissions)
    assert flags_of(in_call(newcomer)) == flags
    assert CallLeg.objects.get(session_key=session.key).flags == 7, "what it once sent"


def test_moderators_may_do_everything(room, boss):
    """Permissions of other levels do not restrict moderators."""
    permissions.of_conversation(
        conversation=room, level="default", permissions=1, performed_by=boss, now=START
    )
    assert flags_of(in_call(boss)) == 7


def test_participants_without_media_stay(boss, member):
    """Without media a session stays in the call."""
    in_call(boss)
    give(member, Permission.CUSTOM)
    assert flags_of(in_call(member, flags=6)) == 1


def test_starting_needs_permission(boss, member):
    """Joining does not."""
    give(member, Permission.CUSTOM | Permission.JOIN_CALL)
    session = SessionFactory(attendee=member, last_ping=START)
    with pytest.raises(MayNotStartCall):
        calls.join(session=session, flags=7, now=START)
    in_call(boss)
    calls.join(session=session, flags=1, now=START)
    assert flags_of(session) == 1


def test_ignoring_the_lobby_is_given_and_taken(room, boss, member):
    """With the permission a session stays when the lobby is raised; without it, it leaves."""
    in_call(boss)
    session = in_call(member)
    give(member, Permission.MAX_DEFAULT)
    lobby.set_state(conversation=room, state=1, timer=None, now=START, performed_by=boss)
    assert flags_of(session) == 7
    give(member, Permission.IGNORE_LOBBY, REMOVE)
    assert flags_of(session) == 0
    assert CallLeg.objects.get(session_key=session.key).reason == "permission"


def test_permissions_of_a_call_end_with_it(room, boss, member):
    """The next call begins with those of the conversation."""
    session = in_call(member)
    permissions.of_conversation(
        conversation=room, level="call", permissions=1, performed_by=boss, now=START
    )
    assert Conversation.objects.get().call_permissions == 1
    calls.leave(session=session, now=START)
    assert Conversation.objects.get().call_permissions == 0


def test_permissions_of_all_replace_those_of_single_ones(room, boss, member):
    """Permissions for all replace those of single attendees, which would count first."""
    give(member, Permission.PUBLISH_AUDIO)
    permissions.of_conversation(
        conversation=room,
        level="default",
        permissions=Permission.PUBLISH_VIDEO,
        performed_by=boss,
        now=START,
    )
    assert flags_of(in_call(boss)) == 7
    assert flags_of(in_call(member)) == 5


@pytest.mark.parametrize(
    ("before", "change", "given", "after"),
    [
        (0, SET, 0, 0),
        (17, SET, 0, 0),
        (0, SET, 16, 17),
        (17, ADD, 32, 49),
        (49, REMOVE, 32, 17),
        (17, REMOVE, 16, 1),
        (0, ADD, 16, 17),
    ],
)
def test_ways_to_change(member, before, change, given, after):
    """Set, add, remove; anything but "take the next level" is custom."""
    member.permissions = before
    member.save()
    give(member, given, change)
    assert member.permissions == after
    member.refresh_from_db()
    assert member.permissions == after


@pytest.mark.parametrize("value", [-1, 512])
def test_unknown_bits(room, member, value):
    """Nothing is changed."""
    with pytest.raises(InvalidValue):
        give(member, value)
    with pytest.raises(InvalidValue):
        permissions.of_conversation(
            conversation=room, level="default", permissions=value, performed_by=None, now=START
        )


def test_what_has_no_permissions(room, boss):
    """Moderators, one-to-one conversations, and levels that do not exist."""
    with pytest.raises(ModeratorMayEverything):
        give(boss, 1)
    facts = {"permissions": 1, "performed_by": boss, "now": START}
    with pytest.raises(InvalidValue):
        permissions.of_conversation(conversation=room, level="other", **facts)
    pair = ConversationFactory(type=1)
    with pytest.raises(InvalidValue):
        permissions.of_conversation(conversation=pair, level="default", **facts)
    with pytest.raises(InvalidValue):
        give(AttendeeFactory(conversation=pair, participant_type=1), 1)


@pytest.mark.parametrize(
    ("factory", "role", "promoted", "demoted"),
    [
        (AttendeeFactory, 1, None, None),
        (AttendeeFactory, 2, None, 3),
        (AttendeeFactory, 3, 2, None),
        (GuestFactory, 4, 6, None),
        (AttendeeFactory, 5, 2, None),
        (GuestFactory, 6, None, 4),
    ],
)
def test_roles(room, boss, factory, role, promoted, demoted):  # noqa: PLR0917
    """Users become moderators and back, guests likewise; nobody else does."""
    for service, expected in [(permissions.promote, promoted), (permissions.demote, demoted)]:
        attendee = factory(conversation=room, participant_type=role)
        if expected is None:
            with pytest.raises(NotPromotable):
                service(attendee=attendee, performed_by=boss, now=START)
        else:
            service(attendee=attendee, performed_by=boss, now=START)
        attendee.refresh_from_db()
        assert attendee.participant_type == (expected or role)


@pytest.mark.parametrize(
    ("factory", "before", "after"),
    [(AttendeeFactory, 3, 3), (AttendeeFactory, 5, 3), (GuestFactory, 4, 4)],
)
def test_promoting_clears_own_permissions(room, boss, factory, before, after):
    """Whoever is demoted later has the default ones, in a running call too."""
    in_call(boss)
    person = factory(conversation=room, participant_type=before)
    Attendee.objects.filter(pk=person.pk).update(permissions=1)
    session = in_call(Attendee.objects.get(pk=person.pk))
    assert flags_of(session) == 1
    permissions.promote(attendee=person, performed_by=boss, now=START)
    assert person.permissions == 0
    permissions.demote(attendee=person, performed_by=boss, now=START)
    stored = Attendee.objects.get(pk=person.pk)
    assert (stored.participant_type, stored.permissions) == (after, 0)
    calls.join(session=session, flags=7, now=START)
    assert flags_of(session) == 7


def test_a_new_owner_has_no_own_permissions(room, boss, member):
    """Nor has the one who was owner before."""
    give(member, 1)
    permissions.set_owner(conversation=room, user=member.user, now=START)
    assert set(room.attendees.values_list("permissions", flat=True)) == {0}


def test_promoted_in_the_lobby_of_a_running_call(room, boss):
    """A self-joined user who moderates now need not wait, and stays after leaving."""
    passing = AttendeeFactory(conversation=room, participant_type=5)
    session = SessionFactory(attendee=passing, last_ping=START)
    in_call(boss)
    lobby.set_state(conversation=room, state=1, timer=None, now=START, performed_by=boss)
    permissions.promote(attendee=passing, performed_by=boss, now=START)
    calls.join(session=session, flags=7, now=START)
    assert flags_of(session) == 7
    sessions.leave(session=session, now=START)
    assert Attendee.objects.get(pk=passing.pk).participant_type == 2


@pytest.mark.parametrize(
    ("factory", "before", "given", "after"),
    [
        (AttendeeFactory, 5, 6, 3),
        (AttendeeFactory, 5, 0, 5),
        (AttendeeFactory, 3, 6, 3),
        (GuestFactory, 4, 6, 4),
    ],
)
def test_permissions_make_a_self_joined_user_a_member(  # noqa: PLR0917
    room, boss, factory, before, given, after
):
    """Somebody to whom they are given is to keep them; the default ones are nothing to keep."""
    person = factory(conversation=room, participant_type=before)
    session = in_call(person)
    give(person, given, performed_by=boss)
    assert person.participant_type == after
    assert Attendee.objects.get(pk=person.pk).participant_type == after
    assert flags_of(session) == (1 if given else 7)
    sessions.leave(session=session, now=START)
    assert Attendee.objects.filter(pk=person.pk).exists() == (after == 3)


def test_who_is_let_in_from_the_lobby_is_no_member(room, boss):
    """They wait again next time; being sent back to the lobby makes no member either."""
    passing = AttendeeFactory(conversation=room, participant_type=5)
    for value in (Permission.MAX_DEFAULT, Permission.UNRESTRICTED):
        give(passing, value, performed_by=boss)
        passing.refresh_from_db()
        assert (passing.participant_type, passing.permissions) == (5, value | 1)


def test_permissions_of_everybody_make_nobody_a_member(room, boss):
    """They are given to whoever is there, not to somebody."""
    passing = AttendeeFactory(conversation=room, participant_type=5)
    permissions.of_everybody(
        conversation=room, change=SET, permissions=6, performed_by=boss, now=START
    )
    passing.refresh_from_db()
    assert (passing.participant_type, passing.permissions) == (5, 7)
    boss.refresh_from_db()
    assert boss.permissions == 0


def test_no_member_beside_those_of_the_host(room, boss):
    """Where an object of the site decides about members, it would remove them again."""
    Conversation.objects.filter(pk=room.pk).update(linked_model="a.b", linked_pk="1")
    passing = AttendeeFactory(conversation=room, participant_type=5)
    give(passing, 6)
    passing.refresh_from_db()
    assert (passing.participant_type, passing.permissions) == (5, 7)


def test_demoted_moderator_waits_in_the_lobby(room, boss):
    """A moderator who is demoted behind the lobby leaves the call."""
    other = AttendeeFactory(conversation=room, participant_type=2)
    in_call(boss)
    session = in_call(other)
    lobby.set_state(conversation=room, state=1, timer=None, now=START, performed_by=boss)
    permissions.demote(attendee=other, performed_by=boss, now=START)
    assert flags_of(session) == 0


def test_nobody_changes_their_own_role(boss):
    with pytest.raises(NotOneself):
        permissions.demote(attendee=boss, performed_by=boss, now=START)


def test_removed_attendee_has_no_rights(boss, member):
    """The attendee was removed by another moderator a moment ago."""
    stale = type(member).objects.get(pk=member.pk)
    member.delete()
    with pytest.raises(NoSuchTarget):
        permissions.promote(attendee=stale, performed_by=boss, now=START)
    with pytest.raises(NoSuchTarget):
        give(stale, 1)


# What API v4 does in a call


def test_change_flags(boss):
    """Flags change only for sessions in the call, and only to flags with the in-call bit."""
    session = in_call(boss)
    calls.change_flags(session=session, flags=3, now=START)
    assert flags_of(session) == 3
    for flags in (0, 6):
        with pytest.raises(NotInCall):
            calls.change_flags(session=session, flags=flags, now=START)
    calls.leave(session=session, now=START)
    with pytest.raises(NotInCall):
        calls.change_flags(session=session, flags=7, now=START)
    session.delete()
    session.pk = 10**9
    with pytest.raises(NoSession):
        calls.change_flags(session=session, flags=7, now=START)


def test_flags_that_time_out_are_not_changed(boss):
    """A timed out session is out of the call, and a late change has no effect."""
    session = in_call(boss)
    with pytest.raises(NotInCall):
        calls.change_flags(session=session, flags=3, now=START + timedelta(seconds=31))


def test_end_for_all(boss, member):
    """A moderator ends the call of everybody, once."""
    sessions = [in_call(boss), in_call(member)]
    calls.end_for_all(session=sessions[0], now=START)
    calls.end_for_all(session=sessions[0], now=START)
    assert [flags_of(session) for session in sessions] == [0, 0]
    call = Call.objects.get()
    assert (call.end_reason, call.ended_by_id) == ("ended_for_all", boss.user.username)
    assert set(CallLeg.objects.values_list("reason", flat=True)) == {"ended_for_all"}


def test_end_for_all_by_somebody_else(boss, member):
    """Silently an ordinary leave."""
    sessions = [in_call(boss), in_call(member)]
    calls.end_for_all(session=sessions[1], now=START)
    assert [flags_of(session) for session in sessions] == [7, 0]
    assert Call.objects.get().ended_at is None


def test_muting_many_takes_no_more_statements_than_muting_one():
    """Muting many takes as many statements as one, and each is an event."""
    counts, received = [], []
    receive = lambda event, **_: received.append((event.before, event.flags))  # noqa: E731
    call_flags_changed.connect(receive)
    try:
        for size in (1, 30):
            room = ConversationFactory()
            leader = AttendeeFactory(conversation=room, participant_type=1)
            for _ in range(size):
                in_call(AttendeeFactory(conversation=room))
            with (
                TestCase.captureOnCommitCallbacks(execute=True),
                CaptureQueriesContext(connection) as asked,
            ):
                permissions.of_conversation(
                    conversation=room,
                    level="default",
                    permissions=1,
                    performed_by=leader,
                    now=START,
                )
            counts.append(len(asked))
    finally:
        call_flags_changed.disconnect(receive)
    assert counts[0] == counts[1]
    assert received == [(7, 1)] * 31


def test_two_moderators_demote_each_other(room):
    """A moderator who was demoted a moment ago demotes nobody."""
    one, other = (AttendeeFactory(conversation=room, participant_type=2) for _ in range(2))
    as_the_request_began = Attendee.objects.get(pk=other.pk)
    permissions.demote(attendee=other, performed_by=one, now=START)
    with pytest.raises(NotModerator):
        permissions.demote(attendee=one, performed_by=as_the_request_began, now=START)
    one.refresh_from_db()
    assert one.participant_type == 2


def test_removed_moderator(room, boss):
    """A moderator who was removed a moment ago changes nothing."""
    gone = AttendeeFactory(conversation=room, participant_type=2)
    participants.remove(attendee=gone, now=START, performed_by=boss)
    gone.pk = boss.pk + 10**6
    with pytest.raises(NotModerator):
        conversations.rename(conversation=room, name="Mine", now=START, performed_by=gone)
    room.refresh_from_db()
    assert room.name == "Weekly"


@pytest.mark.parametrize("kind", ["groups", "emails"])
def test_only_people_are_promoted(room, boss, kind):
    """A group or an address moderates nothing."""
    other = AttendeeFactory(conversation=room, user=None, actor_type=kind, actor_id="1")
    for change in (permissions.promote, permissions.demote):
        with pytest.raises(NotPromotable):
            change(attendee=other, performed_by=boss, now=START)


def test_group_has_no_permissions(room):
    """Its members have."""
    group = AttendeeFactory(conversation=room, user=None, actor_type="groups", actor_id="1")
    with pytest.raises(InvalidValue):
        give(group, 6)
