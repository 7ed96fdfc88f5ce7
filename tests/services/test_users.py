"""Accounts of the host that are renamed, activated and deactivated (docs/integrate.md)."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, update_last_login
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ConversationType, LegReason, ParticipantType
from talk_calls.exceptions import NotRingable
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls, creation, groups, sweeper, users
from talk_calls.signals import ConversationChanged
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.times import START

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]

User = get_user_model()


@pytest.fixture
def ann():
    return UserFactory(username="ann", first_name="Ann", last_name="Lee")


@pytest.fixture
def room():
    return ConversationFactory(type=ConversationType.GROUP)


def belongs(user, room, *, role=ParticipantType.USER, in_call=False) -> Attendee:
    """Put a user into a conversation, online."""
    name = f"{user.first_name} {user.last_name}".strip() or user.username
    attendee = AttendeeFactory(
        conversation=room, user=user, participant_type=role, display_name=name
    )
    session = SessionFactory(attendee=attendee, last_ping=START)
    if in_call:
        calls.join(session=Session.objects.get(pk=session.pk), flags=7, now=START)
    return attendee


def statements(act) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


# --- names ----------------------------------------------------------------------------------------


def test_a_new_name_is_stored_everywhere(ann, room, sent):
    """In each conversation, and whoever is online in one with them hears of it."""
    elsewhere = ConversationFactory()
    belongs(ann, room)
    quiet = AttendeeFactory(conversation=elsewhere, user=ann, display_name="Ann Lee")
    other = belongs(UserFactory(username="ben"), room)
    ann.last_name = "Miller"
    ann.save()
    names = Attendee.objects.filter(user=ann).values_list("display_name", flat=True)
    assert list(names) == ["Ann Miller"] * 2
    other.refresh_from_db()
    assert other.display_name == "ben"
    [event] = [event for event in sent if isinstance(event, ConversationChanged)]
    assert (event.token, event.changed) == (room.token, ("attendees",))
    assert quiet.conversation_id != event.conversation_id


def test_titles_of_one_to_ones_follow(ann, device):
    """They are the other's name, and clients that ask for changes hear of them."""
    ben = UserFactory(username="ben")
    creation.create_one_to_one(user=ben, other=ann)
    Conversation.objects.update(last_activity_at=START - timedelta(days=1))
    Attendee.objects.update(modified_at=START - timedelta(days=1))
    client = device(ben, version="v4")
    assert client.get("room").data[0]["displayName"] == "Ann Lee"
    ann.last_name = "Miller"
    ann.save()
    since = {"modifiedSince": int(START.timestamp())}
    assert client.get("room", since).data[0]["displayName"] == "Ann Miller"


def test_a_name_that_is_kept_elsewhere(ann, room):
    """A host tells of a changed profile by ``users.follow``; as after ``update()``."""
    attendee = belongs(ann, room)
    User.objects.update(first_name="Anna")
    users.follow(user_pks=[ann.pk])
    attendee.refresh_from_db()
    assert attendee.display_name == "Anna Lee"


# --- what a save costs ----------------------------------------------------------------------------


def test_a_login_costs_nothing(ann, room):
    """Nor does anything else that saves only what nothing here depends on."""
    belongs(ann, room)
    assert statements(lambda: update_last_login(None, ann)) == 1
    ann.set_password("new")
    assert statements(lambda: ann.save(update_fields=["password"])) == 1


def test_a_save_that_changes_nothing_costs_one_query(ann, room):
    """To read the account as it was."""
    belongs(ann, room)
    plain = statements(lambda: ann.save(update_fields=["last_login"]))
    assert statements(ann.save) == plain + 1


def test_a_new_account_costs_nothing():
    """Nobody knows it yet."""
    assert statements(lambda: User.objects.create(username="new")) == 1


def test_an_error_is_not_the_hosts(ann, room, monkeypatch, caplog):
    """The save stays, and the error is logged."""
    belongs(ann, room)
    monkeypatch.setattr(users, "follow", lambda **_: 1 / 0)
    ann.first_name = "Anna"
    ann.save()
    ann.refresh_from_db()
    assert ann.first_name == "Anna"
    assert "ZeroDivisionError" in caplog.text


# --- deactivation ---------------------------------------------------------------------------------


def deactivate_by_save(user) -> None:
    user.is_active = False
    user.save()


def deactivate_and_tell(user) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    users.follow(user_pks=[user.pk])


def deactivate_and_sweep(user) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    preview = sweeper.preview(now=START)
    swept = sweeper.sweep(now=START)
    assert (preview.sessions_closed, swept.sessions_closed) == (2, 2)
    assert sweeper.sweep(now=START).sessions_closed == 0


@pytest.mark.parametrize(
    "deactivate", [deactivate_by_save, deactivate_and_tell, deactivate_and_sweep]
)
def test_a_deactivated_account_is_out_of_its_calls(ann, room, deactivate):
    """At once, on all devices; it stays a member, and others stay in the call."""
    attendee = belongs(ann, room, in_call=True)
    belongs(UserFactory(username="ben"), room, in_call=True)
    belongs(ann, ConversationFactory(), role=ParticipantType.USER_SELF_JOINED)
    deactivate(ann)
    assert CallLeg.objects.get(user=ann).reason == LegReason.PERMISSION
    assert not Session.objects.filter(attendee__user=ann).exists()
    assert list(Attendee.objects.filter(user=ann)) == [attendee]
    assert Call.objects.get().ended_at is None
    assert Session.objects.live_in_call(START).count() == 1


def test_a_deactivated_account_is_not_rung(ann, room):
    """Nobody could answer."""
    ben = belongs(UserFactory(username="ben"), room, in_call=True)
    target = AttendeeFactory(conversation=room, user=ann)
    session = ben.sessions.get()
    calls.ring(session=session, attendee_id=target.pk, now=START)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    with pytest.raises(NotRingable):
        calls.ring(session=session, attendee_id=target.pk, now=START)


def test_a_rolled_back_deactivation_changes_nothing(ann, room):
    """It is followed after the commit."""
    belongs(ann, room, in_call=True)
    with transaction.atomic():
        deactivate_by_save(ann)
        transaction.set_rollback(True)
    assert Session.objects.live_in_call(START).count() == 1


# --- activation -----------------------------------------------------------------------------------


@pytest.fixture
def hatters(room):
    """Return a group that is an attendee of the conversation."""
    group = Group.objects.create(name="hatters")
    groups.add(conversation=room, group_id="hatters", now=START)
    return group


def activate_by_save(user) -> None:
    user.is_active = True
    user.save()


def activate_and_tell(user) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)
    users.follow(user_pks=[user.pk])


def activate_and_sweep(user) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert sweeper.sweep(now=START).members_added == 1
    assert sweeper.sweep(now=START).members_added == 0


@pytest.mark.parametrize("activate", [activate_by_save, activate_and_tell, activate_and_sweep])
def test_an_activated_account_comes_in_by_its_groups(room, hatters, activate):
    """It joined the group before somebody activated it."""
    new = UserFactory(username="new", is_active=False)
    new.groups.add(hatters)
    new.groups.add(Group.objects.create(name="hares"))
    assert not Attendee.objects.filter(user=new).exists()
    activate(new)
    assert Attendee.objects.get(user=new).by_group


def test_memberships_without_a_signal_are_noticed(ann, room, hatters):
    """``bulk_create`` sends none; the sweeper reads who is in the group."""
    User.groups.through.objects.bulk_create([User.groups.through(user=ann, group=hatters)])
    sweeper.sweep(now=START)
    assert Attendee.objects.get(user=ann).by_group


def test_renaming_touches_no_conversation_of_a_group(ann, room, hatters):
    """Members who are in already are not brought in again."""
    ann.groups.add(hatters)
    before = Conversation.objects.values_list("roster", "last_activity_at").get()
    ann.first_name = "Anna"
    ann.save()
    assert Conversation.objects.values_list("roster", "last_activity_at").get() == before


# --- the sweeper ----------------------------------------------------------------------------------


def test_the_sweeper_stores_names(ann, room):
    """Those that ``update()`` changed."""
    attendee = belongs(ann, room)
    User.objects.update(first_name="Anna")
    assert sweeper.preview(now=START).names_updated == 1
    assert sweeper.sweep(now=START).names_updated == 1
    attendee.refresh_from_db()
    assert attendee.display_name == "Anna Lee"
    assert sweeper.sweep(now=START).names_updated == 0


def test_the_sweeper_looks_at_some_attendees_each_time(room, monkeypatch):
    """However many there are, its statements are as many; in the end it has seen them all."""
    monkeypatch.setattr(sweeper, "ATTENDEES", 5)
    for number in range(20):
        AttendeeFactory(conversation=room, user=UserFactory(first_name=f"N{number}"))
    Attendee.objects.update(display_name="stale")
    counts = [sweeper.sweep(now=START).names_updated for _ in range(100)]
    assert max(counts) <= 5
    assert sum(counts) == 20


def test_statements_of_the_sweeper_do_not_grow(room):
    """With nothing to follow it is the same few for one account and for many."""
    belongs(UserFactory(username="a"), room)
    few = statements(lambda: sweeper.sweep(now=START))
    for number in range(30):
        belongs(UserFactory(username=f"b{number}"), room)
    assert statements(lambda: sweeper.sweep(now=START)) == few
