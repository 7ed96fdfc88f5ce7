"""Groups of the host as attendees: their members follow them."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ActorType, LegReason
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.models import Attendee, CallLeg, Session
from talk_calls.services import calls, groups, invitations, participants
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.times import START

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def room():
    return ConversationFactory(type=2)


@pytest.fixture
def hatters():
    group = Group.objects.create(name="hatters")
    group.user_set.add(UserFactory(username="alice"), UserFactory(username="bob"))
    return group


def add(room, group) -> None:
    groups.add(conversation=room, group_id=group.name, now=START)


def users_of(room) -> set[str]:
    return set(room.attendees.exclude(user=None).values_list("user__username", flat=True))


def user(name: str):
    return Attendee.objects.get(user__username=name).user


def test_members_come_with_the_group(room, hatters):
    """The group attends, and everybody in it."""
    add(room, hatters)
    add(room, hatters)
    group = room.attendees.get(actor_type=ActorType.GROUPS)
    assert (group.actor_id, group.display_name) == (str(hatters.pk), "hatters")
    assert users_of(room) == {"alice", "bob"}


def test_existing_attendees_are_unchanged(room, hatters):
    """Roles stay, and so does the membership of those invited by name."""
    alice = AttendeeFactory(conversation=room, participant_type=1, user=hatters.user_set.first())
    add(room, hatters)
    alice.refresh_from_db()
    assert (alice.participant_type, alice.by_group) == (1, False)
    assert users_of(room) == {"alice", "bob"}


@pytest.mark.parametrize("reverse", [True, False])
@pytest.mark.parametrize("how", ["remove", "clear", "set"])
def test_members_follow(room, hatters, reverse, how):
    """Users who join or leave the group do so in the conversation, by any way of the site."""
    add(room, hatters)
    carol = UserFactory(username="carol")
    if reverse:
        hatters.user_set.add(carol)
    else:
        carol.groups.add(hatters)
    assert users_of(room) == {"alice", "bob", "carol"}
    match (reverse, how):
        case (True, "remove"):
            hatters.user_set.remove(carol)
        case (True, "set"):
            hatters.user_set.set([user("alice"), user("bob")])
        case (True, "clear"):
            hatters.user_set.clear()
        case (False, "remove"):
            carol.groups.remove(hatters)
        case (False, "set"):
            carol.groups.set([])
        case (False, "clear"):
            carol.groups.clear()
    left = set() if (reverse, how) == (True, "clear") else {"alice", "bob"}
    assert users_of(room) == left
    assert room.attendees.filter(actor_type=ActorType.GROUPS).exists()


def test_inactive_users_do_not_follow(room, hatters):
    """An account that is switched off is brought nowhere."""
    add(room, hatters)
    hatters.user_set.add(UserFactory(username="gone", is_active=False))
    assert users_of(room) == {"alice", "bob"}


def test_leaving_the_group_leaves_the_call(room, hatters):
    """A user who leaves the group is removed from the call at once."""
    add(room, hatters)
    session = SessionFactory(attendee=room.attendees.get(user__username="bob"), last_ping=START)
    calls.join(session=session, flags=7, now=START)
    hatters.user_set.remove(user("bob"))
    assert not Session.objects.exists()
    assert CallLeg.objects.get().reason == LegReason.REMOVED


@pytest.mark.parametrize("case", ["invited by name", "invited after", "promoted", "other group"])
def test_other_reasons_keep_members(room, hatters, case):
    """Members with another reason to be attendees stay."""
    bob = hatters.user_set.get(username="bob")
    if case == "invited by name":
        participants.add_user(conversation=room, user=bob)
    add(room, hatters)
    if case == "invited after":
        participants.add_user(conversation=room, user=bob)
    if case == "promoted":
        room.attendees.filter(user=bob).update(participant_type=2)
    if case == "other group":
        other = Group.objects.create(name="hares")
        other.user_set.add(bob)
        add(room, other)
    hatters.user_set.remove(bob)
    assert "bob" in users_of(room)
    hatters.delete()
    assert users_of(room) == {"bob"}


def test_group_goes_with_its_members(room, hatters):
    """Removing a group removes those who are attendees only by it."""
    owner = AttendeeFactory(conversation=room, participant_type=1, user__username="owner")
    add(room, hatters)
    group = room.attendees.get(actor_type=ActorType.GROUPS)
    invitations.expel(attendee=group, performed_by=owner, now=START)
    assert users_of(room) == {"owner"}
    assert not room.attendees.filter(actor_type=ActorType.GROUPS).exists()


def test_deleted_group(room, hatters):
    """A group that the site deletes is gone from the conversation, and its members with it."""
    add(room, hatters)
    hatters.delete()
    assert not room.attendees.exists()


def test_renamed_group(room, hatters):
    """The attendee shows the name of today."""
    add(room, hatters)
    hatters.name = "hares"
    hatters.save()
    assert room.attendees.get(actor_type=ActorType.GROUPS).display_name == "hares"


def test_other_conversations_are_left_alone(room, hatters):
    """A group that attends nowhere changes nothing."""
    other = Group.objects.create(name="hares")
    add(room, hatters)
    other.user_set.add(UserFactory(username="carol"))
    other.delete()
    assert users_of(room) == {"alice", "bob"}


def test_no_group(room):
    """An unknown group raises."""
    with pytest.raises(NoSuchTarget):
        groups.add(conversation=room, group_id="unknown", now=START)


def test_one_to_one(hatters):
    """Two are two."""
    with pytest.raises(InvalidValue):
        add(ConversationFactory(type=1), hatters)


def test_cost_does_not_grow_with_the_group(room):
    """Members are added and removed together, not one by one."""
    costs = []
    for size in (2, 200):
        group = Group.objects.create(name=f"group of {size}")
        people = [UserFactory() for _ in range(size)]
        add(room, group)
        with CaptureQueriesContext(connection) as came:
            group.user_set.add(*people)
        with CaptureQueriesContext(connection) as went:
            group.user_set.remove(*people)
        costs.append((len(came), len(went)))
        group.delete()
    # SQLite takes some hundred values in one statement.
    assert all(many <= few + 8 for few, many in zip(*costs, strict=True))


def test_self_joined_user_becomes_a_member(room, hatters):
    """A group makes its self-joined members permanent members (behaviour 7.2)."""
    bob = hatters.user_set.get(username="bob")
    AttendeeFactory(conversation=room, user=bob, participant_type=5)
    add(room, hatters)
    attendee = room.attendees.get(user=bob)
    assert (attendee.participant_type, attendee.by_group) == (3, True)


def test_change_that_is_rolled_back(room, hatters):
    """What the host does not commit did not happen."""
    add(room, hatters)
    with transaction.atomic():
        hatters.user_set.add(UserFactory(username="carol"))
        transaction.set_rollback(True)
    assert users_of(room) == {"alice", "bob"}


def test_failure_does_not_reach_the_host(room, hatters, monkeypatch, caplog):
    """The host's own change is kept, and the failure is logged."""
    add(room, hatters)
    monkeypatch.setattr(groups, "follow", lambda **_: 1 / 0)
    hatters.user_set.add(UserFactory(username="carol"))
    assert hatters.user_set.count() == 3
    assert "ZeroDivisionError" in caplog.text


def test_a_signal_that_names_no_database(db):
    """Other code sends Django's signals without it; it means the database of the app."""
    group = Group.objects.create(name="hatters")
    assert post_save.send(Group, instance=group, created=False)
