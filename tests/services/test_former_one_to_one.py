"""A one-to-one when the account of one user is deleted (behaviour 4.6)."""

import pytest
from django.test import Client
from django.urls import reverse

from talk_calls.constants import ConversationType, LegReason
from talk_calls.exceptions import InvalidValue
from talk_calls.models import Call, Conversation, Session
from talk_calls.services import calls, conversations, creation, participants
from tests.factories import SessionFactory, UserFactory
from tests.times import START

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock"),
    pytest.mark.contract("4.6-account-deleted"),
]


@pytest.fixture
def ann():
    return UserFactory(username="ann", first_name="Ann", last_name="Lee")


@pytest.fixture
def ben():
    return UserFactory(username="ben", first_name="Ben", last_name="Lee")


@pytest.fixture
def room(ann, ben):
    conversation, _ = creation.create_one_to_one(user=ann, other=ben)
    return conversation


def former() -> Conversation:
    return Conversation.objects.get(type=ConversationType.FORMER_ONE_TO_ONE)


def delete_in_the_admin(user):
    root = UserFactory(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    path = reverse("admin:auth_user_delete", args=[user.pk])
    assert client.post(path, {"post": "yes"}).status_code == 302


def delete_many_in_the_admin(user):
    root = UserFactory(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    data = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    assert client.post(reverse("admin:auth_user_changelist"), data).status_code == 302


DELETIONS = {
    "the row": lambda user: user.delete(),
    "a queryset": lambda user: type(user).objects.filter(pk=user.pk).delete(),
    "the admin": delete_in_the_admin,
    "a list of the admin": delete_many_in_the_admin,
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS.keys())
def test_the_other_keeps_it_without_the_name(room, ann, ben, delete):
    """It is locked, and nothing names the deleted account, however that was deleted."""
    delete(ben)
    assert (former().pk, former().name, former().read_only) == (room.pk, "", 1)
    assert [attendee.user for attendee in room.attendees.all()] == [ann]


def test_the_deleted_one_had_left(room, ann, ben):
    """Whoever left it before is no attendee, and still the other half."""
    participants.resign(attendee=room.attendees.get(user=ben), now=START)
    ben.delete()
    assert former().pk == room.pk


def test_a_call_ends(room, ann, ben):
    """Both are out of it, each for their own reason."""
    for attendee in room.attendees.all():
        session = SessionFactory(attendee=attendee, last_ping=START)
        calls.join(session=Session.objects.get(pk=session.pk), flags=7, now=START)
    ben.delete()
    call = Call.objects.get()
    assert call.end_reason == LegReason.READ_ONLY
    reasons = {leg.display_name: leg.reason for leg in call.legs.all()}
    assert reasons == {"Ann Lee": LegReason.READ_ONLY, "": LegReason.REMOVED}


def test_a_new_account_gets_a_new_one(room, ann, ben):
    """Also if it gets the primary key of the deleted one."""
    key = ben.pk
    ben.delete()
    again = UserFactory(pk=key, username="ben")
    conversation, created = creation.create_one_to_one(user=ann, other=again)
    assert created
    assert conversation.pk != former().pk
    assert conversation.attendees.count() == 2


def test_it_is_gone_when_the_other_leaves(room, ann, ben):
    """The last one who leaves it deletes it, and so does deleting that account."""
    ben.delete()
    participants.resign(attendee=room.attendees.get(), now=START)
    assert not Conversation.objects.exists()


def test_it_is_gone_with_both_accounts(room, ann, ben):
    """Nobody is left to see it."""
    ben.delete()
    ann.delete()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("state", [0, 1])
def test_nobody_unlocks_it(room, ben, state):
    """Nor is there anything else to change about it."""
    ben.delete()
    with pytest.raises(InvalidValue):
        conversations.set_read_only(conversation=former(), state=state, now=START)
    with pytest.raises(InvalidValue):
        conversations.rename(conversation=former(), name="Ours", now=START)
    with pytest.raises(InvalidValue):
        conversations.set_public(conversation=former(), public=True, now=START)


@pytest.mark.contract("14/former")
def test_on_the_wire(room, ann, ben, device, version):
    """v4 has a type of its own for it, earlier versions see a locked group."""
    ben.delete()
    client = device(ann, version=version)
    [seen] = client.get("room").data
    shown = {key: seen[key] for key in ("type", "readOnly", "name", "displayName")}
    kind = 5 if version == "v4" else 2
    assert shown == {"type": kind, "readOnly": 1, "name": "", "displayName": "Deleted account"}
    assert client.get(f"call/{room.token}").http == 403
    assert client.post(f"room/{room.token}/participants/active").http == 200
    assert client.post(f"call/{room.token}", {"flags": 7}).http == 403
    path = f"room/{room.token}/participants"
    assert client.post(path, {"newParticipant": "ann"}).http == 400
    assert client.put(f"room/{room.token}/read-only", {"state": 0}).http == 400
    assert client.delete(f"room/{room.token}").http == 400
    assert client.delete(f"room/{room.token}/participants/self").http == 200


def test_one_that_kept_the_name(room, ann, device):
    """Those from before 0.2 have it still."""
    Conversation.objects.update(type=5, read_only=1, pair_key=None, name="Ben Lee")
    [seen] = device(ann, version="v4").get("room").data
    assert (seen["name"], seen["displayName"]) == ("Ben Lee", "Ben Lee")


def test_nobody_creates_one(ann, device, version):
    """The type is what remains of another."""
    answer = device(ann, version=version).post("room", {"roomType": 5, "roomName": "x"})
    assert answer.http == 400
