"""What messages of the chat say, to whom, and with whose names."""

import pytest
from django.utils import timezone, translation

from talk_calls.api.serializers.messages import MESSAGE_SERIALIZERS, Message
from talk_calls.constants import SystemMessageKind as Kind
from talk_calls.models import SystemMessage
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory

pytestmark = pytest.mark.django_db

ADA = {"type": "users", "id": "ada", "name": "Ada"}
BOB = {"type": "users", "id": "bob", "name": "Bob"}
GUS = {"type": "guests", "id": "0" * 40, "name": ""}
NOBODY = {"type": "", "id": "", "name": ""}


@pytest.fixture
def readers():
    """Return attendees by name."""
    room = ConversationFactory()
    users = {
        name: AttendeeFactory(conversation=room, user__username=name) for name in ("ada", "bob")
    }
    return users | {"gus": GuestFactory(conversation=room, actor_id=GUS["id"])}


def shown(reader, kind, by=NOBODY, **details):
    """Return a message as somebody reads it."""
    row = SystemMessage.objects.create(
        conversation=reader.conversation,
        kind=kind,
        at=timezone.now(),
        actor_type=by["type"],
        actor_id=by["id"],
        display_name=by["name"],
        details=details,
    )
    return MESSAGE_SERIALIZERS["v1"](Message(row, reader.conversation.token, reader))


#: What kinds need to be told, by what their names have in them.
DETAILS = {
    "call_ended": {"duration": 5, "people": [ADA, BOB], "users": 2, "guests": 0},
    "renamed": {"name": "New"},
    "group": {"user": BOB | {"type": "groups"}},
    "user_": {"user": BOB},
    "moted": {"user": BOB},
}


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("by", [ADA, BOB, GUS, NOBODY], ids=["ada", "bob", "gus", "nobody"])
def test_sentences(readers, kind, by):
    """Each thing has a sentence for each reader, in both languages, and names for its places."""
    details = next((value for part, value in DETAILS.items() if part in kind), {})
    texts = set()
    for reader in readers.values():
        for language in ("en", "de"):
            with translation.override(language):
                message = shown(reader, kind, by, **details)
            names = {place: rich["name"] for place, rich in message["messageParameters"].items()}
            assert "%" not in message["message"]
            text = message["message"].format(**names)
            assert "{" not in text
            texts.add((language, text))
            assert message["systemMessage"] == kind
            assert "actor" in names
    assert not {text for language, text in texts if language == "en"} & {
        text for language, text in texts if language == "de"
    }


@pytest.mark.parametrize(
    ("reader", "by", "target", "text"),
    [
        ("ada", ADA, BOB, "You added {user}"),
        ("bob", ADA, BOB, "You were added to the conversation"),
        ("gus", ADA, BOB, "{actor} added {user}"),
        ("gus", NOBODY, BOB, "{user} was added"),
        ("ada", BOB, BOB, "{user} came to the conversation"),
        ("bob", BOB, BOB, "You came to the conversation"),
    ],
)
def test_who_added_whom(readers, reader, by, target, text):
    """Readers are "you", whether they do it or it happens to them."""
    message = shown(readers[reader], Kind.USER_ADDED, by, user=target)
    assert message["message"] == text
    assert message["messageParameters"]["user"] == {"type": "user", "id": "bob", "name": "Bob"}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3600, "1:00:00"), (90_061, "25:01:01")]
)
def test_end_of_a_call(readers, seconds, text):
    """The end tells how long the call was, who was in it, and how many more."""
    message = shown(
        readers["gus"],
        Kind.CALL_ENDED_EVERYONE,
        ADA,
        duration=seconds,
        people=[ADA, BOB],
        users=5,
        guests=2,
    )
    told = "Who was in it: {user1}, {user2}, 3 more, guests: 2"
    assert message["message"] == f"{{actor}} ended the call after {text}. {told}"
    ada, bob = ({"type": "user", "id": name, "name": name.title()} for name in ("ada", "bob"))
    assert message["messageParameters"] == {"actor": ada, "user1": ada, "user2": bob}


@pytest.mark.parametrize(
    ("person", "rich", "fields"),
    [
        (ADA, {"type": "user", "id": "ada", "name": "Ada"}, ("users", "ada", "Ada")),
        (
            ADA | {"name": "\u202eecila"},
            {"type": "user", "id": "ada", "name": "ecila"},
            ("users", "ada", "ecila"),
        ),
        (
            GUS,
            {"type": "guest", "id": f"guest/{GUS['id']}", "name": "Guest"},
            ("guests", GUS["id"], ""),
        ),
        (
            {"type": "emails", "id": "eve@example.org", "name": "eve@example.org"},
            {"type": "email", "id": "invitee", "name": "eve"},
            ("emails", "invitee", "eve"),
        ),
        (
            NOBODY,
            {"type": "guest", "id": "guest/system", "name": "The site"},
            ("guests", "system", ""),
        ),
    ],
)
def test_names(readers, person, rich, fields):
    """Names are cleaned, and nobody reads an address."""
    message = shown(readers["bob"], Kind.READ_ONLY, person)
    assert message["messageParameters"] == {"actor": rich}
    names = ("actorType", "actorId", "actorDisplayName")
    assert tuple(message[name] for name in names) == fields


def test_a_name_with_places(readers):
    """What a name has in braces is no place: clients are given the name as a whole."""
    message = shown(readers["bob"], Kind.CONVERSATION_RENAMED, ADA, name="{actor} %(x)s <b>")
    assert message["message"] == "{actor} gave the conversation the name {name}"
    highlight = {"type": "highlight", "id": "name", "name": "{actor} %(x)s <b>"}
    assert message["messageParameters"]["name"] == highlight


def test_group(readers):
    """Groups are known by their names."""
    staff = {"type": "groups", "id": "7", "name": "staff"}
    message = shown(readers["bob"], Kind.GROUP_ADDED, ADA, user=staff)
    rich = {"type": "user-group", "id": "staff", "name": "staff"}
    assert message["messageParameters"]["group"] == rich
