"""Permissions of attendees, of the call, of the conversation (constants 2.7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import sweeper
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory
from tests.people import arrive as bring

pytestmark = pytest.mark.django_db

ONE, ALL = "/attendees/permissions", "/attendees/permissions/all"


def own(person) -> int:
    return Attendee.objects.get(pk=person.attendee.pk).permissions


@pytest.mark.parametrize("who", ["owner", "moderator", "guest moderator"])
@pytest.mark.parametrize(
    ("method", "given", "before", "after"),
    [
        ("set", 0, 7, 0),
        ("set", 6, 0, 7),
        (None, 6, 0, 7),
        ("add", 16, 7, 23),
        ("add", 16, 0, 17),
        ("remove", 2, 7, 5),
        ("remove", 510, 511, 1),
        ("remove", 254, 511, 257),
        ("set", 254, 0, 255),
        ("set", 511, 0, 511),
        ("add", 256, 0, 257),
    ],
)
def test_of_one(arrive, who, method, given, before, after):  # noqa: PLR0917
    """Set, added to and taken from what one attendee has."""
    moderator, member = arrive(who), arrive("member")
    Attendee.objects.filter(pk=member.attendee.pk).update(permissions=before)
    data = {"attendeeId": member.attendee.pk, "permissions": given}
    answer = moderator.room("put", ONE, data | ({"method": method} if method else {}))
    assert answer.whole == ok(answer)
    assert own(member) == after


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ({"mode": "remove"}, 5),
        ({"mode": "add"}, 7),
        ({"mode": "set"}, 3),
        ({"mode": "add", "method": "remove"}, 5),
    ],
)
def test_mode_is_another_name_of_method(arrive, words, after):
    """nextcloud-async sends ``mode``; ignoring it would set what was to be removed."""
    owner, member = arrive("owner"), arrive("member")
    for path, whom in ((ONE, {"attendeeId": member.attendee.pk}), (ALL, {})):
        Attendee.objects.filter(pk=member.attendee.pk).update(permissions=7)
        assert owner.room("put", path, {"permissions": 2} | words | whom).http == 200
        assert own(member) == after


def test_of_one_in_the_call(arrive):
    """Losing the permission for video removes video from the session's flags at once."""
    owner, member = arrive("owner"), arrive("member")
    member.call("post", {"flags": "7"})
    owner.room("put", ONE, {"attendeeId": member.attendee.pk, "permissions": 6 + 16})
    assert member.flags == 3


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"permissions": 512}, "value"),
        ({"permissions": -1}, "value"),
        ({"permissions": 6, "method": "drop"}, None),
        ({"permissions": 6, "mode": "drop"}, None),
        ({"permissions": "many"}, None),
        ({}, None),
    ],
)
def test_of_one_refused(arrive, data, error):
    """Unknown bits and methods are refused and change nothing."""
    owner, member = arrive("owner"), arrive("member")
    answer = owner.room("put", ONE, {"attendeeId": member.attendee.pk, **data})
    assert answer.http == 400
    assert answer.data == ({"error": error} if error else [])
    assert own(member) == 0


@pytest.mark.contract("14/moderator-permissions")
@pytest.mark.parametrize("who", ["owner", "moderator", "guest moderator"])
@pytest.mark.parametrize("method", ["set", "add", "remove"])
def test_moderators_have_everything(arrive, who, method):
    """There is nothing to give them or to take."""
    moderator, other = arrive("moderator"), arrive(who)
    data = {"attendeeId": other.attendee.pk, "permissions": 6, "method": method}
    answer = moderator.room("put", ONE, data)
    assert answer.whole == refused(answer, 403, data={"error": "moderator"})
    assert own(other) == 0


@pytest.mark.contract("14/moderator-permissions")
def test_both_of_a_one_to_one_have_everything():
    """There the conversation is what has no permissions."""
    pair = ConversationFactory(type=1)
    one, other = (bring("owner", pair, version="v4") for _ in range(2))
    answer = one.room("put", ONE, {"attendeeId": other.attendee.pk, "permissions": 6})
    message = "In a one-to-one conversation both may do everything."
    assert answer.whole == refused(answer, 400, message, data={"error": "value"})


@pytest.mark.contract("14/self-joined")
def test_a_self_joined_user_who_gets_permissions_is_a_member(arrive):
    """The list of participants says so."""
    owner, passing = arrive("owner"), arrive("self-joined")
    data = {"attendeeId": passing.attendee.pk, "permissions": 6}
    answer = owner.room("put", ONE, data)
    assert answer.whole == ok(answer)
    listed = {each["attendeeId"]: each for each in owner.room("get", "/participants").data}
    shown = listed[passing.attendee.pk]
    assert (shown["participantType"], shown["attendeePermissions"]) == (3, 7)


def test_nobody(arrive):
    """An attendee of another conversation is nobody here."""
    owner = arrive("owner")
    answer = owner.room("put", ONE, {"attendeeId": 10**9, "permissions": 6})
    assert answer.whole == refused(answer, 404, data={"error": "no-target"})


@pytest.mark.parametrize(
    ("method", "given", "after"),
    [("set", 6, [7, 7]), ("set", 0, [0, 0]), ("add", 16, [17, 23]), ("remove", 2, [1, 5])],
)
def test_of_everybody(arrive, method, given, after):
    """The own permissions of all but moderators change, each from what it was."""
    owner, one, other = arrive("owner"), arrive("member"), arrive("guest")
    Attendee.objects.filter(pk=other.attendee.pk).update(permissions=7)
    answer = owner.room("put", ALL, {"method": method, "permissions": given})
    assert (answer.http, answer.data["token"]) == (200, owner.conversation.token)
    assert [own(one), own(other)] == after
    assert own(owner) == 0


def test_of_everybody_in_the_call(arrive):
    """It takes effect at once."""
    owner, member = arrive("owner"), arrive("member")
    for person in (owner, member):
        person.call("post", {"flags": "7"})
    owner.room("put", ALL, {"permissions": 6})
    assert (owner.flags, member.flags) == (7, 1)


@pytest.mark.parametrize(("level", "field"), [("default", "default"), ("call", "call")])
def test_of_a_level(arrive, level, field):
    """The level is set, and everybody takes it who has no own permissions."""
    owner, member = arrive("owner"), arrive("member")
    answer = owner.room("put", f"/permissions/{level}", {"permissions": 6 + 32})
    assert (answer.http, answer.data[f"{field}Permissions"]) == (200, 39)
    assert member.room("get").data["permissions"] == 39
    assert owner.room("get").data["permissions"] == 382
    member.call("post", {"flags": "7"})
    assert member.flags == 5


def test_nobody_may_write(arrive):
    """Bit 128 is granted to nobody, though levels keep what moderators set."""
    owner, member, guest = arrive("owner"), arrive("member"), arrive("guest")
    owner.room("put", "/permissions/default", {"permissions": 128 + 2})
    owner.room("put", ONE, {"attendeeId": member.attendee.pk, "permissions": 254})
    for person in (owner, member, guest):
        assert not person.room("get").data["permissions"] & 128
    people = owner.room("get", "/participants").data
    assert [each["permissions"] & 128 for each in people] == [0, 0, 0]
    assert member.room("get").data["attendeePermissions"] == 255
    assert owner.room("get").data["defaultPermissions"] == 131


def test_unknown_level(arrive):
    """There is no such route."""
    answer = arrive("owner").room("put", "/permissions/other", {"permissions": 6})
    assert answer.http == 404


def test_call_permissions_end_with_the_call(arrive):
    """The next call begins with the conversation's (constants 2.7)."""
    owner = arrive("owner")
    owner.call("post")
    owner.room("put", "/permissions/call", {"permissions": 6})
    assert Conversation.objects.get().call_permissions == 7
    owner.call("delete")
    assert Conversation.objects.get().call_permissions == 0


@pytest.mark.parametrize("path", [ONE, ALL, "/permissions/default"])
@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("guest", 403), ("stranger", 404), ("nobody", 404)]
)
def test_who_may_not(arrive, path, who, status):
    """Only moderators change permissions."""
    member = arrive("member")
    person = arrive(who)
    answer = person.room("put", path, {"attendeeId": member.attendee.pk, "permissions": 6})
    assert answer.http == status
    assert own(member) == Conversation.objects.get().default_permissions == 0


@pytest.mark.parametrize("swept", [False, True])
def test_permissions_of_a_timed_out_call(arrive, swept):
    """They end when all sessions timed out, whether or not that was stored (design 3, 1)."""
    owner, member = arrive("owner"), arrive("member")
    owner.call("post")
    owner.room("put", "/permissions/call", {"permissions": 1})
    owner.session.refresh_from_db()
    Session.objects.filter(pk=owner.session.pk).update(
        last_ping=timezone.now() - timedelta(seconds=60)
    )
    if swept:
        sweeper.sweep(now=timezone.now())
    shown = member.room("get").data
    facts = ("hasCall", "callPermissions", "permissions")
    assert [shown[name] for name in facts] == [False, 0, 374]
    assert shown["canStartCall"] is True
    Conversation.objects.update(lobby_state=1, default_permissions=511)
    assert member.call("get").http == 200


def test_permissions_of_a_call_to_come(arrive):
    """They may be set beforehand."""
    owner, member = arrive("owner"), arrive("member")
    owner.room("put", "/permissions/call", {"permissions": 6 + 16})
    assert member.room("get").data["permissions"] == 23
    member.call("post", {"flags": "7"})
    assert member.flags == 3
