"""Waiting in the lobby gives no relay, and tells nothing of the call but what Talk tells."""

import pytest

from talk_calls.constants import LobbyState, Permission, ReadOnly
from talk_calls.models import Attendee, Conversation
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory
from tests.people import MODERATORS, OTHERS, PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

TURN = [{"ADDRESS": "turn.example.org:3478", "SECRET": "s3cret"}]
EVERYBODY = [*PARTICIPANTS, "stranger", "nobody"]
#: Those who get credentials where nothing keeps them from calling.
KNOWN = [*PARTICIPANTS, "stranger"]


@pytest.fixture(autouse=True)
def _relay(settings) -> None:
    settings.TALK_CALLS = {"TURN_SERVERS": TURN}


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


def raise_lobby() -> None:
    Conversation.objects.update(lobby_state=LobbyState.NON_MODERATORS)


def may_relay(person, token: str | None) -> bool:
    data = {} if token is None else {"token": token}
    answer = person.device.request("get", "signaling/settings", data)
    assert answer.http == 200, answer.whole
    servers = answer.data["turnservers"]
    assert all(server["username"] and server["credential"] for server in servers)
    return bool(servers)


@pytest.mark.parametrize("who", EVERYBODY)
def test_relays_by_conversation(room, old_version, who):
    """The lobby of the named conversation decides, whether the caller has joined it or not."""
    person = arrive(who, room, version=old_version)
    assert may_relay(person, room.token) == (who in KNOWN)
    raise_lobby()
    assert may_relay(person, room.token) == (who in MODERATORS)
    Conversation.objects.update(lobby_state=LobbyState.NONE)
    assert may_relay(person, room.token) == (who in KNOWN)
    Conversation.objects.update(read_only=ReadOnly.READ_ONLY)
    assert not may_relay(person, room.token)


@pytest.mark.parametrize("who", ["owner", "member", "self-joined", "stranger"])
def test_relays_without_a_conversation(room, who):
    """A user who waits leaves out the token; one who is online nowhere is about to join."""
    person = arrive(who, room)
    assert may_relay(person, None)
    raise_lobby()
    assert may_relay(person, None) == (who in {"owner", "stranger"})
    if who == "stranger":
        return
    elsewhere = AttendeeFactory(user=person.attendee.user)
    SessionFactory(attendee=elsewhere)
    assert may_relay(person, None), "they may call there"


@pytest.mark.parametrize("who", ["guest", "guest moderator", "nobody"])
def test_guests_name_their_conversation(room, who):
    """Without it nobody knows whether they were let in."""
    assert not may_relay(arrive(who, room), None)


def test_a_permission_to_ignore_the_lobby(room):
    """Whom the lobby lets in gets a relay."""
    person = arrive("member", room)
    raise_lobby()
    allowed = Permission.CUSTOM | Permission.IGNORE_LOBBY
    Attendee.objects.filter(pk=person.attendee.pk).update(permissions=allowed)
    assert may_relay(person, room.token)
    assert may_relay(person, None)


def test_no_calls_no_relays(room, settings):
    """A site without calls has nothing to relay."""
    person = arrive("owner", room)
    settings.TALK_CALLS = {"TURN_SERVERS": TURN, "START_CALLS": "no one"}
    assert not may_relay(person, room.token)
    assert not may_relay(person, None)


def test_a_relay_for_another_conversation(room):
    """Waiting in one is no reason to be kept from calling in another."""
    person = arrive("guest", room)
    other = ConversationFactory()
    person.device.request("post", f"room/{other.token}/participants/active")
    Conversation.objects.filter(pk=room.pk).update(lobby_state=LobbyState.NON_MODERATORS)
    assert not may_relay(person, room.token)
    assert may_relay(person, other.token)


#: What of a room object may change for people in the lobby when a call starts (docs/protocol.md).
TOLD = {
    "v1": {"hasCall"},
    "v2": {"hasCall", "callFlag"},
    "v3": {"hasCall", "callFlag"},
    "v4": set(),
}


@pytest.mark.parametrize("who", OTHERS)
def test_what_a_call_changes_in_the_lobby(room, version, who):
    """Those in the lobby read in the room object what Talk shows them, and nothing else."""
    person = arrive(who, room, version=version)
    moderator = arrive("moderator", room, version=version)
    raise_lobby()
    before = person.room("get").data
    assert moderator.call("post").http == 200
    after = person.room("get").data
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"lastActivity", "lastPing"} == TOLD[version]


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize(
    ("method", "path", "http"),
    [
        ("get", "call", {412}),
        ("post", "call", {412}),
        ("get", "room/participants", {403, 412}),
        ("get", "call/notification-state", {401, 404}),
        ("get", "call/download", {403}),
        ("post", "call/ring", {400}),
        ("put", "call", {400}),
    ],
)
def test_requests_from_the_lobby(room, who, method, path, http):
    """Every answer is the same with a call and without one."""
    person = arrive(who, room, version="v4")
    moderator = arrive("moderator", room, version="v4")
    raise_lobby()
    kind, _, rest = path.partition("/")
    rest = f"/{rest}" if rest else ""
    if rest == "/ring":
        rest = f"/ring/{moderator.attendee.pk}"

    def ask():
        send = person.call if kind == "call" else person.room
        answer = send(method, path=rest)
        return answer.http, answer.data

    without = ask()
    moderator.call("post")
    with_call = ask()
    assert with_call == without
    assert with_call[0] in http
