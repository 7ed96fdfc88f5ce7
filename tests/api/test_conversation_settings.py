"""What a site says about conversations: who starts them, passwords, deletable one-to-ones."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ConversationType, ParticipantType
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import conversations, creation
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db

NEEDS_PASSWORD = "A public conversation needs a password here."


def named(version: str, error: str):
    """Return the data of a refusal, which names it in v4 alone."""
    return {"error": error} if version == "v4" else []


def conversations_of(client) -> dict:
    """Return what the capabilities say about conversations."""
    client.service = "cloud"
    answer = client.get("capabilities")
    client.service = "apps/spreed/api/{version}"
    return answer.data["capabilities"]["spreed"]["config"]["conversations"]


# START_CONVERSATIONS


@pytest.fixture
def staff(settings):
    """Let the staff alone start conversations; return the group."""
    settings.TALK_CALLS = {"START_CONVERSATIONS": ["Board", "Staff"]}
    return Group.objects.create(name="Staff")


@pytest.mark.parametrize("kind", ["2", "3", "group"])
@pytest.mark.parametrize("is_in", [True, False])
def test_who_starts_conversations(staff, device, version, kind, is_in):
    """Members of one of the groups make group and public conversations, also from a group."""
    user = UserFactory()
    if is_in:
        user.groups.add(staff)
    data = {"roomType": kind, "roomName": "Tea"}
    if kind == "group":
        data = {"roomType": "2", "invite": "Staff"}
    answer = device(user, version=version).post("room", data)
    if is_in:
        assert answer.http == 201
    else:
        assert answer.whole == refused(answer, 403, data=named(version, "create"))
    assert Conversation.objects.exists() is is_in


@pytest.mark.usefixtures("staff")
def test_one_to_ones_are_free(device, version):
    """Everybody writes to another one (behaviour 6.2)."""
    UserFactory(username="bob")
    data = {"roomType": "1", "invite": "bob"}
    assert device(UserFactory(), version=version).post("room", data).http == 201


def test_capabilities_say_who_may(staff, device):
    """``can-create`` is false for others, at the cost of one query, and of none by default."""
    user = UserFactory()
    assert conversations_of(device(user))["can-create"] is False
    user.groups.add(staff)
    client = device(user)
    with CaptureQueriesContext(connection) as asked:
        assert conversations_of(client)["can-create"] is True
    assert len([each for each in asked if "auth_group" in each["sql"]]) == 1
    staff.delete()
    assert conversations_of(device(user))["can-create"] is False


@pytest.mark.usefixtures("staff")
def test_the_site_itself_is_not_asked():
    """Commands and code of the site make conversations for whom they like."""
    assert creation.create(kind=ConversationType.GROUP, name="Tea", owner=UserFactory()).pk


# FORCE_PASSWORDS


@pytest.fixture
def forced(settings):
    """Let public conversations need a password."""
    settings.TALK_CALLS = {"FORCE_PASSWORDS": True}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.mark.usefixtures("forced")
def test_public_conversation_is_created_with_a_password(device, version, wire):
    """v1 to v3 cannot say one, so they create groups and open these."""
    client = device(UserFactory(), version=version, wire=wire)
    answer = client.post("room", {"roomType": "3", "roomName": "Tea"})
    assert answer.whole == refused(answer, 400, NEEDS_PASSWORD, data=named(version, "password"))
    assert not Conversation.objects.exists()
    assert client.post("room", {"roomType": "2", "roomName": "Tea"}).http == 201
    if version == "v4":
        data = {"roomType": "3", "roomName": "Tea", "password": "secret"}
        assert client.post("room", data).data["hasPassword"]


@pytest.mark.usefixtures("forced")
def test_opening_takes_a_password(version, wire):
    """It may be given with it, in all versions, and one of before counts."""
    owner = arrive("owner", ConversationFactory(type=2), version=version, wire=wire)
    answer = owner.room("post", "/public")
    assert answer.whole == refused(answer, 400, NEEDS_PASSWORD, data=named(version, "password"))
    assert not Conversation.objects.get().is_public
    answer = owner.room("post", "/public", {"password": "secret"})
    assert answer.whole == ok(answer)
    room = Conversation.objects.get()
    assert room.is_public
    guest = OCSClient(version=version)
    path = f"room/{room.token}/participants/active"
    assert guest.post(path, {"password": "wrong"}).http == 403
    assert guest.post(path, {"password": "secret"}).http == 200
    owner.room("delete", "/public")
    assert owner.room("post", "/public").http == 200
    assert Conversation.objects.get().password == room.password


@pytest.mark.usefixtures("forced")
def test_password_stays(version):
    """It can be changed and not removed."""
    owner = arrive("owner", ConversationFactory(password="!"), version=version)
    answer = owner.room("put", "/password", {"password": ""})
    assert answer.whole == refused(answer, 400, NEEDS_PASSWORD, data=named(version, "password"))
    assert Conversation.objects.get().password == "!"
    assert owner.room("put", "/password", {"password": "another"}).http == 200


@pytest.mark.usefixtures("forced")
@pytest.mark.parametrize("has_password", [True, False])
def test_invitation_by_mail_opens_nothing_without(version, has_password):
    """An address would open the conversation."""
    room = ConversationFactory(type=2, password="!" if has_password else "")
    owner = arrive("owner", room, version=version)
    data = {"newParticipant": "gil@example.org", "source": "emails"}
    answer = owner.room("post", "/participants", data)
    assert answer.http == (200 if has_password else 400)
    assert Conversation.objects.get().is_public is has_password


@pytest.mark.usefixtures("forced")
def test_operators_are_exempt(device):
    """Commands, the admin and code of the site open without a password."""
    room = creation.create(kind=ConversationType.PUBLIC, name="Tea")
    conversations.set_password(conversation=room, password="")
    conversations.set_public(conversation=room, public=False)
    conversations.set_public(conversation=room, public=True)
    assert conversations_of(device(UserFactory()))["force-passwords"] is True


def test_opening_with_a_password_where_none_is_forced(version):
    """Clients that know ``conversation-creation-password`` send it anyway."""
    owner = arrive("owner", ConversationFactory(type=2), version=version)
    assert owner.room("post", "/public", {"password": "x" * 1001}).http == 400
    assert owner.room("post", "/public", {"password": "secret"}).http == 200
    assert Conversation.objects.get().password
    assert conversations_of(owner.device)["force-passwords"] is False


# DELETE_ONE_TO_ONES


@pytest.mark.parametrize("kind", [1, 5])
@pytest.mark.parametrize("allowed", [True, False])
def test_deleting_a_one_to_one(settings, version, kind, allowed):
    """Either of the two deletes it for both; a former one is the other's own."""
    settings.TALK_CALLS = {"DELETE_ONE_TO_ONES": allowed}
    room = ConversationFactory(type=kind)
    ann, ben = (arrive("owner", room, version=version) for _ in range(2))
    if version != "v1":
        assert ann.room("get").data["canDeleteConversation"] is allowed
    answer = ben.room("delete")
    if allowed:
        assert answer.whole == ok(answer)
        assert ann.room("get").http == 404
        assert not Session.objects.exists()
    else:
        message = "That cannot be done to a one-to-one conversation."
        assert answer.whole == refused(answer, 400, message, data=named(version, "value"))
    assert Conversation.objects.exists() is not allowed


def test_deleting_takes_one_of_the_two(settings):
    """Others do not hear of it, and a new one begins anew."""
    settings.TALK_CALLS = {"DELETE_ONE_TO_ONES": True}
    ann, ben = UserFactory(username="ann"), UserFactory(username="ben")
    room, _ = creation.create_one_to_one(user=ann, other=ben)
    assert arrive("stranger", room).room("delete").http == 404
    conversations.delete(conversation=room)
    again, created = creation.create_one_to_one(user=ann, other=ben)
    assert created
    assert again.token != room.token
    roles = Attendee.objects.values_list("participant_type", flat=True)
    assert set(roles) == {ParticipantType.OWNER}
