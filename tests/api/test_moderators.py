"""Promoting and demoting (behaviour 7.2)."""

import pytest

from talk_calls.models import Attendee
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db


def role(person) -> int:
    return Attendee.objects.get(pk=person.attendee.pk).participant_type


def named(person, version: str, by: str) -> dict:
    """Return the parameters that mean somebody."""
    if by == "attendeeId":
        return {"attendeeId": person.attendee.pk}
    if person.attendee.is_guest:
        return {"sessionId": person.session.session_id}
    return {"participant": person.device.username}


@pytest.mark.parametrize("by", ["name", "attendeeId"])
@pytest.mark.parametrize(("who", "before", "after"), [("member", 3, 2), ("guest", 4, 6)])
def test_up_and_down(version, wire, who, before, after, by):  # noqa: PLR0917
    """Users by their id, guests by their session; v3 may name the attendee, v4 has to."""
    room = ConversationFactory()
    owner = arrive("owner", room, version=version, wire=wire)
    person = arrive(who, room, version=version)
    for method, expected in [("post", after), ("delete", before)]:
        answer = owner.room(method, "/moderators", named(person, version, by))
        known = {"v3": {"name", "attendeeId"}, "v4": {"attendeeId"}}.get(version, {"name"})
        if by not in known:
            assert answer.http == (400 if version == "v4" else 404)
            assert role(person) == before
        else:
            assert answer.whole == ok(answer)
            assert role(person) == expected


@pytest.mark.contract("14/promote")
def test_a_self_joined_user_becomes_a_moderator(version, wire):
    """And a member, once that is taken back; own permissions end with it."""
    room = ConversationFactory()
    owner = arrive("owner", room, version=version, wire=wire)
    person = arrive("self-joined", room, version=version)
    Attendee.objects.filter(pk=person.attendee.pk).update(permissions=7)
    parameters = named(person, version, "attendeeId" if version == "v4" else "name")
    for method, expected in [("post", 2), ("delete", 3)]:
        answer = owner.room(method, "/moderators", parameters)
        assert answer.whole == ok(answer)
        assert role(person) == expected
    assert Attendee.objects.get(pk=person.attendee.pk).permissions == 0


@pytest.mark.parametrize(
    ("who", "method"), [("owner", "post"), ("owner", "delete"), ("self-joined", "delete")]
)
def test_roles_that_stay(method, who):
    """An owner is neither raised nor lowered, and there is nothing to take from a user."""
    room = ConversationFactory()
    moderator, person = arrive("moderator", room), arrive(who, room)
    before = role(person)
    answer = moderator.room(method, "/moderators", named(person, "v3", "name"))
    assert answer.whole == refused(answer, 400)
    assert role(person) == before


def test_oneself():
    """A moderator cannot demote themselves."""
    moderator = arrive("moderator", ConversationFactory())
    answer = moderator.room("delete", "/moderators", named(moderator, "v3", "name"))
    assert answer.whole == refused(answer, 403)
    assert role(moderator) == 2


def test_guest_moderators_may():
    """They moderate too, where no login is asked for."""
    room = ConversationFactory()
    guest, member = arrive("guest moderator", room), arrive("member", room)
    assert guest.room("post", "/moderators", named(member, "v3", "name")).http == 200
    assert role(member) == 2


@pytest.mark.parametrize("by", ["name", "attendeeId"])
@pytest.mark.parametrize("who", ["member", "guest"])
def test_people_of_another_conversation(who, by):
    """Their ids, names and sessions mean nobody here."""
    owner = arrive("owner", ConversationFactory())
    elsewhere = arrive(who, ConversationFactory())
    answer = owner.room("post", "/moderators", named(elsewhere, "v3", by))
    assert answer.whole == refused(answer, 404)
    assert role(elsewhere) in {3, 4}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"participant": "nobody"},
        {"sessionId": "0"},
        {"sessionId": ""},
        {"attendeeId": "0"},
        {"attendeeId": str(2**63)},
    ],
)
def test_unknown_target(data):
    """An unknown attendee is 404; a number outside of the column's range is 400 or 404."""
    owner = arrive("owner", ConversationFactory())
    assert owner.room("post", "/moderators", data).http in {400, 404}


@pytest.mark.parametrize("value", ["abc", "1.5"])
def test_an_attendee_is_a_number(value):
    """Anything else is refused before anybody is looked for."""
    owner = arrive("owner", ConversationFactory())
    assert owner.room("post", "/moderators", {"attendeeId": value}).http == 400
