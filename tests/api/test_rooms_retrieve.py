"""``GET /room/{token}``: one conversation, as each caller may see it (behaviour 6.3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.constants import ConversationType, Listable, LobbyState, ParticipantType
from talk_calls.models import Call, SystemMessage
from talk_calls.services import calls
from tests.api import shapes
from tests.api.shapes import in_map, inside, outside
from tests.contract.expected import ok, refused
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

GROUP, PUBLIC = ConversationType.GROUP, ConversationType.PUBLIC


def path(conversation) -> str:
    return f"room/{conversation.token}"


def ago(seconds: int):
    return timezone.now() - timedelta(seconds=seconds)


def joined(attendee, flags: int = 0, seconds: int = 0):
    """Return a session of the attendee that pinged so long ago, in the call if it has flags."""
    session = SessionFactory(attendee=attendee)
    if flags:
        calls.join(session=session, flags=flags, now=timezone.now())
    session.last_ping = ago(seconds)
    session.save(update_fields=["last_ping"])
    attendee.conversation.refresh_from_db()
    return session


def test_participant_in_the_call(device, version, wire):
    """A member sees the conversation, its call, and their own part in it."""
    alice = AttendeeFactory(user__username="alice", participant_type=ParticipantType.MODERATOR)
    room = alice.conversation
    bob = AttendeeFactory(conversation=room, user__username="bob")
    guest = joined(GuestFactory(conversation=room), flags=2, seconds=20)
    own = joined(alice, flags=5, seconds=10)
    answer = device(alice.user, version=version, wire=wire).get(path(room))
    expected = inside(
        version,
        alice,
        own,
        participantFlags=5,
        participantInCall=True,
        hasCall=True,
        callFlag=7,
        callStartTime=int(Call.objects.get().started_at.timestamp()),
        canDeleteConversation=True,
        numGuests=1,
        participants={**in_map(alice, own, call=5), **in_map(bob)},
        **shapes.newest(
            SystemMessage.objects.last(),
            "You joined the call",
            actor={"type": "user", "id": "alice", "name": "alice"},
        ),
    )
    assert answer.whole == ok(answer, expected)
    assert guest.session_id not in answer.response.content.decode()


def test_participant_without_a_session(device, version):
    """Without a session the wire shows '0', and nobody in a call."""
    alice = AttendeeFactory()
    answer = device(alice.user, version=version).get(path(alice.conversation))
    assert answer.whole == ok(answer, inside(version, alice, participants=in_map(alice)))


def test_guest(version):
    """A guest is known by the session they joined with."""
    room = ConversationFactory()
    client = OCSClient(version=version)
    client.post(f"{path(room)}/participants/active")
    guest = room.attendees.get()
    session = guest.sessions.get()
    answer = client.get(path(room))
    assert answer.whole == ok(answer, inside(version, guest, session, numGuests=1))


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_outsider_of_a_public_conversation(device, who, version, wire):
    """With the token of a public conversation an outsider learns that it exists, and no more."""
    room = joined(AttendeeFactory(conversation__name="Secret"), flags=7).conversation
    user = UserFactory() if who == "stranger" else None
    answer = device(user, version=version, wire=wire).get(path(room))
    assert answer.whole == ok(answer, outside(version, room))


def test_outsider_learns_that_there_is_a_password(version):
    """Outsiders see ``hasPassword``, so that clients can ask for it."""
    room = ConversationFactory(password="hash")
    answer = OCSClient(version=version).get(path(room))
    assert answer.whole == ok(answer, outside(version, room, hasPassword=True))


@pytest.mark.parametrize("kind", [GROUP, PUBLIC])
@pytest.mark.parametrize("listable", [Listable.USERS, Listable.EVERYONE])
def test_outsider_of_a_listed_conversation(device, version, kind, listable):
    """Users who may find a conversation see what it is about, and nobody in it."""
    timer = timezone.now() + timedelta(hours=1)
    attendee = AttendeeFactory(
        conversation__type=kind,
        conversation__listable=listable,
        conversation__read_only=0,
        conversation__description="Only for members",
    )
    joined(attendee, flags=5)
    room = attendee.conversation
    room.lobby_state, room.lobby_timer = LobbyState.NON_MODERATORS, timer
    room.save()
    answer = device(UserFactory(), version=version).get(path(room))
    expected = outside(
        version,
        room,
        name="Weekly",
        displayName="Weekly",
        hasCall=True,
        callFlag=5,
        lastActivity=int(room.last_activity_at.timestamp()),
        lobbyState=1,
        lobbyTimer=int(timer.timestamp()),
        listable=int(listable),
    )
    assert answer.whole == ok(answer, expected)


@pytest.mark.parametrize(
    ("kind", "listable", "who"),
    [
        (GROUP, 0, "stranger"),
        (GROUP, 0, "nobody"),
        (GROUP, 1, "nobody"),
        (GROUP, 2, "nobody"),
        (ConversationType.ONE_TO_ONE, 0, "stranger"),
        (ConversationType.ONE_TO_ONE, 2, "stranger"),
        (ConversationType.ONE_TO_ONE, 0, "nobody"),
    ],
)
def test_private_conversation_does_not_exist(device, version, *, kind, listable, who):
    """What one may not see is answered, letter by letter, as what does not exist."""
    room = ConversationFactory(type=kind, listable=listable, name="Secret")
    client = device(UserFactory() if who == "stranger" else None, version=version)
    answer = client.get(path(room))
    assert answer.whole == refused(answer, 404)
    assert answer.response.content == client.get("room/unknown").response.content


def test_former_member_is_an_outsider(device, version):
    """Membership ends with the attendee, whatever the browser session has stored."""
    alice = AttendeeFactory(conversation__type=GROUP)
    client = device(alice.user, version=version)
    client.post(f"{path(alice.conversation)}/participants/active")
    alice.delete()
    answer = client.get(path(alice.conversation))
    assert answer.whole == refused(answer, 404)


@pytest.mark.parametrize(
    ("role", "waits"),
    [
        (ParticipantType.OWNER, False),
        (ParticipantType.MODERATOR, False),
        (ParticipantType.USER, True),
        (ParticipantType.USER_SELF_JOINED, True),
    ],
)
@pytest.mark.parametrize("elapsed", [False, True])
def test_lobby(device, version, *, role, waits, elapsed):
    """People in the lobby see neither who is there nor that they could start a call."""
    timer = timezone.now() + timedelta(seconds=-1 if elapsed else 60)
    alice = AttendeeFactory(
        participant_type=role, conversation__lobby_state=1, conversation__lobby_timer=timer
    )
    answer = device(alice.user, version=version).get(path(alice.conversation))
    waits = waits and not elapsed
    expected = inside(
        version,
        alice,
        canStartCall=not waits,
        canDeleteConversation=role in (1, 2),
        lobbyState=0 if elapsed else 1,
        lobbyTimer=0 if elapsed else int(timer.timestamp()),
        participants=[] if waits else in_map(alice),
    )
    assert answer.whole == ok(answer, expected)


def test_locked_conversation(device, version):
    """A lock is shown, and does not hide anything."""
    alice = AttendeeFactory(conversation__read_only=1)
    answer = device(alice.user, version=version).get(path(alice.conversation))
    assert answer.whole == ok(
        answer, inside(version, alice, readOnly=1, participants=in_map(alice))
    )


def test_call_of_timed_out_sessions(device, version):
    """A call exists while a session in it pings (design truth 1)."""
    alice = AttendeeFactory()
    own = joined(alice, flags=7, seconds=31)
    answer = device(alice.user, version=version).get(path(alice.conversation))
    started = SystemMessage.objects.get()  # that it ended is stored by the next change
    name = alice.user.username
    actor = {"type": "user", "id": name, "name": name}
    shown = shapes.newest(started, "You started a call", actor=actor)
    expected = inside(version, alice, own, participants=in_map(alice, own), **shown)
    assert answer.whole == ok(answer, expected)


def test_one_to_one_is_named_after_the_other(device, version):
    """Each sees the other's id and name, both are owners, and nobody can delete it."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE, name="")
    people = [
        AttendeeFactory(
            conversation=room, user__username=name, display_name=name.title(), participant_type=1
        )
        for name in ("alice", "bob")
    ]
    for me, other in (people, reversed(people)):
        answer = device(me.user, version=version).get(path(room))
        expected = inside(
            version,
            me,
            name=other.user.username,
            displayName=other.display_name,
            notificationLevel=1,
            participants={**in_map(people[1]), **in_map(people[0])},
        )
        assert answer.whole == ok(answer, expected)


def test_nameless_conversation_is_named_after_the_others(device, version):
    """A name to show is made of the others' names, cut to 64 letters."""
    room = ConversationFactory(type=GROUP, name="")
    AttendeeFactory(
        conversation=room, user=None, actor_type="groups", actor_id="1", display_name="Aces"
    )
    me = AttendeeFactory(conversation=room)
    for name in ("Zoë", "Bob", "C" * 80):
        AttendeeFactory(conversation=room, display_name=name)
    answer = device(me.user, version=version).get(path(room))
    shown = {name: answer.data[name] for name in ("name", "displayName")}
    assert shown == {"name": "", "displayName": ("Bob, " + "C" * 80)[:64]}


def test_room_with_markup_in_every_name(device, version, wire):
    """Names are text, whatever they look like."""
    evil = '<script>alert("&")</script>'
    alice = AttendeeFactory(
        user__username="a@b.example", display_name=evil, conversation__name=evil
    )
    answer = device(alice.user, version=version, wire=wire).get(path(alice.conversation))
    assert answer.whole == ok(answer, inside(version, alice, participants=in_map(alice)))
    if wire == "xml":
        assert b"<script" not in answer.response.content


@pytest.mark.parametrize(
    ("start_calls", "allowed"),
    [
        ("everyone", {"owner", "user", "guest", "guest moderator"}),
        ("users", {"owner", "user", "guest moderator"}),
        ("moderators", {"owner", "guest moderator"}),
        ("no one", set()),
    ],
)
def test_who_can_start_a_call(settings, device, version, *, start_calls, allowed):
    """``canStartCall`` follows the site's setting (constants 1.8)."""
    settings.TALK_CALLS = {"START_CALLS": start_calls}
    room = ConversationFactory()
    shown = {}
    for name, role in {"owner": 1, "user": 3}.items():
        attendee = AttendeeFactory(conversation=room, participant_type=role)
        shown[name] = device(attendee.user, version=version).get(path(room))
    for name, role in {"guest": 4, "guest moderator": 6}.items():
        client = OCSClient(version=version)
        client.post(f"{path(room)}/participants/active")
        room.attendees.filter(participant_type=4).update(participant_type=role)
        shown[name] = client.get(path(room))
    assert {name for name, answer in shown.items() if answer.data["canStartCall"]} == allowed


def test_participants_of_v1_come_newest_ping_first(device):
    """v1 carries the users by id, the newest ping first, and guests as a number."""
    room = ConversationFactory()
    pings = {"old": 90, "new": 5, "gone": 100, "offline": None, "middle": 31}
    members = {name: AttendeeFactory(conversation=room, user__username=name) for name in pings}
    found = {
        name: joined(members[name], seconds=age) if age is not None else None
        for name, age in pings.items()
    }
    joined(GuestFactory(conversation=room), seconds=99)
    joined(GuestFactory(conversation=room), seconds=100)
    GuestFactory(conversation=room)
    data = device(members["new"].user, version="v1").get(path(room)).data
    shown = {name: entry["sessionId"] for name, entry in data["participants"].items()}
    assert list(shown)[:3] == ["new", "middle", "old"]
    assert shown == {
        name: session.session_id if session and name != "gone" else "0"
        for name, session in found.items()
    }
    assert data["numGuests"] == 1
