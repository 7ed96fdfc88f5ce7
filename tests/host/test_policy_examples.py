"""The policies of docs/integrate.md do what the page says, and pass the checks."""

import pytest
from django.contrib.auth.models import Group
from django.core import checks

from talk_calls import policies
from talk_calls.constants import ConversationType as Kind
from talk_calls.constants import InCallFlag, Permission
from talk_calls.constants import ParticipantType as Role
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import creation
from tests.factories import ConversationFactory, UserFactory
from tests.pages import blocks, pasted, run
from tests.people import Person, arrive

pytestmark = pytest.mark.django_db

PAGE = "integrate.md"
POLICIES = {
    "staff-policy": "StaffPolicy",
    "tenant-policy": "TenantPolicy",
    "readers-policy": "ReadersPolicy",
}


@pytest.fixture
def use(monkeypatch, settings):
    """Return a function that makes an example the policy of the site."""

    def use_policy(name):
        module = name.replace("-", "_")
        pasted(monkeypatch, PAGE, name, module)
        settings.TALK_CALLS = {"POLICY": f"{module}.{POLICIES[name]}"}

    return use_policy


@pytest.fixture
def room():
    return ConversationFactory(type=Kind.GROUP)


def create(person, **values):
    return person.device.post("room", {"roomName": "New"} | values)


def invite(person, name, source="users"):
    return person.room("post", "/participants", {"newParticipant": name, "source": source})


def test_all_are_executed():
    """A policy that is added to the page needs a test here."""
    assert {name for name in blocks(PAGE) if name.endswith("-policy")} == set(POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_checks_pass(use, name):
    use(name)
    assert [each for each in checks.run_checks() if each.id.startswith("talk_calls.")] == []


def found(who: Person, term: str) -> list[str]:
    """Search for users and groups."""
    who.device.service = "core"
    query = {"search": term, "shareTypes": "0,1"}
    answer = who.device.get("autocomplete/get", query)
    who.device.service = "apps/spreed/api/{version}"
    return [each["id"] for each in answer.data]


def test_staff_open_rooms(use, room):
    """Others create groups, and open none."""
    use("staff-policy")
    alice, boss = arrive("moderator", room, version="v4"), arrive("owner", room, version="v4")
    boss.attendee.user.is_staff = True
    boss.attendee.user.save()
    assert create(alice, roomType=Kind.PUBLIC).data == {"error": "create"}
    assert create(alice, roomType=Kind.GROUP).http == 201
    assert alice.room("post", "/public").data == {"error": "public"}
    assert invite(alice, "x@example.org", "emails").data == {"error": "public"}
    assert not Conversation.objects.filter(type=Kind.PUBLIC).exists()
    assert create(boss, roomType=Kind.PUBLIC).http == 201
    assert boss.room("post", "/public").http == 200
    assert invite(alice, "x@example.org", "emails").http == 200  # it is open already


def test_tenants(use, room):
    """People and groups of another tenant are answered as unknown."""
    use("tenant-policy")
    alice = arrive("moderator", room, version="v4")
    user = alice.attendee.user
    user.email = "alice@one.example"
    user.save()
    ours, theirs = Group.objects.create(name="ours"), Group.objects.create(name="theirs")
    user.groups.add(ours)
    UserFactory(username="bob", email="bob@ONE.example")
    UserFactory(username="eve", email="eve@two.example").groups.add(theirs)
    UserFactory(username="nil", email="")
    for name in ("eve", "nil"):
        assert invite(alice, name).whole == invite(alice, "nobody").whole
        ask = {"roomType": Kind.ONE_TO_ONE}
        assert create(alice, **ask, invite=name).whole == create(alice, **ask, invite="x").whole
    assert invite(alice, "theirs", "groups").whole == invite(alice, "none", "groups").whole
    assert found(alice, "") == ["bob", "ours"]
    assert found(alice, "eve") == found(alice, "theirs") == found(alice, "nil") == []
    assert Attendee.objects.count() == 1
    assert alice.room("put", "/listable", {"scope": 1}).data == {"error": "listable"}
    assert invite(alice, "bob").http == invite(alice, "ours", "groups").http == 200
    assert create(alice, roomType=Kind.ONE_TO_ONE, invite="bob").http == 201


def test_staff_who_only_read(use, room):
    """They join what others started, and lead nothing; others are as ever."""
    use("readers-policy")
    reader, owner = arrive("moderator", room, version="v4"), arrive("owner", room, version="v4")
    reader.attendee.user.is_staff = True
    reader.attendee.user.save()
    for kind in (Kind.GROUP, Kind.PUBLIC):
        assert create(reader, roomType=kind).data == {"error": "create"}
    UserFactory(username="bob")
    assert create(reader, roomType=Kind.ONE_TO_ONE, invite="bob").data == {"error": "create"}
    assert invite(reader, "bob").data == {"error": "not-moderator"}
    assert reader.room("get").data["participantType"] == Role.USER
    assert reader.call("post").data == {"error": "start-call"}
    assert owner.call("post").http == 200
    assert reader.call("post").http == 200
    assert create(owner, roomType=Kind.PUBLIC).http == 201


def test_an_answer_that_changed(use, settings, room):
    """``reapply`` takes away what the policy takes away, in the running call."""
    settings.TALK_CALLS = {"DEFAULT_PERMISSIONS": Permission.JOIN_CALL}
    owner = arrive("owner", room, version="v4")
    assert owner.call("post", {"flags": 3}).http == 200
    owner.attendee.user.is_staff = True
    owner.attendee.user.save()
    default = settings.TALK_CALLS
    use("readers-policy")
    settings.TALK_CALLS = settings.TALK_CALLS | default
    assert owner.flags == 3
    before = Conversation.objects.get().roster
    run(PAGE, "policy-changed", {"conversation": room})
    assert owner.flags == InCallFlag.IN_CALL
    assert Conversation.objects.get().roster > before  # polls tell the others
    Conversation.objects.update(lobby_state=1)
    run(PAGE, "policy-changed", {"conversation": room})
    assert not Session.objects.in_call().exists()


def test_one_to_one_of_a_reader_has_two_owners(use):
    """There is nothing to moderate, and nobody is lowered."""
    use("readers-policy")
    reader, bob = UserFactory(is_staff=True), UserFactory()
    conversation, _ = creation.create_one_to_one(user=reader, other=bob)
    roles = [policies.role_of(conversation, each) for each in conversation.attendees.all()]
    assert roles == [Role.OWNER, Role.OWNER]
