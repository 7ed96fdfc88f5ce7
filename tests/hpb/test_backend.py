"""What signaling servers ask: auth, room and ping, with every refusal (signaling-server 3.2)."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from talk_calls.constants import ConversationType, LegReason, Permission
from talk_calls.host.actors import GUEST, Actor
from talk_calls.host.directory import DjangoDirectory
from talk_calls.hpb import backend
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls
from talk_calls.signaling import tickets
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.hpb.conftest import SECRET, SERVER
from tests.hpb.servers import FakeServer, error

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("external")]

ALL_MEDIA = ["publish-audio", "publish-video", "publish-screen"]
NOT_INVITED = {
    "type": "error",
    "error": {"code": "no_such_room", "message": "The user is not invited to this room."},
}


class ClosedDirectory(DjangoDirectory):
    """Nobody may use Talk."""

    def may_use_talk(self, user):
        return False


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def online(user_id: str = "alice", **values) -> Session:
    """Return the session of a user who is online in a conversation."""
    return SessionFactory(attendee=AttendeeFactory(user__username=user_id, **values))


def guest_online(**values) -> Session:
    return SessionFactory(attendee=GuestFactory(**values))


def join(server: FakeServer, session: Session, **more):
    user = session.attendee.user
    name = user.username if user else ""
    return server.room(session.conversation.token, session.session_id, name, **more)


# --- signatures -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["auth", "room", "ping", "other"])
def test_wrong_signatures(kind):
    """Whoever does not know the secret is told nothing, whatever is asked."""
    assert error(FakeServer(secret="another secret").ask(kind)) == "invalid_request"


@pytest.mark.parametrize(
    "headers",
    [
        {"Spreed-Signaling-Random": ""},
        {"Spreed-Signaling-Checksum": ""},
        {"Spreed-Signaling-Random": "r" * 31},
    ],
    ids=repr,
)
def test_missing_signatures(server, headers):
    """The signature is needed, and long enough."""
    response = server.send(b"{}", **headers)
    assert error(server.data(response)) == "invalid_request"


def test_nothing_is_parsed_before_the_signature(server, monkeypatch):
    """What others send is not even read as JSON."""
    monkeypatch.setattr(backend.json_text, "read", lambda body: pytest.fail("parsed"))
    assert error(FakeServer(secret="another secret").ask("ping")) == "invalid_request"


def test_each_server_has_its_own_secret(settings):
    """All servers of the setting may ask."""
    other = {"url": "https://other.example.org", "secret": "the secret of another"}
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [SERVER, other]}}
    for secret in (SECRET, other["secret"]):
        assert FakeServer(secret=secret).ping()["type"] == "room"


def test_internal_signaling_has_no_servers(settings, server):
    """Servers that are still listed are not asked any more, and may not ask."""
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "internal", "SERVERS": [SERVER]}}
    assert error(server.ping()) == "invalid_request"
    settings.TALK_CALLS = {}
    assert error(server.ping()) == "invalid_request"


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
@pytest.mark.parametrize("entry", [1, 2])
def test_all_versions(version, entry):
    """Servers ask v1 until they have read the capabilities, and v3 then."""
    server = FakeServer(version=version, entry=entry)
    assert join(server, online())["room"]["permissions"] == ALL_MEDIA


def test_other_addresses_and_methods(server):
    """There is no v4, and only POST."""
    server.version = "v4"
    assert server.send(b"{}").status_code == 404
    server.version = "v3"
    for method in ("get", "put", "delete", "patch", "options", "head"):
        path = "/ocs/v2.php/apps/spreed/api/v3/signaling/backend"
        response = getattr(Client(), method)(path)
        assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("headers", [{"Accept": "application/xml"}, {"Accept": ""}, {}], ids=repr)
def test_answers_are_json(server, headers):
    """Whatever is asked for."""
    body = b'{"type":"ping","ping":{}}'
    assert server.data(server.send(body, **headers))["type"] == "room"
    response = server.client.post(
        "/ocs/v2.php/apps/spreed/api/v3/signaling/backend?format=xml", b"", "text/plain"
    )
    assert error(server.data(response)) == "invalid_request"


def test_credentials_are_not_looked_at(server):
    """Neither wrong ones nor a browser session make a difference."""
    server.client.force_login(UserFactory())
    body = b'{"type":"ping","ping":{}}'
    assert server.data(server.send(body, Authorization="Basic %%%"))["type"] == "room"


# --- auth -------------------------------------------------------------------------------------


def test_a_user(server):
    """The ticket of a user says who it is."""
    alice = UserFactory(username="alice", first_name="Alice", last_name="A.")
    found = server.auth("alice", tickets.ticket(Actor(alice), timezone.now()))
    assert found == {
        "type": "auth",
        "auth": {"version": "1.0", "userid": "alice", "user": {"displayname": "Alice A."}},
    }


@pytest.mark.parametrize("named", [None, ""])
def test_a_guest(server, named):
    """A guest has neither name nor id."""
    found = server.auth(named, tickets.ticket(GUEST, timezone.now()))
    assert found == {"type": "auth", "auth": {"version": "1.0"}}


@pytest.mark.parametrize("name", ["a:b", "Ünal", "@lice"])
def test_odd_names(server, name):
    """User ids may have any letters, colons too."""
    user = UserFactory(username=name)
    assert server.auth(name, tickets.ticket(Actor(user), timezone.now()))["auth"]["userid"] == name


def wrong_tickets():
    now = timezone.now()
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    gone = UserFactory(username="gone")
    closed = UserFactory(username="closed", is_active=False)
    right = tickets.ticket(Actor(alice), now)
    random, moment, name, checksum = right.split(":")
    yield "alice", tickets.ticket(Actor(bob), now)
    yield "bob", right
    yield None, right
    yield "", right
    yield "alice", tickets.ticket(GUEST, now)
    yield "nobody", right
    yield "nobody", tickets.ticket(GUEST, now)
    yield "Alice", right
    yield "alice", tickets.ticket(Actor(alice), now - timedelta(days=1, seconds=2))
    yield "alice", tickets.ticket(Actor(alice), now + timedelta(minutes=1))
    yield None, tickets.ticket(GUEST, now - timedelta(days=1, seconds=2))
    yield "alice", f"{random}:{int(moment) + 1}:{name}:{checksum}"
    yield "alice", f"{random}:{moment}:bob:{checksum}"
    yield "alice", f"{random}:{moment}:{name}:"
    yield "alice", f"{random}:{moment}:{name}"
    yield "alice", f"{right}\0"
    yield "alice", f"{right}\ud800"
    yield "alice\0", right
    yield "alice", ""
    yield "alice", None
    yield "alice", 2**63
    yield "alice", [right]
    yield "closed", tickets.ticket(Actor(closed), now)
    old = tickets.ticket(Actor(gone), now)
    gone.delete()
    yield "gone", old
    UserFactory(username="gone")
    yield "gone", old
    renamed = UserFactory(username="before")
    before = tickets.ticket(Actor(renamed), now)
    type(renamed).objects.filter(pk=renamed.pk).update(username="after")
    yield "before", before
    yield "after", before


def test_wrong_tickets(server):
    """All are refused by the same words, whether there is such a user or not."""
    answers = [server.auth(user_id, ticket) for user_id, ticket in wrong_tickets()]
    assert all(error(each) == "invalid_ticket" for each in answers)
    assert len({json.dumps(each) for each in answers}) == 1


def test_tickets_last_a_day(server):
    """Clients keep their settings while they are in a conversation."""
    alice = UserFactory(username="alice")
    old = tickets.ticket(Actor(alice), timezone.now() - timedelta(hours=23, minutes=59))
    assert server.auth("alice", old)["type"] == "auth"


def test_users_who_may_not_use_talk(server, settings, external):
    """A right ticket of somebody whom the site does not let use Talk."""
    alice = UserFactory(username="alice")
    settings.TALK_CALLS = {"SIGNALING": external, "DIRECTORY": f"{__name__}.ClosedDirectory"}
    assert error(server.auth("alice", tickets.ticket(Actor(alice), timezone.now()))) == (
        "no_such_user"
    )


# --- room: joining ----------------------------------------------------------------------------


def test_joining(server):
    """The whole answer: what the conversation is, and what the session may do."""
    session = online(conversation__name="Weekly", conversation__description="On Mondays")
    old = timezone.now() - timedelta(seconds=20)
    Session.objects.update(last_ping=old)
    found = join(server, session)
    assert found == {
        "type": "room",
        "room": {
            "version": "1.0",
            "roomid": session.conversation.token,
            "properties": {
                "name": "Weekly",
                "description": "On Mondays",
                "type": ConversationType.PUBLIC,
                "lobby-state": 0,
                "lobby-timer": None,
                "read-only": 0,
                "listable": 0,
                "active-since": None,
                "sip-enabled": 0,
            },
            "permissions": ALL_MEDIA,
        },
    }
    session.refresh_from_db()
    assert session.last_ping > old, "joining is a ping"


def test_joining_with_an_action(server):
    """``join`` may be said or not."""
    session = online()
    assert join(server, session, action="join") == join(server, session)


def test_a_running_call(server):
    """The conversation says since when it has a call."""
    session = online(participant_type=1)
    calls.join(session=session, flags=7, now=timezone.now())
    since = join(server, session)["room"]["properties"]["active-since"]
    assert since == int(Call.objects.get().started_at.timestamp())


def permissions(server, session) -> list[str]:
    return join(server, session)["room"]["permissions"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [(1, [*ALL_MEDIA, "control"]), (2, [*ALL_MEDIA, "control"]), (3, ALL_MEDIA), (5, ALL_MEDIA)],
)
def test_permissions_by_role(server, role, expected):
    """Moderators may control others."""
    assert permissions(server, online(participant_type=role)) == expected


@pytest.mark.parametrize("role", [4, 6])
def test_permissions_of_guests(server, role):
    """Guests never control others, as with internal signaling (behaviour 8.3)."""
    assert permissions(server, guest_online(participant_type=role)) == ALL_MEDIA


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (Permission.CUSTOM, []),
        (Permission.CUSTOM | Permission.PUBLISH_AUDIO, ["publish-audio"]),
        (Permission.CUSTOM | Permission.PUBLISH_VIDEO, ["publish-video"]),
        (Permission.CUSTOM | Permission.PUBLISH_SCREEN, ["publish-screen"]),
        (Permission.CUSTOM | Permission.JOIN_CALL | Permission.START_CALL, []),
    ],
)
def test_permissions_by_bits(server, bits, expected):
    """Each medium has its own permission; that nothing is granted is said."""
    assert permissions(server, online(permissions=bits)) == expected


def test_permissions_in_the_lobby(server):
    """Who waits may come to hear when it opens, and do nothing."""
    member, guest = online(), guest_online()
    moderator = online("mona", participant_type=2)
    Conversation.objects.update(lobby_state=1)
    assert permissions(server, member) == permissions(server, guest) == []
    assert permissions(server, moderator) == [*ALL_MEDIA, "control"]
    properties = join(server, member)["room"]["properties"]
    assert (properties["lobby-state"], properties["lobby-timer"]) == (1, None)


def test_a_lobby_with_a_timer(server):
    """A timer that has passed has opened the lobby."""
    session = online()
    soon = timezone.now() + timedelta(hours=1)
    Conversation.objects.update(lobby_state=1, lobby_timer=soon)
    properties = join(server, session)["room"]["properties"]
    assert (properties["lobby-state"], properties["lobby-timer"]) == (1, int(soon.timestamp()))
    Conversation.objects.update(lobby_timer=timezone.now() - timedelta(seconds=1))
    found = join(server, session)["room"]
    assert found["permissions"] == ALL_MEDIA
    assert (found["properties"]["lobby-state"], found["properties"]["lobby-timer"]) == (0, None)


def test_permissions_in_a_locked_conversation(server):
    """Nobody publishes, and moderators neither."""
    sessions = [online(), online("mona", participant_type=1)]
    Conversation.objects.update(read_only=1)
    assert [permissions(server, each) for each in sessions] == [[], []]


def test_permissions_where_calls_are_off(server, settings, external):
    """A site without calls has nothing to publish."""
    settings.TALK_CALLS = {"SIGNALING": external, "START_CALLS": "no one"}
    assert permissions(server, online()) == []


def test_who_is_not_let_in(server, settings, external):
    """Absent or forbidden, the answer is the same, and nothing changes."""
    session, guest = online(), guest_online()
    other = online("bob")
    expired = online("erna")
    Session.objects.filter(pk=expired.pk).update(last_ping=timezone.now() - timedelta(seconds=101))
    closed = online("carl")
    type(closed.attendee.user).objects.filter(username="carl").update(is_active=False)
    token = session.conversation.token
    before = list(Session.objects.order_by("pk").values())
    answers = [
        server.room("nowhere", session.session_id, "alice"),
        server.room(other.conversation.token, session.session_id, "alice"),
        server.room(token, session.session_id, "bob"),
        server.room(token, session.session_id, ""),
        server.room(token, session.session_id, "Alice"),
        server.room(token, other.session_id, "bob"),
        server.room(guest.conversation.token, guest.session_id, "alice"),
        server.room(token, session.session_id[:-1], "alice"),
        server.room(token, "", "alice"),
        server.room(token, "0", "alice"),
        server.room("", session.session_id, "alice"),
        join(server, expired),
        join(server, closed),
    ]
    settings.TALK_CALLS = {"SIGNALING": external, "DIRECTORY": f"{__name__}.ClosedDirectory"}
    answers.append(join(server, session))
    assert answers == [NOT_INVITED] * len(answers)
    assert list(Session.objects.order_by("pk").values()) == before


def test_joining_after_a_timeout(server):
    """A session that timed out is out of the call, and online again."""
    session = online(participant_type=1)
    calls.join(session=session, flags=7, now=timezone.now())
    late = timezone.now() - timedelta(seconds=31)
    Session.objects.update(last_ping=late)
    assert join(server, session)["room"]["properties"]["active-since"] is None
    session.refresh_from_db()
    assert (session.in_call, session.last_ping > late) == (0, True)
    assert CallLeg.objects.get().reason == LegReason.TIMEOUT


@pytest.mark.parametrize(
    "virtual", [{"actorid": "+4930", "actortype": "phones"}, {"actortype": "users"}], ids=repr
)
def test_virtual_sessions(server, virtual):
    """Telephones do not call here, and that is said."""
    session = online()
    assert error(join(server, session, incall=9, **virtual)) == "unknown_type"
    assert error(join(server, session, action="leave", **virtual)) == "unknown_type"
    assert Session.objects.exists()


@pytest.mark.parametrize("kind", ["session", "dialout", "", "x" * 1000])
def test_unknown_types(server, kind):
    """There are more kinds of requests than this site answers."""
    assert error(server.ask(kind)) == "unknown_type"


# --- room: leaving ----------------------------------------------------------------------------


def leave(server, session, **more):
    return join(server, session, action="leave", **more)


def test_leaving(server):
    """The session is closed, and its leg ends; members stay members."""
    session = online(participant_type=1)
    calls.join(session=session, flags=7, now=timezone.now())
    found = leave(server, session)
    assert found["room"] == {
        "version": "1.0",
        "roomid": session.conversation.token,
        "properties": {},
        "permissions": [],
    }
    assert not Session.objects.exists()
    assert CallLeg.objects.get().reason == LegReason.ROOM_LEFT
    assert Call.objects.get().ended_at is not None
    assert Attendee.objects.exists()


def test_guests_who_leave(server):
    """A guest is gone for good, but not one who is online elsewhere."""
    guest = GuestFactory()
    first, second = SessionFactory(attendee=guest), SessionFactory(attendee=guest)
    leave(server, first)
    assert list(Session.objects.all()) == [second]
    leave(server, second)
    assert not Attendee.objects.exists()


def test_leaving_later_than_a_join(server):
    """Only the session that is named is closed, however late that is told."""
    first = online()
    second = SessionFactory(attendee=first.attendee)
    leave(server, first)
    leave(server, first)
    assert list(Session.objects.all()) == [second]


def test_leaving_again(server):
    """It makes no difference in the answer whether the session was there."""
    session = online()
    assert leave(server, session) == leave(server, session)
    gone = server.room("nowhere", session.session_id, action="leave")
    assert gone["room"]["permissions"] == []


def test_leaving_by_no_session(server):
    """A user id closes nothing, and no session of another conversation is closed."""
    session = online()
    other = ConversationFactory()
    server.room(session.conversation.token, "", "alice", action="leave")
    server.room(other.token, session.session_id, "alice", action="leave")
    assert Session.objects.exists()


# --- ping -------------------------------------------------------------------------------------


def test_pinging(server):
    """All sessions that are listed are stored as there, of any conversation, and no others."""
    sessions = [online(), online("bob"), guest_online(), online("not-listed")]
    old = timezone.now() - timedelta(seconds=20)
    Session.objects.update(last_ping=old)
    found = server.ping(*(each.session_id for each in sessions[:3]), "0", "", "unknown", "\0")
    assert found == {"type": "room", "room": {"version": "1.0", "roomid": ""}}
    pinged = [Session.objects.get(pk=each.pk).last_ping > old for each in sessions]
    assert pinged == [True, True, True, False]


def test_pinging_one_conversation(server):
    """Older servers name it."""
    session = online()
    found = server.ping(session.session_id, token=session.conversation.token)
    assert found["room"]["roomid"] == session.conversation.token


def test_pinging_after_a_timeout(server):
    """A ping does not put anybody into a call again who was away too long."""
    session, other = online(participant_type=1), online("bob")
    calls.join(session=session, flags=7, now=timezone.now())
    late = timezone.now() - timedelta(seconds=31)
    Session.objects.update(last_ping=late)
    server.ping(session.session_id, other.session_id)
    assert not Session.objects.filter(last_ping=late).exists()
    assert Session.objects.get(pk=session.pk).in_call == 0
    assert CallLeg.objects.get().reason == LegReason.TIMEOUT


def test_pinging_users_who_may_not_use_talk(server, settings, external):
    """They time out, as those do whose polls are refused; guests are not asked about."""
    settings.TALK_CALLS = {"SIGNALING": external, "DIRECTORY": f"{__name__}.ClosedDirectory"}
    old = timezone.now() - timedelta(seconds=20)
    refused, guest = online(), guest_online()
    Session.objects.update(last_ping=old)
    assert server.ping(refused.session_id, guest.session_id)["type"] == "room"
    refused.refresh_from_db()
    guest.refresh_from_db()
    assert refused.last_ping == old < guest.last_ping


def test_pinging_expired_sessions(server):
    """They do not come back."""
    expired = timezone.now() - timedelta(seconds=101)
    session = online()
    Session.objects.update(last_ping=expired)
    server.ping(session.session_id)
    assert Session.objects.get().last_ping == expired


# --- hostile bodies that are signed right -----------------------------------------------------

HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"room"',
    b"{",
    b"\xff\xfe",
    b'{"type":null}',
    b'{"type":["room"]}',
    b'{"type":"room"}',
    b'{"type":"room","room":null}',
    b'{"type":"room","room":[]}',
    b'{"type":"auth","auth":{"params":[]}}',
    b'{"type":"auth","auth":{"params":{"userid":{},"ticket":{}}}}',
    b'{"type":"auth","auth":{"params":{"userid":9223372036854775808,"ticket":1e400}}}',
    b'{"type":"ping","ping":{"entries":{}}}',
    b'{"type":"ping","ping":{"entries":[1,null,[],{"sessionid":7}]}}',
    b'{"type":"ping","ping":{"entries":[{"sessionid":"\\ud800"}]}}',
    b'{"type":"ping","ping":{"roomid":"\\ud800","entries":[]}}',
    b'{"type":"\\ud800"}',
    b'{"type":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"type":' + b"9" * 5000 + b"}",
    *(
        json.dumps({"type": "room", "room": {name: value, **more}}).encode()
        for name in ("roomid", "sessionid", "userid", "action")
        for value in ("\0", "\ud800", 2**63, [], {}, True, None, "x" * 100_000)
        for more in ({}, {"action": "leave"})
        if name not in more
    ),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies(server, body):
    """Each is answered by a shape that servers can read; never by a 500."""
    found = server.data(server.send(body))
    assert found["type"] == "room" or error(found) in {
        "invalid_request",
        "unknown_type",
        "invalid_ticket",
        "no_such_room",
    }


@pytest.mark.parametrize("extra", [0, 1])
def test_long_bodies(server, settings, external, extra):
    """The bound holds 1,800 sessions; beyond it nothing is read."""
    settings.TALK_CALLS = {"SIGNALING": external, "MAX_BODY": 1000}
    entries = [{"userid": "u" * 30, "sessionid": f"{number:0512}"} for number in range(1800)]
    body = json.dumps({"type": "ping", "ping": {"roomid": "room", "entries": entries}}).encode()
    assert len(body) < backend.MAX_BODY
    body += b" " * (backend.MAX_BODY - len(body) + extra)
    found = server.data(server.send(body))
    assert found["type"] == ("error" if extra else "room")


def test_errors_of_the_database(server, monkeypatch, caplog):
    """Who watches the site sees them, and the server reads an error."""

    def fail(*args, **kwargs):
        raise OperationalError("the database is away")

    monkeypatch.setattr(backend.sessions, "ping_by_id", fail)
    server.client = Client(raise_request_exception=False)
    response = server.send(b'{"type":"ping","ping":{"entries":[]}}')
    assert response.status_code == 503
    assert error(response.json()["ocs"]["data"]) == "internal_error"
    assert b"away" not in response.content
    assert "Unexpected error" in caplog.text
