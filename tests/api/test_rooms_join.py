"""``POST /room/{token}/participants/active``: coming in (behaviour 6.4)."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from talk_calls.api.throttling.guesses import GUESSES
from talk_calls.constants import ConversationType, LegReason, Listable, ParticipantType
from talk_calls.exceptions import WrongPassword
from talk_calls.host.actors import GUEST
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls, participants, sessions
from tests.api.shapes import in_map, inside
from tests.contract.expected import ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

GROUP, PUBLIC = ConversationType.GROUP, ConversationType.PUBLIC


def active(conversation) -> str:
    return f"room/{conversation.token}/participants/active"


def snapshot() -> list:
    """Return everything that a refusal must not change."""
    return [list(model.objects.order_by("pk").values()) for model in (Attendee, Session, Call)]


# Who comes in, and as what


@pytest.mark.parametrize("role", [1, 2, 3])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_member(device, version, wire, *, role, kind):
    """A member gets a session and the conversation."""
    alice = AttendeeFactory(participant_type=role, conversation__type=kind, display_name="old")
    answer = device(alice.user, version=version, wire=wire).post(active(alice.conversation))
    session = Session.objects.get()
    alice.refresh_from_db()
    one_to_one = kind == ConversationType.ONE_TO_ONE
    expected = inside(
        version,
        alice,
        session,
        **({"name": "", "displayName": "", "notificationLevel": 1} if one_to_one else {}),
        canDeleteConversation=role in (1, 2) and not one_to_one,
        participants=in_map(alice, session),
    )
    assert answer.whole == ok(answer, expected)
    assert (session.attendee, session.in_call) == (alice, 0)
    assert timezone.now() - session.last_ping < timedelta(seconds=30)
    assert len(session.session_id) == 512
    assert alice.display_name == alice.user.username  # a renamed account is followed


@pytest.mark.parametrize(
    ("kind", "listable", "role"),
    [
        (PUBLIC, Listable.PARTICIPANTS, ParticipantType.USER_SELF_JOINED),
        (PUBLIC, Listable.USERS, ParticipantType.USER),
        (PUBLIC, Listable.EVERYONE, ParticipantType.USER),
        (GROUP, Listable.USERS, ParticipantType.USER),
        (GROUP, Listable.EVERYONE, ParticipantType.USER),
    ],
)
def test_new_user(device, version, *, kind, listable, role):
    """A newcomer becomes a member where they may find the conversation, else self-joined."""
    room = ConversationFactory(type=kind, listable=listable)
    user = UserFactory(first_name="Alice")
    answer = device(user, version=version).post(active(room))
    attendee = Attendee.objects.get()
    assert (attendee.user, attendee.participant_type) == (user, role)
    assert attendee.display_name == "Alice"
    session = Session.objects.get()
    expected = inside(
        version,
        attendee,
        session,
        listable=int(listable),
        participants=in_map(attendee, session),
    )
    assert answer.whole == ok(answer, expected)


def test_guest(version, wire):
    """A guest is known by the SHA-1 of the first session id, and has no name."""
    room = ConversationFactory()
    answer = OCSClient(version=version, wire=wire).post(active(room))
    guest, session = Attendee.objects.get(), Session.objects.get()
    assert (guest.actor_type, guest.participant_type, guest.display_name) == ("guests", 4, "")
    assert guest.actor_id == hashlib.sha1(session.session_id.encode()).hexdigest()  # noqa: S324
    assert answer.whole == ok(answer, inside(version, guest, session, numGuests=1))


def test_guest_is_kept_on_rejoin(version):
    """The same browser is the same guest, with a new session."""
    room = ConversationFactory()
    client = OCSClient(version=version)
    client.post(active(room))
    first = Attendee.objects.get()
    Attendee.objects.update(participant_type=ParticipantType.GUEST_MODERATOR, display_name="Gast")
    before = Session.objects.get().session_id
    client.post(active(room))
    again, session = Attendee.objects.get(), Session.objects.get()
    assert (again.pk, again.actor_id, again.display_name) == (first.pk, first.actor_id, "Gast")
    assert again.participant_type == ParticipantType.GUEST_MODERATOR
    assert session.session_id != before


def test_other_browser_is_another_guest():
    """Without the cookie nobody is the guest of before."""
    room = ConversationFactory()
    for _ in range(2):
        OCSClient().post(active(room))
    assert Attendee.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "listable", "who"),
    [
        (GROUP, 0, "stranger"),
        (ConversationType.ONE_TO_ONE, 0, "stranger"),
        (ConversationType.ONE_TO_ONE, 2, "stranger"),
        (GROUP, 0, "guest"),
        (GROUP, 2, "guest"),
        (ConversationType.ONE_TO_ONE, 2, "guest"),
    ],
)
def test_closed_door(device, *, kind, listable, who):
    """Where nobody comes uninvited, there is nothing to find, password or not."""
    room = ConversationFactory(type=kind, listable=listable, password=make_password("x"))
    client = device(UserFactory() if who == "stranger" else None)
    for path, data in [(active(room), {}), (active(room), {"password": "x"})]:
        answer = client.post(path, data)
        assert answer.whole == refused(answer, 404)
    answer = client.post("room/unknown/participants/active")
    assert answer.whole == refused(answer, 404)
    assert snapshot() == [[], [], []]


@pytest.mark.parametrize(("read_only", "lobby"), [(1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("who", ["member", "user", "guest"])
def test_neither_lock_nor_lobby_keeps_anybody_out(device, *, read_only, lobby, who):
    """People wait inside, so that they can be let in (behaviour 6.4)."""
    room = ConversationFactory(read_only=read_only, lobby_state=lobby)
    user = None if who == "guest" else UserFactory()
    if who == "member":
        AttendeeFactory(conversation=room, user=user)
    answer = device(user).post(active(room))
    shown = {name: answer.data[name] for name in ("readOnly", "lobbyState", "canStartCall")}
    assert answer.http == 200
    assert shown == {"readOnly": read_only, "lobbyState": lobby, "canStartCall": not lobby}
    assert Session.objects.count() == 1


# Password


@pytest.mark.parametrize("given", [None, "", "wrong", "Secret", " secret", "secret ", "secret\t"])
@pytest.mark.parametrize("who", ["user", "guest"])
def test_wrong_password(device, *, who, given):
    """Without the password nobody gets in uninvited, and nothing changes."""
    room = ConversationFactory(password=make_password("secret"))
    client = device(UserFactory() if who == "user" else None)
    before = snapshot()
    answer = client.post(active(room), {} if given is None else {"password": given})
    assert answer.whole == refused(answer, 403)
    assert snapshot() == before


@pytest.mark.parametrize(
    "json", ['{"password": []}', '{"password": {}}', '{"password": "\\u0000"}']
)
def test_password_that_is_no_text(json):
    """What is no text is no password, and no server error."""
    room = ConversationFactory(password=make_password("secret"))
    assert OCSClient().request("post", active(room), json=json).http == 400
    answer = OCSClient().request("post", active(room), json='{"password": null}')
    assert answer.whole == refused(answer, 403)


@pytest.mark.parametrize("who", ["user", "guest"])
@pytest.mark.parametrize("password", ["secret", "  späte Gäste \U0001f43f "])
def test_right_password(device, *, who, password):
    """The password is compared letter by letter, white space included."""
    room = ConversationFactory(password=make_password(password))
    client = device(UserFactory() if who == "user" else None)
    answer = client.post(active(room), {"password": password})
    assert (answer.http, answer.data["hasPassword"]) == (200, True)
    assert Session.objects.count() == 1


# Who is in already


def come_in(device, who, version) -> tuple[OCSClient, Conversation]:
    """Return a client that came in with the password."""
    room = ConversationFactory(password=make_password("secret"))
    client = OCSClient(version=version)
    if who == "user":
        client.browser.force_login(UserFactory())
    assert client.post(active(room), {"password": "secret"}).http == 200
    return client, room


@pytest.mark.contract("6.4/6", "14/password")
@pytest.mark.parametrize("given", [{}, {"password": "wrong"}])
@pytest.mark.parametrize("who", ["guest", "user"])
def test_living_session_stands_for_the_password(device, version, *, who, given):
    """Who reloads the page does not type it again, whatever a client sends along."""
    client, room = come_in(device, who, version)
    before, attendee = Session.objects.get().session_id, Attendee.objects.get()
    answer = client.post(active(room), given)
    session = Session.objects.get()
    assert answer.http == 200
    assert answer.data["sessionId"] == session.session_id != before
    assert session.attendee == attendee


@pytest.mark.contract("14/password")
@pytest.mark.parametrize("who", ["guest", "user"])
def test_new_password_asks_nobody_who_is_in(device, version, who):
    """A password that is set during a call keeps out those who come, not those who reload."""
    room = ConversationFactory()
    user = UserFactory() if who == "user" else None  # with an app password
    client = device(user, version=version)
    client.post(active(room))
    Conversation.objects.update(password=make_password("secret"))
    assert client.post(active(room)).http == 200


def test_living_session_is_no_guess(device):
    """A wrong password that nobody reads uses up no limit."""
    client, room = come_in(device, "guest", "v4")
    for number in range(GUESSES + 1):
        assert client.post(active(room), {"password": str(number)}).http == 200
    assert OCSClient().post(active(room), {"password": "secret"}).http == 200


@pytest.mark.parametrize("gone", ["expired", "left", "removed"])
@pytest.mark.parametrize("who", ["guest", "user"])
def test_session_that_is_gone_asks_for_the_password(device, version, *, who, gone):
    """Nobody comes back without it who left, was removed, or was away for too long."""
    client, room = come_in(device, who, version)
    if gone == "expired":
        Session.objects.update(last_ping=timezone.now() - timedelta(seconds=100))
    elif gone == "left":
        client.delete(active(room))
    else:
        participants.remove(attendee=Attendee.objects.get())
    answer = client.post(active(room))
    assert answer.whole == refused(answer, 403)
    assert client.post(active(room), {"password": "secret"}).http == 200


@pytest.mark.parametrize("other", ["guest", "user", "same user"])
def test_session_of_others_does_not_help(device, other):
    """It counts for the browser that has it: not for others, nor for a second browser in v4."""
    _, room = come_in(device, "guest" if other == "guest" else "user", "v4")
    client = OCSClient(version="v4")
    if other != "guest":
        client.browser.force_login(
            Attendee.objects.get().user if other == "same user" else UserFactory()
        )
    answer = client.post(active(room))
    assert answer.whole == refused(answer, 403)
    assert Session.objects.count() == 1


def test_session_that_is_closed_meanwhile(device):
    """Under the lock it is looked for again: a moderator may just have removed the guest."""
    come_in(device, "guest", "v4")
    session = Session.objects.select_related("attendee__conversation").get()
    asked = {
        "conversation": session.attendee.conversation,
        "actor": GUEST,
        "attendee": session.attendee,
        "password": "",
        "force": True,
        "session": session,
    }
    Session.objects.filter(pk=session.pk).delete()
    with pytest.raises(WrongPassword):
        sessions.enter(**asked, now=timezone.now())
    Attendee.objects.all().delete()
    with pytest.raises(WrongPassword):
        sessions.enter(**asked, now=timezone.now())
    assert snapshot() == [[], [], []]


@pytest.mark.parametrize("role", [1, 2, 3])
def test_members_need_no_password(device, role):
    """Members join without the password."""
    alice = AttendeeFactory(participant_type=role, conversation__password=make_password("secret"))
    answer = device(alice.user).post(active(alice.conversation), {"password": "wrong"})
    assert answer.http == 200


def test_password_of_a_private_conversation_is_not_asked(device):
    """A password counts only where people come uninvited."""
    room = ConversationFactory(type=GROUP, listable=1, password=make_password("secret"))
    assert device(UserFactory()).post(active(room)).http == 200


# Another device


@pytest.mark.parametrize("force", [None, "true", "1", "yes"])
@pytest.mark.parametrize("who", ["member", "guest"])
def test_force_replaces_the_other_session(device, *, who, force):
    """Joining again leaves the call on the other device, with that reason, and replaces it."""
    alice = AttendeeFactory() if who == "member" else None
    room = alice.conversation if alice else ConversationFactory()
    client = device(alice.user if alice else None)
    client.post(active(room))
    client.post(f"call/{room.token}")
    before = Session.objects.get()
    other = SessionFactory(attendee__conversation=room)
    calls.join(session=other, flags=7, now=timezone.now())
    answer = client.post(active(room), {} if force is None else {"force": force})
    after = Session.objects.exclude(pk=other.pk).get()
    assert (answer.http, answer.data["sessionId"]) == (200, after.session_id)
    assert (after.session_id != before.session_id, after.in_call) == (True, 0)
    leg = CallLeg.objects.get(session_key=before.key)
    assert leg.reason == LegReason.REPLACED
    assert leg.left_at == after.created_at
    assert Call.objects.get().ended_at is None


def test_replacing_the_last_one_ends_the_call(device):
    """A call ends when its last session is replaced, for that reason."""
    alice = AttendeeFactory()
    client = device(alice.user)
    client.post(active(alice.conversation))
    client.post(f"call/{alice.conversation.token}")
    client.post(active(alice.conversation))
    call = Call.objects.get()
    assert (call.end_reason, call.ended_at) == (LegReason.REPLACED, call.legs.get().left_at)


@pytest.mark.parametrize("force", ["false", "0", ""])
@pytest.mark.parametrize("entry", [1, 2])
def test_conflict_without_force(device, old_version, wire, *, entry, force):
    """Without ``force`` a device in the call is not replaced: 409 (behaviour 6.4/3)."""
    alice = AttendeeFactory()
    ping = timezone.now() - timedelta(seconds=10)
    session = SessionFactory(attendee=alice, last_ping=ping)
    calls.join(session=session, flags=3, now=timezone.now())
    before = snapshot()
    client = device(alice.user, version=old_version, wire=wire, entry=entry)
    answer = client.post(active(alice.conversation), {"force": force})
    expected = {
        "sessionId": session.session_id,
        "inCall": 3,
        "lastPing": int(ping.timestamp()),
    }
    assert answer.whole == refused(answer, 409, data=expected)
    assert snapshot() == before


@pytest.mark.parametrize("json", ['{"force": false}', '{"force": 0}', '{"force": ""}'])
def test_no_force_as_json(device, json):
    """The switch is read from JSON as well."""
    alice = AttendeeFactory()
    calls.join(session=SessionFactory(attendee=alice), flags=7, now=timezone.now())
    answer = device(alice.user).request("post", active(alice.conversation), json=json)
    assert answer.http == 409


@pytest.mark.parametrize(("in_call", "age"), [(0, 0), (0, 50), (7, 31), (7, 99)])
def test_idle_or_timed_out_session_never_conflicts(device, *, in_call, age):
    """A device that is not in the call, or timed out, is replaced without asking."""
    alice = AttendeeFactory()
    session = SessionFactory(attendee=alice)
    if in_call:
        calls.join(session=session, flags=in_call, now=timezone.now())
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=age))
    answer = device(alice.user).post(active(alice.conversation), {"force": "false"})
    assert answer.http == 200
    assert Session.objects.get().session_id != session.session_id
    reasons = list(CallLeg.objects.values_list("reason", flat=True))
    assert reasons == ([LegReason.TIMEOUT] if in_call else [])


def test_devices_of_others_stay(device):
    """Joining replaces one's own sessions, here, and nobody else's."""
    alice = AttendeeFactory()
    others = [
        SessionFactory(attendee__user=alice.user),
        SessionFactory(attendee__conversation=alice.conversation),
    ]
    SessionFactory(attendee=alice)
    device(alice.user).post(active(alice.conversation))
    assert set(others) < set(Session.objects.all())
    assert Session.objects.count() == 3


# Bodies that clients send


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", ""),
        ("application/x-www-form-urlencoded", ""),
        ("application/x-www-form-urlencoded", "password=&force=true"),
        ("application/json", ""),
        ("application/json", "{}"),
        ("application/json", '{"force": true}'),
        ("text/plain", ""),
    ],
)
def test_bodies_that_clients_send(device, content_type, body):
    """Every call client joins with one of these (clients 1)."""
    alice = AttendeeFactory()
    client = device(alice.user)
    path = f"/ocs/v2.php/apps/spreed/api/v3/{active(alice.conversation)}"
    answer = client.browser.generic("POST", path, body, content_type, headers=client._headers(None))
    assert answer.status_code == 200


def test_body_that_cannot_be_read_changes_nothing(device):
    """A malformed body is refused, and not taken for an empty one."""
    alice = AttendeeFactory()
    before = snapshot()
    client = device(alice.user)
    path = f"/ocs/v2.php/apps/spreed/api/v3/{active(alice.conversation)}"
    answer = client.browser.generic(
        "POST", path, "{", "application/json", headers=client._headers({"Accept": "json"})
    )
    assert (answer.status_code, snapshot()) == (400, before)
