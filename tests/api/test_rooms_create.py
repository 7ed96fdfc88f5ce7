"""``POST /room``: making conversations (behaviour 6.2)."""

import pytest
from django.contrib.auth.models import Group

from talk_calls.models import Attendee, Conversation
from talk_calls.services import creation
from tests.api.shapes import in_map, inside, newest_by
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"


@pytest.fixture
def alice():
    return UserFactory(username="alice", first_name="Alice", last_name="Liddell")


@pytest.fixture
def bob():
    return UserFactory(username="bob", first_name="Bob")


def roles() -> dict[str, int]:
    """Return who belongs to the only conversation, and as what."""
    Conversation.objects.get()
    found = Attendee.objects.values_list("user__username", "participant_type")
    return {username: int(role) for username, role in found}


@pytest.mark.parametrize("kind", ["2", "3"])
@pytest.mark.parametrize("entry", [1, 2])
def test_create(alice, device, version, wire, *, entry, kind):
    """The creator owns the conversation; 201 carries it, which v1.php calls a failure."""
    client = device(alice, version=version, wire=wire, entry=entry)
    answer = client.post("room", {"roomType": kind, "roomName": "  Tea party  "})
    attendee = Attendee.objects.get()
    assert (attendee.conversation.name, attendee.display_name) == ("Tea party", "Alice Liddell")
    expected = inside(
        version,
        attendee,
        canDeleteConversation=True,
        participants=in_map(attendee),
        **newest_by(attendee, "You created the conversation"),
    )
    assert answer.whole == ok(answer, expected, status=201)
    assert roles() == {"alice": 1}


@pytest.mark.parametrize("json", [True, False])
def test_create_from_json_and_from_a_form(alice, device, json):
    """Both kinds of body make the same conversation."""
    client = device(alice)
    if json:
        answer = client.request("post", "room", json='{"roomType": 3, "roomName": "Tea"}')
    else:
        answer = client.post("room", {"roomType": "3", "roomName": "Tea"})
    assert (answer.http, answer.data["name"], answer.data["type"]) == (201, "Tea", 3)


@pytest.mark.parametrize("name", [EVIL, "Zoë's 🐿", "a\tb", "0", "false", "é" * 127 + "a"])
@pytest.mark.parametrize("kind", ["2", "3"])
def test_create_with_any_name(alice, device, wire, kind, name):
    """A name is text of at most 255 bytes."""
    answer = device(alice, wire=wire).post("room", {"roomType": kind, "roomName": name})
    stored = name.replace("\t", " ")
    assert (answer.http, answer.data["displayName"]) == (201, stored)
    assert Conversation.objects.get().name == stored


@pytest.mark.parametrize("kind", ["2", "3"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "A name needs something that can be seen."),
        ("   ", "A name needs something that can be seen."),
        (None, "A name needs something that can be seen."),
        ("a" * 256, "The name is longer than 255 bytes."),
        ("é" * 128, "The name is longer than 255 bytes."),
    ],
    ids=["empty", "blank", "absent", "too long", "too many bytes"],
)
def test_create_with_a_name_that_is_none(alice, device, *, kind, name, message):
    """No name, or one that is too long, makes no conversation."""
    data = {"roomType": kind} | ({} if name is None else {"roomName": name})
    answer = device(alice).post("room", data)
    assert answer.whole == refused(answer, 400, message)
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("name", ["a\\u0000b", "\\ud800"])
def test_create_with_text_that_no_database_keeps(alice, device, name):
    """NUL and half characters are refused as what they are."""
    json = f'{{"roomType": 3, "roomName": "{name}"}}'
    assert device(alice).request("post", "room", json=json).http == 400
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "kind",
    ["0", "4", "5", "6", "-1", "abc", "", "1.0", "2.5", "[3]", "null", "true", "{}", '"3 "', None],
)
def test_create_of_unknown_type(alice, device, kind):
    """Any other type is a 400."""
    client = device(alice)
    json = '{"roomName": "Tea"}' if kind is None else f'{{"roomName": "Tea", "roomType": {kind}}}'
    answer = client.request("post", "room", json=json)
    assert answer.http == 400, answer.whole
    form = {"roomName": "Tea"} if kind is None else {"roomName": "Tea", "roomType": kind}
    assert client.post("room", form).http == 400
    assert not Conversation.objects.exists()


def test_one_to_one(alice, bob, device, old_version, wire):
    """Two users have one conversation, whichever of them creates it, and both own it."""
    version = old_version
    one = device(alice, version=version, wire=wire)
    answer = one.post("room", {"roomType": "1", "invite": "bob", "roomName": "ignored"})
    mine, others = (Attendee.objects.get(user=user) for user in (alice, bob))
    expected = inside(
        version,
        mine,
        name="bob",
        displayName="Bob",
        notificationLevel=1,
        participants={**in_map(mine), **in_map(others)},
        **newest_by(mine, "You created the conversation"),
    )
    assert answer.whole == ok(answer, expected, status=201)
    assert roles() == {"alice": 1, "bob": 1}
    again = one.post("room", {"roomType": "1", "invite": "bob"})
    assert again.whole == ok(again, expected)
    answer = device(bob, version=version, wire=wire).post(
        "room", {"roomType": 1, "invite": "alice"}
    )
    expected = inside(
        version,
        others,
        name="alice",
        displayName="Alice Liddell",
        notificationLevel=1,
        participants={**in_map(mine), **in_map(others)},
        **newest_by(mine, "{actor} created the conversation"),
    )
    assert answer.whole == ok(answer, expected)
    assert roles() == {"alice": 1, "bob": 1}


@pytest.mark.parametrize("missing", ["alice", "bob"])
def test_one_to_one_is_refilled(alice, bob, device, version, missing):
    """A user who left becomes owner again when it is created again; in v4 only oneself."""
    client = device(alice, version=version)
    pair, _ = creation.create_one_to_one(user=alice, other=bob)
    Attendee.objects.filter(user__username=missing).delete()
    answer = client.post("room", {"roomType": "1", "invite": "bob"})
    assert (answer.http, answer.data["token"]) == (200, pair.token)
    is_later = (version, missing) == ("v4", "bob")
    assert roles() == ({"alice": 1} if is_later else {"alice": 1, "bob": 1})


@pytest.mark.parametrize(
    ("invite", "status"), [("alice", 403), ("nobody", 404), ("", 404), ("carol", 404)]
)
def test_one_to_one_with_no_other(alice, bob, device, *, invite, status):
    """A one-to-one needs another user who exists and is active."""
    UserFactory(username="carol", is_active=False)
    answer = device(alice).post("room", {"roomType": "1", "invite": invite})
    assert answer.whole == refused(answer, status)
    assert not Conversation.objects.exists()


def test_one_to_one_of_each_pair_is_its_own(alice, bob, device):
    """Another pair is another conversation."""
    UserFactory(username="carol")
    tokens = {
        device(alice).post("room", {"roomType": "1", "invite": other}).data["token"]
        for other in ("bob", "carol")
    }
    assert len(tokens) == 2


@pytest.mark.parametrize("source", ["", "groups", "group", "users", "0", None])
def test_from_a_group(alice, bob, device, version, *, source):
    """A group's conversation has its name and its active members; the creator owns it."""
    group = Group.objects.create(name="Hatters & " + "x" * 100)
    group.user_set.add(alice, bob, UserFactory(username="gone", is_active=False))
    data = {"roomType": "2", "invite": group.name, "roomName": "ignored"}
    data |= {} if source is None else {"source": source}
    answer = device(alice, version=version).post("room", data)
    assert (answer.http, answer.data["name"]) == (201, group.name[:64])
    assert roles() == {"alice": 1, "bob": 3, None: 3}
    assert Attendee.objects.get(user=bob).display_name == "Bob"
    assert Attendee.objects.get(user=None).display_name == group.name


def test_from_a_group_that_one_is_not_in(alice, bob, device):
    """The creator belongs to the conversation all the same."""
    Group.objects.create(name="others").user_set.add(bob)
    assert device(alice).post("room", {"roomType": "2", "invite": "others"}).http == 201
    assert roles() == {"alice": 1, "bob": 3, None: 3}


@pytest.mark.parametrize(
    ("invite", "source", "status", "message"),
    [
        ("unknown", "groups", 404, ""),
        ("unknown", "", 404, ""),
        ("hatters", "circles", 400, "There are no circles here."),
    ],
)
def test_from_no_group(alice, device, *, invite, source, status, message):
    """What is no group of the site makes no conversation."""
    Group.objects.create(name="hatters")
    data = {"roomType": "2", "invite": invite, "source": source}
    answer = device(alice).post("room", data)
    assert answer.whole == refused(answer, status, message)
    assert not Conversation.objects.exists()


def test_public_ignores_the_invitation(alice, bob, device):
    """Nobody is added to a public conversation by making it."""
    Group.objects.create(name="hatters").user_set.add(bob)
    answer = device(alice).post(
        "room", {"roomType": "3", "invite": "hatters", "source": "circles", "roomName": "Tea"}
    )
    assert (answer.http, answer.data["name"]) == (201, "Tea")
    assert roles() == {"alice": 1}


@pytest.mark.parametrize("guest", [False, True])
@pytest.mark.parametrize("kind", ["1", "2", "3", "9"])
def test_create_needs_a_login(bob, version, kind, guest):
    """Guests create no conversations, and do not learn which users exist."""
    client = OCSClient(version=version)
    if guest:
        client.post(f"room/{ConversationFactory().token}/participants/active")
    before = Conversation.objects.count()
    for invite in ("bob", "nobody"):
        data = {"roomType": kind, "invite": invite, "roomName": "Tea"}
        answer = client.post("room", data)
        assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    assert Conversation.objects.count() == before


def test_tokens_cannot_be_guessed(alice, device):
    """A token has 65 random bits, in the shape that routes take."""
    tokens = {
        device(alice).post("room", {"roomType": "3", "roomName": "Tea"}).data["token"]
        for _ in range(5)
    }
    assert len(tokens) == 5
    assert all(len(token) == 13 and set(token) <= set(ALPHABET) for token in tokens)


ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"


@pytest.mark.postgresql
def test_longest_names_that_the_site_knows_fit(device):
    """A user may have the longest name that the account takes, and take part."""
    user = UserFactory(username="u" * 150, first_name="F" * 150, last_name="L" * 150)
    client = device(user)
    answer = client.post("room", {"roomType": "3", "roomName": "Tea"})
    assert answer.http == 201
    token = answer.data["token"]
    assert client.post(f"room/{token}/participants/active").http == 200
    assert client.post(f"call/{token}").http == 200
