"""No answer of any route has somebody's e-mail address, for those who do not moderate.

The site is the worst case: e-mail addresses are user names and first names, and an old version
stored one as the name of an attendee.
"""

from itertools import product

import pytest
from django.test import Client

from talk_calls.constants import ActorType, ConversationType
from talk_calls.models import Attendee, Conversation
from talk_calls.services import app_passwords, participants
from tests.architecture.test_routes import ACCOUNT_ROUTES, EACH_LINE
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

#: Part of every address, and of nothing else.
DOMAIN = "secret.example"


@pytest.fixture(autouse=True)
def _site(settings):
    """Make user ids of primary keys, as the app does where user names are addresses."""
    settings.TALK_CALLS = {"USER_ID": "pk"}


def person(conversation: Conversation, name: str, role: int, *, in_call: int = 0) -> Attendee:
    """Put somebody who has nothing but an address into a conversation, online."""
    address = f"{name}.{conversation.token}@{DOMAIN}"
    user = UserFactory(username=address, email=address, first_name=address)
    attendee = AttendeeFactory(
        conversation=conversation,
        user=user,
        participant_type=role,
        display_name=participants.name_of(user),
    )
    SessionFactory(attendee=attendee, in_call=in_call)
    return attendee


def furnished(conversation: Conversation) -> Conversation:
    """Fill a conversation with people whose addresses nobody is to read."""
    person(conversation, "owner", 1, in_call=7)
    person(conversation, "member", 3)
    AttendeeFactory(
        conversation=conversation,
        user=None,
        actor_type=ActorType.EMAILS,
        actor_id=f"invitee@{DOMAIN}",
        display_name=f"invitee@{DOMAIN}",
        participant_type=4,
    )
    return conversation


def assert_hides(response, *context: object) -> None:
    """Search the body and the headers of an answer, cookies included."""
    whole = response.serialize_headers() + b"".join(response)
    whole += str(response.cookies).encode()
    assert DOMAIN.encode() not in whole, context


@pytest.mark.parametrize("who", ["nobody", "guest", "stranger", "self-joined"])
@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_routes_of_the_api(endpoint, who):
    """In a conversation with a name, and in one that is named after those who are in it."""
    ends = {endpoint.versions[0], endpoint.versions[-1]}
    for version, name in product(sorted(ends), ["Weekly", ""]):
        room = furnished(ConversationFactory(name=name, listable=2))
        asking = arrive(who, room, version=version)
        path = endpoint.path.format(token=room.token)
        answer = asking.device.request(endpoint.method, path, endpoint.data)
        assert_hides(answer.response, version, name)


@pytest.mark.parametrize("version_", ["v1", "v2", "v3", "v4"])
def test_routes_of_the_api_for_the_other_of_a_one_to_one(version_, device):
    """Their title is the name of the other, and its raw name the other's id."""
    room = ConversationFactory(token="pair", type=ConversationType.ONE_TO_ONE, name="")
    person(room, "other", 1)
    me = AttendeeFactory(conversation=room, participant_type=1)
    client = device(me.user, version=version_)
    for path in ("room", "room/pair", "room/pair/participants", "call/pair"):
        assert_hides(client.get(path).response, path)


@pytest.mark.parametrize("route", ACCOUNT_ROUTES, ids=lambda each: f"{each.method} {each.name}")
def test_routes_of_accounts(route):
    """For nobody, and for a user who is not the one with the address."""
    owner = person(ConversationFactory(), "owner", 1)
    app_passwords.create(user=owner.user, name="phone")
    stranger = Client(headers={"OCS-APIRequest": "true"})
    stranger.force_login(UserFactory())
    for client in (Client(headers={"OCS-APIRequest": "true"}), stranger):
        for path in (*route.paths, route.path.replace("alice", str(owner.user.pk))):
            assert_hides(client.generic(route.method.upper(), f"/{path}"), path)


def test_the_call_page():
    """It names nobody but whoever looks at it."""
    person(ConversationFactory(token="room"), "owner", 1)
    assert_hides(Client().get("/call/room"))
