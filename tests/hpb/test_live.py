"""The real HPB, in three versions: what its clients learn of changes at this site."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from talk_calls.constants import LobbyState, ParticipantType, PermissionChange, ReadOnly
from talk_calls.host.actors import Actor
from talk_calls.hpb import sender
from talk_calls.models import Conversation, Session
from talk_calls.services import calls, conversations, lobby, participants, permissions, sessions
from talk_calls.signaling import tickets
from tests.factories import AttendeeFactory, ConversationFactory
from tests.servers.hpb import HPB, Site
from tests.servers.hpb_client import Frame, HPBClient

pytestmark = pytest.mark.django_db(transaction=True)

#: Seconds in which changes reach clients (docs/reliability.md), with time for a busy machine.
SOON = 3.0

#: Seconds after which news arrive that waited for the HPB.
AFTER_RETURN = 5.0


@dataclass
class Client:
    """Somebody in a conversation, with a connection to the HPB."""

    session: Session
    socket: HPBClient

    def join(self, flags: int = 7) -> None:
        calls.join(session=self.session, flags=flags, now=timezone.now())

    def updated(self, within: float = SOON) -> Frame:
        """Return the next list of participants that comes."""
        return self.socket.expect_event("participants", "update", within=within)

    def until_flags(self, expected: dict[str, int], within: float = SOON) -> None:
        """Read lists of participants until one has these flags, by session; earlier ones lag."""
        while _flags(self.updated(within)) != expected:
            pass

    def until_property(self, name: str, expected: int) -> None:
        """Read properties of the conversation until one has this value; earlier ones lag."""
        while self.socket.expect("room", within=SOON)["properties"][name] != expected:
            pass


def _flags(update: Frame) -> dict[str, int]:
    return {row["sessionId"]: row["inCall"] for row in update.get("users", [])}


@pytest.fixture
def hpb(hpb_release, start_hpb, live_server, settings) -> HPB:
    """Return a running HPB that serves this site."""
    site = Site(live_server.url)
    server = start_hpb(hpb_release, [site])
    entry = {"url": server.url, "secret": site.secret}
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [entry]}}
    yield server
    sender.stop()


@pytest.fixture
def room(hpb) -> Conversation:
    return ConversationFactory()


@pytest.fixture
def arrive(hpb, room, live_server, connect_to_hpb) -> Callable[..., Client]:
    """Return a function by which a member comes in, or a guest."""

    def arrive(role: ParticipantType | None = ParticipantType.USER) -> Client:
        now = timezone.now()
        attendee = None
        if role is not None:
            attendee = AttendeeFactory(conversation=room, participant_type=role)
        actor = Actor(attendee.user if attendee else None)
        entered = sessions.enter(
            conversation=room, actor=actor, attendee=attendee, password="", force=False, now=now
        )
        socket = connect_to_hpb(hpb)
        client = Client(entered.session, socket)
        _come_in(client, live_server.url)
        return client

    return arrive


def _come_in(client: Client, url: str) -> None:
    """Log in at the HPB, and join the conversation there."""
    actor = Actor(client.session.attendee.user)
    user_id = tickets.user_id(actor) or ""
    ticket = tickets.ticket(actor, timezone.now())
    answer = client.socket.hello_v1(url, user_id=user_id, ticket=ticket)
    assert answer["type"] == "hello", answer
    joined = client.socket.join(client.session.conversation.token, client.session.session_id)
    assert joined["type"] == "room", joined


def test_join_and_leave(arrive):
    """Everybody learns who is in the call, with everybody in each list."""
    ada, bob = arrive(), arrive()
    ada.join()
    for each in (ada, bob):
        each.until_flags({ada.socket.session_id: 7})
    bob.join(3)
    for each in (ada, bob):
        each.until_flags({ada.socket.session_id: 7, bob.socket.session_id: 3})
    calls.leave(session=ada.session, now=timezone.now())
    bob.until_flags({ada.socket.session_id: 0, bob.socket.session_id: 3})


def test_end_for_all(arrive, room, hpb_release):
    """Everybody is out at once."""
    ada, bob = arrive(), arrive()
    for each in (ada, bob):
        each.join()
        _until_in_call(bob, each)
    calls.end(conversation=room)
    if hpb_release == "bookworm":
        bob.until_flags({ada.socket.session_id: 0, bob.socket.session_id: 0})
    else:
        update = bob.updated()
        while "users" in update:
            update = bob.updated()
        assert update == {"roomid": room.token, "incall": 0, "all": True}


def test_lobby_and_lock(arrive, room):
    """Both reach clients as properties, and take people out of the call."""
    ada = arrive()
    ada.join()
    _until_in_call(ada, ada)
    lobby.set_state(conversation=room, state=LobbyState.NON_MODERATORS, timer=None)
    ada.until_flags({ada.socket.session_id: 0})
    ada.until_property("lobby-state", 1)
    lobby.set_state(conversation=room, state=LobbyState.NONE, timer=None)
    ada.until_property("lobby-state", 0)
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_ONLY)
    ada.until_property("read-only", 1)


def test_permissions(arrive):
    """Who may not moderate any more may send no control messages any more."""
    ada, bob = arrive(), arrive()
    permissions.promote(attendee=ada.session.attendee)
    _until(ada, ada, participantType=ParticipantType.MODERATOR)
    ada.socket.control({"mute": True}, session=bob.socket.session_id)
    assert bob.socket.expect("control", within=SOON)["data"] == {"mute": True}
    permissions.demote(attendee=ada.session.attendee)
    _until(ada, ada, participantType=ParticipantType.USER)
    ada.socket.control({"mute": True}, session=bob.socket.session_id)
    assert "control" not in [frame["type"] for frame in bob.socket.read(0.3)]
    change = PermissionChange.SET
    permissions.of_attendee(attendee=bob.session.attendee, change=change, permissions=16)
    row = _until(ada, bob, participantPermissions=17)
    assert "permissions" not in row


@pytest.mark.parametrize("role", [ParticipantType.USER, None])
def test_kick(arrive, role):
    """The connection is closed within a second; the others see it."""
    ada, eve = arrive(), arrive(role)
    eve.join()
    _until_in_call(ada, eve)
    participants.remove(attendee=eve.session.attendee)
    eve.socket.expect_close(within=SOON)
    ada.until_flags({eve.socket.session_id: 0})
    assert ada.socket.expect_event("room", "leave", within=SOON) == [eve.socket.session_id]


def test_deleted_conversation(arrive, room):
    ada = arrive()
    conversations.delete(conversation=room)
    ada.socket.expect_close(within=SOON)


def test_invitation(arrive, room):
    """Who is invited learns it wherever they are."""
    ada = arrive()
    user = AttendeeFactory(conversation__token="elsewhere").user
    participants.add_user(conversation=room, user=user)
    # What the conversation is like may be told first, for Ada's own coming.
    while "participant-list" not in (properties := _list_update(ada)):
        assert properties["name"] == room.name
    assert properties == {"participant-list": "refresh"}


def test_restart(arrive, hpb, live_server, connect_to_hpb):
    """An HPB that was away learns who is in the call from those who come back."""
    ada, bob = arrive(), arrive()
    ada.join()
    _until_in_call(ada, ada)
    hpb.stop()
    bob.join(3)
    time.sleep(1)
    hpb.start()
    begin = time.monotonic()
    for each in (ada, bob):
        each.socket = connect_to_hpb(hpb)
        _come_in(each, live_server.url)
    bob.until_flags({ada.socket.session_id: 7, bob.socket.session_id: 3}, AFTER_RETURN)
    assert time.monotonic() - begin < AFTER_RETURN


def test_socket_comes_back(arrive, hpb, live_server, connect_to_hpb):
    """A session that connects anew is in the call for the HPB at once."""
    ada, bob = arrive(), arrive()
    bob.join()
    _until_in_call(ada, bob)
    bob.socket.drop()
    bob.socket = connect_to_hpb(hpb)
    _come_in(bob, live_server.url)
    _until_in_call(ada, bob)


def _until(who: Client, other: Client, **values: int) -> Frame:
    """Wait until the HPB tells somebody that somebody has these values; return the whole row."""
    while True:
        for row in who.updated().get("users", []):
            if row["sessionId"] == other.socket.session_id and values.items() <= row.items():
                return row


def _list_update(who: Client) -> dict:
    """Return the next properties that come for the list of conversations."""
    return who.socket.expect_event("roomlist", "update", within=SOON)["properties"]


def _until_in_call(who: Client, other: Client) -> None:
    """Wait until the HPB tells somebody that somebody is in the call."""
    while not _flags(who.updated()).get(other.socket.session_id):
        pass
