"""``POST /guest/{token}/name``: guests name themselves, on v1 (behaviour 7.2)."""

import pytest

from talk_calls.models import Attendee, Conversation
from tests.contract.expected import UNKNOWN_ROUTE, ok, refused
from tests.factories import ConversationFactory
from tests.people import GUESTS, OUTSIDERS, USERS, arrive

pytestmark = pytest.mark.django_db


def rename(person, data=None, **kwargs):
    path = f"guest/{person.conversation.token}/name"
    return person.device.request("post", path, data, **kwargs)


@pytest.mark.parametrize("who", GUESTS)
@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Gast", "Gast"),
        ("  Gast  ", "Gast"),
        ("<script>alert('&')</script>", "<script>alert('&')</script>"),
        ("Zoë \U0001f43f\u202e\x1b", "Zoë \U0001f43f"),
        ("x" * 255, "x" * 255),
        ("é" * 255, "é" * 255),
    ],
    ids=["plain", "spaces", "markup", "odd letters", "long", "long in bytes"],
)
def test_rename(wire, who, *, name, stored):
    """A guest may be called anything of up to 255 letters."""
    room = ConversationFactory()
    person = arrive(who, room, version="v1", wire=wire)
    answer = rename(person, {"displayName": name})
    assert answer.whole == ok(answer, [])
    person.attendee.refresh_from_db()
    assert person.attendee.display_name == stored


def test_renamed_guest_is_shown_to_others(wire):
    """The name arrives in the lists of others as it is, escaped where it must be."""
    room = ConversationFactory()
    guest = arrive("guest", room, version="v1")
    owner = arrive("owner", room, version="v3", wire=wire)
    name = "<script>alert('&')</script>"
    rename(guest, {"displayName": name})
    guest.call("post")
    listed = owner.room("get", "/participants").data
    assert name in [item["displayName"] for item in listed]
    answer = owner.call("get")
    assert [item["displayName"] for item in answer.data] == [name]
    assert wire == "json" or b"<script" not in answer.response.content


@pytest.mark.parametrize(
    "json",
    [
        '{"displayName": ""}',
        '{"displayName": "   "}',
        '{"displayName": "\\u200b\\u2066\\u00ad"}',
        '{"displayName": "' + "x" * 256 + '"}',
        '{"displayName": "' + "x" * 100_000 + '"}',
        '{"displayName": "a\\u0000b"}',
        '{"displayName": "\\ud800"}',
        '{"displayName": null}',
        '{"displayName": ["a"]}',
        '{"displayName": {}}',
        "{}",
    ],
    ids=[
        "empty",
        "blank",
        "invisible",
        "too long",
        "huge",
        "NUL",
        "half a letter",
        "null",
        "list",
        "object",
        "absent",
    ],
)
def test_name_that_is_none(json):
    """What is no name of at most 255 letters is a 400, and the old name stays."""
    person = arrive("guest", ConversationFactory(), version="v1")
    Attendee.objects.update(display_name="before")
    answer = rename(person, json=json)
    assert answer.http == 400
    person.attendee.refresh_from_db()
    assert person.attendee.display_name == "before"


@pytest.mark.parametrize("who", USERS)
def test_users_are_named_by_their_account(who):
    """Only guests have a name of their own to change."""
    person = arrive(who, ConversationFactory(), version="v1")
    before = person.attendee.display_name
    answer = rename(person, {"displayName": "Somebody else"})
    assert answer.whole == refused(answer, 403)
    person.attendee.refresh_from_db()
    assert person.attendee.display_name == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_have_no_name_here(who):
    """Outsiders of the conversation get 404."""
    person = arrive(who, ConversationFactory(), version="v1")
    answer = rename(person, {"displayName": "x"})
    assert answer.whole == refused(answer, 404)


@pytest.mark.parametrize(("read_only", "lobby"), [(1, 0), (0, 1)])
def test_rename_behind_lock_and_lobby(read_only, lobby):
    """A guest may change the name behind lock and lobby."""
    person = arrive("guest", ConversationFactory(), version="v1")
    Conversation.objects.update(read_only=read_only, lobby_state=lobby)
    assert rename(person, {"displayName": "Gast"}).http == 200


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_only_v1_has_names(version):
    """In the other versions there is no such route."""
    person = arrive("guest", ConversationFactory(), version=version)
    answer = rename(person, {"displayName": "Gast"})
    assert answer.whole == refused(answer, 404, UNKNOWN_ROUTE, code=998)


def test_guest_renames_nobody_else():
    """A guest's name is that of the guest who asks."""
    room = ConversationFactory()
    one, other = arrive("guest", room, version="v1"), arrive("guest", room, version="v1")
    rename(one, {"displayName": "One", "actorId": other.attendee.actor_id})
    other.attendee.refresh_from_db()
    assert other.attendee.display_name == ""
