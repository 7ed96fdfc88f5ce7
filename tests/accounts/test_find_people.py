"""``core/autocomplete/get``: finding people, groups and addresses to talk to (behaviour 14)."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ActorType, ConversationType, LobbyState
from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.policy import HostPolicy
from talk_calls.models import Attendee
from tests.contract.expected import NOT_LOGGED_IN, in_form, ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = [pytest.mark.django_db, pytest.mark.contract("14")]

PATH = "autocomplete/get"
EVERYTHING = {"shareTypes[]": ["0", "1", "4"]}


class OpenDirectory(DjangoDirectory):
    """Everybody finds all groups, and those called "robot" may not use Talk."""

    def groups_for(self, viewer):
        return super().groups_for(None)

    def may_use_talk(self, user) -> bool:
        return user.username != "robot"


class ChoosyPolicy(HostPolicy):
    """Hides and spares people by their names."""

    def may_see(self, viewer, user) -> bool:
        return "hidden" not in user.username

    def may_invite(self, user, invitee, conversation) -> bool:
        return "boss" not in invitee.username

    def may_be_invited(self, user, by, conversation) -> bool:
        return "shy" not in user.username

    def may_see_group(self, viewer, group) -> bool:
        return "hidden" not in group.name

    def may_invite_group(self, user, group, conversation) -> bool:
        return "large" not in group.name

    def may_invite_email(self, user, address, conversation) -> bool:
        return conversation.token == "room" and address.endswith("@example.org")


def person(user_id: str, label: str) -> dict[str, str]:
    """Return a user as a result."""
    return result("users", user_id, label, "icon-user", user_id)


def group(name: str) -> dict[str, str]:
    return result("groups", name, name, "icon-group")


def address(text: str) -> dict[str, str]:
    return result("emails", text, text, "icon-mail")


def result(source: str, identity: str, label: str, icon: str, unique: str = "") -> dict[str, str]:
    return {
        "id": identity,
        "label": label,
        "icon": icon,
        "source": source,
        "status": "",
        "subline": "",
        "shareWithDisplayNameUnique": unique,
    }


@pytest.fixture
def alice():
    """Return Alice, who is in a group; Bob is called Robert, and Carol has no other name."""
    alice = UserFactory(username="alice", first_name="Alice", email="alice@example.org")
    UserFactory(username="bob", first_name="Robert", last_name="Ray", email="bob@example.org")
    UserFactory(username="carol", email="carol@example.org")
    alice.groups.add(Group.objects.create(name="carpenters"))
    Group.objects.create(name="cardinals")
    return alice


@pytest.fixture
def app(device, alice) -> OCSClient:
    """Return Alice's app."""
    return device(alice, service="core")


def found(app: OCSClient, term: str = "", **parameters) -> list[str]:
    """Return the ids that a search for everything finds."""
    answer = app.get(PATH, {"search": term, "itemType": "call", **EVERYTHING, **parameters})
    assert answer.http == 200, answer.whole
    return [each["id"] for each in answer.data]


# What is found


def test_answer(device, alice, wire, entry):
    """The whole answer, of users before groups; the parameters that make no difference are read."""
    app = device(alice, service="core", wire=wire, entry=entry)
    query = {"search": "CAR", "itemType": "call", "itemId": "new", "sorter": "", **EVERYTHING}
    answer = app.get(PATH, query)
    expected = [person("carol", "carol"), group("carpenters")]
    assert answer.whole == ok(answer, in_form(wire, expected))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("rob", [person("bob", "Robert Ray")]),
        ("ray ROB", [person("bob", "Robert Ray")]),
        ("bob", [person("bob", "Robert Ray")]),
        (" bob ", [person("bob", "Robert Ray")]),
        ("alice", []),  # nobody calls themselves
        ("cardinals", [group("cardinals")]),  # who knows the whole name may invite the group
        ("cardinal", []),
        ("Carla@Example.ORG ", [address("carla@example.org")]),
        ("bob@example.org", [address("bob@example.org")]),  # no account is looked up
        ("bob@", []),
        ("example", []),
        ("nobody", []),
    ],
)
def test_terms(app, term, expected):
    """Users and groups by their names, an address by nothing but itself."""
    assert app.get(PATH, {"search": term, **EVERYTHING}).data == expected


def test_without_a_term(app, settings):
    """Clients open their dialog with the first people, unless the site lists nobody unasked."""
    assert found(app) == ["carol", "bob", "carpenters"]
    assert [each["id"] for each in app.get(PATH).data] == ["carol", "bob"]
    settings.TALK_CALLS = {"SEARCH_MIN_LENGTH": 1}
    assert found(app) == []
    assert found(app, "r") == ["carol", "bob", "carpenters"]


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ({}, {"users"}),
        ({"shareTypes[]": ["0"]}, {"users"}),
        ({"shareTypes[]": ["1", "1"]}, {"groups"}),
        ({"shareTypes[0]": "0", "shareTypes[1]": "1"}, {"users", "groups"}),
        ({"shareTypes": "0,1,4"}, {"users", "groups"}),
        ({"shareTypes": "1"}, {"groups"}),
        ({"shareTypes[]": "0,1,4"}, {"users", "groups"}),
        ({"shareTypes[]": ["0,7", " 1"]}, {"users", "groups"}),
        ({"shareTypes[]": ["7", "9", "99"]}, set()),
        ({"shareTypes[]": ["4"], "search": "x@example.org"}, {"emails"}),
    ],
)
def test_share_types(app, query, sources):
    """What is asked for, in every way of writing a list; what the site has not is left out."""
    answer = app.get(PATH, query)
    assert (answer.http, {each["source"] for each in answer.data}) == (200, sources)


def test_parameters_in_a_body(app):
    """JSON is read as the query is."""
    json = '{"search": "car", "shareTypes": [0, 1], "limit": 1}'
    answer = app.request("get", PATH, json=json)
    assert [each["id"] for each in answer.data] == ["carol", "carpenters"]
    assert len(app.request("get", PATH, json='{"shareTypes": 1, "search": null}').data) == 1


def test_limit(app):
    """Ten of each kind, or as many as are asked for up to fifty."""
    for number in range(60):
        UserFactory(username=f"many{number}")
    assert len(found(app, "many")) == 10
    assert len(found(app, "many", limit=1)) == 1
    assert len(found(app, "many", limit=50)) == len(found(app, "many", limit=1000)) == 50


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"search": "x" * 256},
        {"shareTypes[]": ["x"]},
        {"shareTypes": "0;1"},
        {"shareTypes": ""},
        {"shareTypes[]": ["0,1"] * 40},
        {"shareTypes[]": ["0"] * 51},
        {"shareTypes": ",".join("0" * 1000)},
        {"search": "a\0b"},
        {"itemId": "a\0b"},
    ],
)
def test_unreadable_parameters(app, query):
    """They are 400."""
    assert app.get(PATH, query).http == 400


# For whom


def test_guests(wire, entry):
    """They get 401."""
    answer = OCSClient(service="core", wire=wire, entry=entry).get(PATH)
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_users_who_may_not_use_talk(settings, device, wire, entry):
    """They find nobody, and nobody finds them."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OpenDirectory"}
    robot, alice = UserFactory(username="robot"), UserFactory(username="alice")
    answer = device(robot, service="core", wire=wire, entry=entry).get(PATH)
    assert answer.http == (200 if entry == 1 else 403)
    assert answer.code == 403
    assert found(device(alice, service="core"), "rob") == []


def test_site_that_lets_all_groups_be_found(settings, app):
    """One method of the directory."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OpenDirectory"}
    assert found(app, "car") == ["carol", "cardinals", "carpenters"]


def test_policy(settings, app):
    """Who could not be invited is not found, and others take their place."""
    settings.TALK_CALLS = {"POLICY": f"{__name__}.ChoosyPolicy"}
    for name in ("a-hidden", "a-boss", "a-shy", "b"):
        UserFactory(username=f"x-{name}")
    for name in ("x-hidden", "x-large", "x-team"):
        Group.objects.create(name=name)
    assert found(app, "x-", limit=1) == ["x-b"]
    assert found(app, "x-hidden") == found(app, "x-large") == []
    assert found(app, "x-team") == ["x-team"]
    assert found(app, "x@example.org") == []  # the hook is asked about a conversation
    ConversationFactory(token="room", type=ConversationType.PUBLIC)
    join(app, "room")
    assert found(app, "x@example.org", itemId="room") == ["x@example.org"]
    assert found(app, "x@example.com", itemId="room") == []


def test_site_without_invitations_by_mail(settings, app):
    """No address is offered."""
    settings.TALK_CALLS = {"CALL_PAGE": ""}
    assert found(app, "x@example.org") == []


# Those who are there already


def join(app: OCSClient, token: str, participant_type: int = 3, **changed) -> Attendee:
    """Make Alice a participant."""
    conversation = Attendee._meta.get_field("conversation").related_model.objects.get(token=token)
    alice = UserFactory._meta.model.objects.get(username=app.username)
    return AttendeeFactory(
        conversation=conversation, user=alice, participant_type=participant_type, **changed
    )


@pytest.fixture
def room(alice):
    """Return a conversation of Bob, of the cardinals and of an invited address."""
    room = ConversationFactory(token="room", type=ConversationType.GROUP)
    bob = type(alice).objects.get(username="bob")
    AttendeeFactory(conversation=room, user=bob, participant_type=1)
    cardinals = Group.objects.get(name="cardinals")
    for kind, actor_id in (
        (ActorType.GROUPS, str(cardinals.pk)),
        (ActorType.EMAILS, "gus@example.org"),
    ):
        AttendeeFactory(conversation=room, user=None, actor_type=kind, actor_id=actor_id)
    return room


TERMS = ("", "rob", "bob", "cardinals", "gus@example.org", "Robert")


def test_members_are_left_out(settings, app, room):
    """Also who has the very id; an address is, if the moderator may know of it."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OpenDirectory"}
    alice = join(app, "room")
    assert found(app, itemId="room") == ["carol", "carpenters"]
    for term in ("rob", "bob", "cardinals"):
        assert found(app, term, itemId="room") == []
        assert found(app, term, itemId="new") != []
    assert found(app, "gus@example.org", itemId="room") == ["gus@example.org"]
    alice.participant_type = 2
    alice.save()
    assert found(app, "gus@example.org", itemId="room") == []
    assert found(app, "gas@example.org", itemId="room") == ["gas@example.org"]


def test_many_members_leave_room_for_others(app, room):
    """They are left out by the query, so they do not use up what is looked at."""
    join(app, "room")
    for number in range(50):
        AttendeeFactory(conversation=room, user=UserFactory(username=f"many{number:02}"))
    UserFactory(username="many99")
    assert found(app, "many", itemId="room", limit=1) == ["many99"]


@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.PUBLIC])
def test_others_learn_nothing_of_a_conversation(app, room, kind):
    """Whoever may not list the participants finds the same as for a new conversation."""
    room.type = kind
    room.save()
    before = [found(app, term, itemId="new") for term in TERMS]
    assert [found(app, term, itemId="room") for term in TERMS] == before
    room.lobby_state = LobbyState.NON_MODERATORS
    room.save()
    join(app, "room")
    assert [found(app, term, itemId="room") for term in TERMS] == before
    assert [found(app, term, itemId="nosuchroom") for term in TERMS] == before
    assert [found(app, term, itemId="%_ \u00e4") for term in TERMS] == before


# What is found can be added


@pytest.mark.parametrize("version_", ["v3", "v4"])
def test_what_is_found_can_be_added(settings, app, room, version_):
    """Its id and its source are what an invitation takes."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OpenDirectory"}
    join(app, "room", 2)
    app.version, talk = version_, "apps/spreed/api/{version}"
    for term, source in (("caro", "users"), ("carp", "groups"), ("new@example.org", "emails")):
        app.service = "core"
        query = {"search": term, "itemType": "call", "itemId": "room", **EVERYTHING}
        [one] = app.get(PATH, query).data
        assert one["source"] == source
        app.service = talk
        added = app.post(
            "room/room/participants", {"newParticipant": one["id"], "source": one["source"]}
        )
        assert added.http == 200, added.whole
        app.service = "core"
        assert app.get(PATH, query).data == []


# What it costs


def statements(app: OCSClient, **query) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert app.get(PATH, {**EVERYTHING, **query}).http == 200
    return len(queries)


@pytest.mark.parametrize("people", [1, 1200])
def test_statements(app, room, people):
    """A few, whoever asks and however many people there are; one finds out who asks."""
    User = UserFactory._meta.model
    User.objects.bulk_create(User(username=f"many{number}") for number in range(people))
    Group.objects.bulk_create(Group(name=f"many{number}") for number in range(people))
    app.get(PATH)
    assert statements(app, **{"shareTypes[]": ["0"]}) == 3
    assert statements(app, search="many", **{"shareTypes[]": ["0"]}) == 4
    assert statements(app, search="many", limit=50) == 6
    assert statements(app, search="many", limit=50, itemId="new") == 6
    assert statements(app, search="many", limit=50, itemId="room") == 7
    join(app, "room", 2)
    assert statements(app, search="r", limit=50, itemId="room") == 8
    assert statements(app, search="gus@example.org", itemId="room") == 8
