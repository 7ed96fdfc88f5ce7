"""Removing people, and oneself (behaviour 7.2)."""

import pytest

from talk_calls.constants import ConversationType
from talk_calls.models import Attendee, CallLeg, Conversation
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db


def is_there(person) -> bool:
    return Attendee.objects.filter(pk=person.attendee.pk).exists()


def ask_to_remove(moderator, person, route: str):
    """Ask in the way of one of the three routes."""
    match route:
        case "participants":
            data = {"participant": person.device.username}
            return moderator.room("delete", "/participants", data)
        case "guests":
            data = {"participant": person.session.session_id}
            return moderator.room("delete", "/participants/guests", data)
        case _:
            return moderator.room("delete", "/attendees", {"attendeeId": person.attendee.pk})


@pytest.mark.parametrize(
    ("who", "route"),
    [
        ("member", "participants"),
        ("moderator", "participants"),
        ("self-joined", "participants"),
        ("guest", "guests"),
        ("guest moderator", "guests"),
        ("member", "attendees"),
        ("guest", "attendees"),
    ],
)
@pytest.mark.parametrize("by", ["owner", "moderator", "guest moderator"])
def test_removed_people_are_out_of_everything(who, route, by):
    """Out of the call with a reason, and no participant any more."""
    room = ConversationFactory()
    moderator, person = arrive(by, room), arrive(who, room)
    person.call("post")
    answer = ask_to_remove(moderator, person, route)
    assert answer.whole == ok(answer)
    assert not is_there(person)
    assert CallLeg.objects.get().reason == "removed"
    assert person.call("get").http == 404


@pytest.mark.parametrize("old", ["v1", "v2"])
def test_older_versions_remove_users_and_guests(old, wire):
    """Attendees came with v3."""
    room = ConversationFactory()
    owner = arrive("owner", room, version=old, wire=wire)
    member, guest = arrive("member", room), arrive("guest", room)
    assert ask_to_remove(owner, member, "participants").http == 200
    assert ask_to_remove(owner, guest, "guests").http == 200
    assert ask_to_remove(owner, owner, "attendees").http == 404
    assert Attendee.objects.get() == owner.attendee


@pytest.mark.parametrize("route", ["participants", "attendees"])
def test_the_owner_stays(route):
    """No other moderator can remove the owner."""
    room = ConversationFactory()
    owner, moderator = arrive("owner", room), arrive("moderator", room)
    answer = ask_to_remove(moderator, owner, route)
    assert answer.whole == refused(answer, 403)
    assert is_there(owner)


@pytest.mark.parametrize(("who", "route"), [("owner", "attendees"), ("guest moderator", "guests")])
def test_oneself_by_the_wrong_door(who, route):
    """For that there is another route."""
    person = arrive(who, ConversationFactory())
    answer = ask_to_remove(person, person, route)
    assert answer.whole == refused(answer, 403)
    assert is_there(person)


def test_a_user_is_no_guest():
    """The session of a user does not name a guest to remove."""
    room = ConversationFactory()
    owner, member = arrive("owner", room), arrive("member", room)
    assert ask_to_remove(owner, member, "guests").http == 400
    assert is_there(member)


@pytest.mark.parametrize(
    ("who", "route"), [("member", "participants"), ("guest", "guests"), ("guest", "attendees")]
)
def test_people_of_another_conversation(who, route):
    """Their ids, names and sessions mean nobody here."""
    owner, elsewhere = arrive("owner", ConversationFactory()), arrive(who, ConversationFactory())
    answer = ask_to_remove(owner, elsewhere, route)
    assert answer.whole == refused(answer, 404)
    assert is_there(elsewhere)


@pytest.mark.parametrize("who", ["member", "self-joined", "guest"])
@pytest.mark.parametrize("route", ["participants", "guests", "attendees"])
def test_others_remove_nobody(who, route):
    """Only moderators remove others."""
    room = ConversationFactory()
    victim = arrive("guest" if route == "guests" else "member", room)
    answer = ask_to_remove(arrive(who, room), victim, route)
    assert answer.whole == refused(answer, 403)
    assert is_there(victim)


# Oneself


@pytest.mark.parametrize("who", ["owner", "moderator"])
def test_oneself_by_the_own_id(who, wire):
    """In v4 that is leaving for good, also out of the call; the others stay."""
    room = ConversationFactory()
    other = arrive("moderator", room)
    person = arrive(who, room, version="v4", wire=wire)
    person.call("post")
    answer = ask_to_remove(person, person, "attendees")
    assert answer.whole == ok(answer)
    assert list(Attendee.objects.all()) == [other.attendee]
    assert CallLeg.objects.get().left_at is not None


@pytest.mark.parametrize("other", ["member", "self-joined"])
def test_the_only_moderator_stays_by_the_own_id_too(other):
    """As by the route for oneself."""
    room = ConversationFactory()
    owner = arrive("owner", room, version="v4")
    arrive(other, room)
    answer = ask_to_remove(owner, owner, "attendees")
    assert answer.whole == refused(answer, 400, data={"error": "last-moderator"})
    assert is_there(owner)


def test_with_the_last_user_the_conversation_goes_by_the_own_id_too():
    """Guests do not keep it."""
    room = ConversationFactory()
    owner = arrive("owner", room, version="v4")
    arrive("guest", room)
    assert ask_to_remove(owner, owner, "attendees").http == 200
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("member", "not-moderator"),
        ("self-joined", "not-moderator"),
        ("guest", "not-moderator"),
        ("guest moderator", "self"),
    ],
)
def test_who_does_not_leave_by_the_own_id(who, error):
    """The route is for moderators, and guests have no membership to give up."""
    room = ConversationFactory()
    arrive("owner", room)
    person = arrive(who, room, version="v4")
    answer = ask_to_remove(person, person, "attendees")
    assert answer.whole == refused(answer, 403, data={"error": error})
    assert is_there(person)


def test_nobody_leaves_a_one_to_one_by_the_own_id():
    """It stays one; its users leave by the route for oneself."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    one = arrive("owner", room, version="v4")
    arrive("owner", room)
    message = "That cannot be done to a one-to-one conversation."
    answer = ask_to_remove(one, one, "attendees")
    assert answer.whole == refused(answer, 400, message, data={"error": "value"})
    assert is_there(one)


@pytest.mark.parametrize("path", ["/participants/self", "/participants"])
@pytest.mark.parametrize("who", ["member", "self-joined", "moderator"])
def test_oneself(version, who, path):
    """A user who gives up the membership leaves the call too; the others stay."""
    if (version, path) == ("v4", "/participants"):
        path = "/participants/self"  # the only door of v4
    room = ConversationFactory()
    owner, person = arrive("owner", room), arrive(who, room, version=version)
    person.call("post")
    data = {"participant": person.device.username} if path == "/participants" else None
    answer = person.room("delete", path, data)
    assert answer.whole == ok(answer)
    assert list(Attendee.objects.all()) == [owner.attendee]
    assert CallLeg.objects.get().left_at is not None


@pytest.mark.parametrize("other", ["member", "self-joined"])
def test_the_only_moderator_stays(other):
    """Or nobody could ever change anything; a guest moderator does not make up for it."""
    room = ConversationFactory()
    owner = arrive("owner", room)
    arrive(other, room)
    arrive("guest moderator", room)
    assert owner.room("delete", "/participants/self").http == 400
    assert is_there(owner)


def test_with_the_last_user_the_conversation_goes():
    """Guests do not keep it."""
    room = ConversationFactory()
    owner, guest = arrive("owner", room), arrive("guest", room)
    guest.call("post")
    assert owner.room("delete", "/participants/self").http == 200
    assert not Conversation.objects.exists()
    assert CallLeg.objects.get().reason == "conversation_deleted"


def test_a_conversation_of_two_stays():
    """The other one may call back; and by the other door nobody leaves it."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    one, other = arrive("owner", room), arrive("owner", room)
    data = {"participant": one.device.username}
    assert one.room("delete", "/participants", data).http == 400
    assert ask_to_remove(one, other, "attendees").http == 400
    assert one.room("delete", "/participants/self").http == 200
    assert list(Attendee.objects.all()) == [other.attendee]
