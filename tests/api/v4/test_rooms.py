"""Conversations in v4: everything at once, and only what changed (behaviour 6)."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import calls
from tests.api.shapes import inside, newest_by
from tests.contract.expected import ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.times import START

pytestmark = pytest.mark.django_db


# Creating


def test_everything_at_once(device, wire, settings):
    """A conversation comes into being as it shall be."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "optional"}
    alice = UserFactory(username="alice")
    client = device(alice, version="v4", wire=wire)
    answer = client.post(
        "room",
        {
            "roomType": "3",
            "roomName": "Open day",
            "description": " All are welcome ",
            "password": " secret ",
            "readOnly": "1",
            "listable": "2",
            "lobbyState": "1",
            "lobbyTimer": "4102444800",
            "permissions": "6",
            "recordingConsent": "1",
            "messageExpiration": "3600",
            "mentionPermissions": "1",
            "sipEnabled": "0",
            "emoji": "🎈",
            "avatarColor": "00aaff",
            "somethingNewer": "x",
        },
    )
    room = Conversation.objects.get()
    expected = inside(
        "v4",
        Attendee.objects.get(),
        name="Open day",
        displayName="Open day",
        description="All are welcome",
        hasPassword=True,
        readOnly=1,
        listable=2,
        lobbyState=1,
        lobbyTimer=4102444800,
        defaultPermissions=7,
        recordingConsent=1,
        messageExpiration=3600,
        mentionPermissions=1,
        canDeleteConversation=True,
        **newest_by(Attendee.objects.get(), "You created the conversation"),
    )
    assert answer.whole == ok(answer, expected, status=201)
    assert check_password(" secret ", room.password)


def test_object(device, wire):
    """A conversation may refer to an object of the client."""
    client = device(UserFactory(username="alice"), version="v4", wire=wire)
    answer = client.post(
        "room", {"roomType": "2", "roomName": "x", "objectType": "event", "objectId": "17"}
    )
    assert (answer.http, answer.data["objectType"], answer.data["objectId"]) == (201, "event", "17")
    path = f"room/{answer.data['token']}/webinar/lobby"
    assert client.put(path, {"state": "1"}).http == 400
    assert client.put(path, {"state": "0"}).http == 200


def test_null_is_as_if_absent(device):
    """Clients send what they have not as null."""
    json = (
        '{"roomType": 2, "roomName": "x", "password": null, "readOnly": null, "lobbyTimer": null,'
        ' "permissions": null, "objectType": null, "listable": null, "invite": null}'
    )
    assert device(UserFactory(), version="v4").request("post", "room", json=json).http == 201


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"roomType": "9"}, "type"),
        ({"roomName": ""}, "name"),
        ({"roomName": "x" * 256}, "name"),
        ({"roomName": "x" * 10_001}, "name"),
        ({"roomType": "2", "password": "x"}, "password"),
        ({"password": "x" * 1001}, "password"),
        ({"description": "x" * 2001}, "description"),
        ({"permissions": "99999"}, "permissions"),
        ({"permissions": "-1"}, "permissions"),
        ({"permissions": "x"}, "permissions"),
        ({"readOnly": "2"}, "read-only"),
        ({"listable": "3"}, "listable"),
        ({"lobbyState": "2"}, "lobby"),
        ({"lobbyTimer": "soon"}, "lobby-timer"),
        ({"messageExpiration": "-1"}, "message-expiration"),
        ({"mentionPermissions": "2"}, "mention-permissions"),
        ({"sipEnabled": "1"}, "sip-enabled"),
        ({"objectType": "event"}, "object"),
        ({"objectId": "1"}, "object"),
        ({"objectType": "é" * 33, "objectId": "1"}, "object"),
        ({"objectType": "x" * 10_001, "objectId": "1"}, "object-type"),
        ({"objectType": "event", "objectId": "1", "lobbyState": "1"}, "lobby"),
        ({"objectType": "share:password", "objectId": "1"}, "object-type"),
        ({"objectType": "file", "objectId": "1"}, "object-type"),
        ({"recordingConsent": "1"}, "recording-consent"),
        ({"recordingConsent": "2"}, "recording-consent"),
        ({"roomType": "2", "invite": "hatters", "source": "circles"}, "invite"),
        ({"participants": "bob"}, "participants"),
        ({"participants[circles][]": "hatters"}, "participants"),
        ({"participants[emails][]": "no address"}, "participants"),
    ],
)
def test_terms_that_cannot_be(device, data, error):
    """What could not be set later cannot be set at once; the answer says which, nothing is made."""
    values = {"roomType": "3", "roomName": "x", **data}
    answer = device(UserFactory(), version="v4").post("room", values)
    assert (answer.http, answer.data) == (400, {"error": error})
    assert answer.whole[1]["meta"]["message"]
    assert not Conversation.objects.exists()


def test_older_versions_take_only_what_they_know(device, old_version):
    """v1 to v3 ignore these parameters."""
    values = {"roomType": "3", "roomName": "x", "password": "x", "permissions": "999"}
    assert device(UserFactory(), version=old_version).post("room", values).http == 201
    assert Conversation.objects.get().password == ""


# The list


def listed(client, since) -> list[str]:
    data = {} if since is None else {"modifiedSince": str(int(since.timestamp()))}
    return sorted(room["token"] for room in client.get("room", data).data)


def test_header(device, wire, time_machine):
    """Clients ask next time from ten seconds before: what was being committed is not missed."""
    time_machine.move_to(START, tick=False)
    client = device(UserFactory(), version="v4", wire=wire)
    header = client.get("room").response["X-Nextcloud-Talk-Modified-Before"]
    assert header == str(int(START.timestamp()) - 10)


@pytest.mark.parametrize("since", ["0", "-1", None])
def test_whole_list(device, since):
    """Without ``modifiedSince`` everything is listed."""
    attendee = AttendeeFactory()
    client = device(attendee.user, version="v4")
    answer = client.get("room", {} if since is None else {"modifiedSince": since})
    assert [room["token"] for room in answer.data] == [attendee.conversation.token]


@pytest.mark.parametrize("since", ["x", "1.5", "999999999999999999"])
def test_no_moment(device, since):
    """What is no time is refused."""
    client = device(UserFactory(), version="v4")
    assert client.get("room", {"modifiedSince": since}).http == 400


@pytest.fixture
def quiet(time_machine):
    """Return the membership of somebody in a conversation where nothing happened for an hour."""
    time_machine.move_to(START, tick=False)
    room = ConversationFactory(last_activity_at=START - timedelta(hours=1))
    old = START - timedelta(hours=1)
    return AttendeeFactory(conversation=room, participant_type=1, modified_at=old)


CHANGES = {
    "rename": ("put", "", {"roomName": "Other"}),
    "describe": ("put", "/description", {"description": "Other"}),
    "lock": ("put", "/read-only", {"state": "1"}),
    "lobby": ("put", "/webinar/lobby", {"state": "1"}),
    "listable": ("put", "/listable", {"scope": "1"}),
    "password": ("put", "/password", {"password": "x"}),
    "private": ("delete", "/public", None),
    "favourite": ("post", "/favorite", None),
    "notify": ("post", "/notify", {"level": "1"}),
    "notify calls": ("post", "/notify-calls", {"level": "0"}),
    "permissions": ("put", "/permissions/default", {"permissions": "6"}),
    "message expiration": ("post", "/message-expiration", {"seconds": "60"}),
    "mention permissions": ("put", "/mention-permissions", {"mentionPermissions": "1"}),
    "all permissions": ("put", "/attendees/permissions/all", {"permissions": "6"}),
    "invite": ("post", "/participants", {"newParticipant": "bob"}),
    "invite by mail": (
        "post",
        "/participants",
        {"newParticipant": "bob@example.org", "source": "emails"},
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changed_is_listed(quiet, device, change):
    """Whatever the room object shows, a change of it is in the next list."""
    UserFactory(username="bob")
    client = device(quiet.user, version="v4")
    assert listed(client, START) == []
    method, path, data = change
    token = quiet.conversation.token
    assert client.request(method, f"room/{token}{path}", data).http == 200
    assert listed(client, START) == [token]
    assert listed(client, START + timedelta(seconds=1)) == []


def test_calls_are_listed(quiet, device, time_machine):
    """Running calls are always listed, and calls that ended since by a timeout."""
    client = device(quiet.user, version="v4")
    other = SessionFactory(attendee__conversation=quiet.conversation, last_ping=START)
    calls.join(session=other, flags=7, now=START)
    time_machine.move_to(START + timedelta(seconds=200), tick=False)
    token = quiet.conversation.token
    assert listed(client, START + timedelta(seconds=100)) == [token]
    [shown] = client.get("room", {"modifiedSince": str(int(START.timestamp()))}).data
    assert not shown["hasCall"]
    calls_end = START + timedelta(seconds=30)
    Session.objects.all().delete()
    quiet.conversation.calls.update(ended_at=calls_end, end_reason="timeout")
    Conversation.objects.update(last_activity_at=START - timedelta(hours=1))
    assert listed(client, calls_end) == [token]
    assert listed(client, calls_end + timedelta(seconds=1)) == []


def test_lobby_whose_time_came_is_listed(quiet, device):
    """A conversation whose lobby timer elapsed is listed, although no row changed."""
    later = START + timedelta(seconds=60)
    Conversation.objects.update(lobby_state=1, lobby_timer=later)
    client = device(quiet.user, version="v4")
    assert listed(client, START + timedelta(seconds=60)) == [quiet.conversation.token]
    assert listed(client, START + timedelta(seconds=61)) == []


# Room list and lobby


def test_no_call_is_shown_in_the_lobby(arrive):
    """For people in the lobby ``hasCall`` is false in v4."""
    owner, member = arrive("owner"), arrive("member")
    owner.call("post")
    Conversation.objects.update(lobby_state=1)
    waiting = member.room("get").data
    facts = ("hasCall", "callFlag", "callStartTime", "canStartCall")
    assert [waiting[name] for name in facts] == [False, 0, 0, False]
    assert owner.room("get").data["hasCall"] is True


@pytest.mark.parametrize(("who", "waits"), [("member", True), ("owner", False)])
def test_ignoring_the_lobby_is_a_permission(arrive, who, waits):
    """Permission 8 opens the lobby for one."""
    person = arrive(who)
    Conversation.objects.update(lobby_state=1)
    assert (person.call("get").http == 412) is waits
    Attendee.objects.filter(pk=person.attendee.pk).update(permissions=9)
    assert person.call("get").http == 200


# Consent of a conversation


@pytest.mark.parametrize("value", ["0", "1"])
def test_recording_consent(arrive, wire, settings, value):
    """Moderators set whether it is needed if the site allows it."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "optional"}
    owner = arrive("owner", wire=wire)
    answer = owner.room("put", "/recording-consent", {"recordingConsent": value})
    assert answer.http == 200
    assert int(answer.data["recordingConsent"]) == int(value)
    assert Conversation.objects.get().recording_consent == int(value)


@pytest.mark.parametrize(
    ("rule", "running", "value", "error"),
    [
        ("no", False, "1", "config"),
        ("yes", False, "0", "config"),
        ("optional", True, "1", "call"),
        ("optional", True, "0", None),
    ],
)
def test_recording_consent_refused(arrive, settings, rule, running, value, error):  # noqa: PLR0917
    """The site may decide itself, and those who are in were not asked."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": rule}
    owner = arrive("owner")
    if running:
        owner.call("post")
    answer = owner.room("put", "/recording-consent", {"recordingConsent": value})
    if error:
        assert answer.whole == refused(answer, 400, data={"error": error})
    else:
        assert answer.http == 200


# Cost


def test_list_costs_the_same_for_many(device):
    """Six statements at most, for 1 and for 500 conversations."""
    user = UserFactory()
    client = device(user, version="v4")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("room").http == 200
        return len(captured)

    AttendeeFactory(user=user)
    one = cost()
    rooms = Conversation.objects.bulk_create(
        Conversation(token=f"many{number}", type=2 + number % 2, name="x" * (number % 3))
        for number in range(499)
    )
    Attendee.objects.bulk_create(Attendee(conversation=room, user=user) for room in rooms)
    assert cost() <= one + 1 <= 6
