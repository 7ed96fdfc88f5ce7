"""What the HPB is told, as whole messages."""

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import LobbyState, ParticipantType, PermissionChange, ReadOnly
from talk_calls.hpb import connections, delivery, leases, sender
from talk_calls.hpb.arrivals import session_connected
from talk_calls.models import HPBConversation, HPBSession, Session
from talk_calls.policies import Situation
from talk_calls.services import (
    calls,
    conversations,
    guests,
    lobby,
    participants,
    permissions,
    sessions,
)
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.hpb.people import LONG_AGO, connect, join, leave, reconnect

pytestmark = pytest.mark.django_db


PROPERTIES = {
    "name": "Weekly",
    "description": "",
    "type": 3,
    "lobby-state": 0,
    "lobby-timer": None,
    "read-only": 0,
    "listable": 0,
    "active-since": None,
    "sip-enabled": 0,
}
ALL_MEDIA = ["publish-audio", "publish-video", "publish-screen"]


@pytest.fixture
def room(hpb, monkeypatch):
    """Return a conversation of which the HPB knows all; no pause follows messages to many."""
    monkeypatch.setattr(delivery, "_LONGEST_PAUSE", 0)
    room = ConversationFactory(created_at=timezone.now() - LONG_AGO)
    _touch(room)
    hpb.take()
    return room


def _touch(room):
    permissions.reapply(conversation=room)
    assert sender.send_overdue() == 1


def _tell(hpb):
    """Tell what there is to tell, once, and return it."""
    assert sender.send_overdue() == 1
    assert sender.send_overdue() == 0
    return hpb.take()


def _guest(room, **fields) -> Session:
    return connect(room, GuestFactory(conversation=room, **fields))


def _row(session, flags, *, role=ParticipantType.USER, permissions=374, user=True):
    ping = int(Session.objects.get(pk=session.pk).last_ping.timestamp())
    row = {
        "inCall": flags,
        "lastPing": ping,
        "sessionId": session.session_id,
        "nextcloudSessionId": session.session_id,
        "participantType": role,
        "participantPermissions": permissions,
    }
    return row | ({"userId": session.attendee.user.username} if user else {})


def _known(room):
    """Let the HPB know all about who is connected."""
    _touch(room)


def _started(room):
    room.refresh_from_db()
    call = room.calls.get(ended_at=None)
    return {**PROPERTIES, "active-since": int(call.started_at.timestamp())}


def _members(room):
    return [each.user.username for each in room.attendees.members_only()]


def test_firstjoin(hpb, room):
    """Who joins is told as changed, and all members learn that there is a call."""
    ada = connect(room)
    _known(room)
    hpb.take()
    join(ada)
    assert _tell(hpb) == [
        ("incall", {"incall": 7, "changed": [_row(ada, 7)], "users": []}),
        ("update", {"userids": _members(room), "properties": _started(room)}),
    ]


def test_many_joins_are_one_message(hpb, room):
    """Who is in already is listed; each row is sent once."""
    ada, bob, eve = connect(room), connect(room), _guest(room)
    join(ada)
    _known(room)
    hpb.take()
    join(bob, 3)
    join(eve, 1)
    changed = [_row(bob, 3), _row(eve, 1, role=ParticipantType.GUEST, user=False)]
    assert _tell(hpb) == [
        ("incall", {"incall": 3, "changed": changed, "users": [_row(ada, 7)]}),
    ]


def test_leaving(hpb, room):
    """Who left is told with 0."""
    ada, bob = connect(room), connect(room)
    join(ada)
    join(bob)
    _known(room)
    hpb.take()
    calls.leave(session=bob, now=timezone.now())
    assert _tell(hpb) == [
        ("incall", {"incall": 0, "changed": [_row(bob, 0)], "users": [_row(ada, 7)]}),
    ]


@pytest.mark.parametrize("features", ["incall-all", ""])
def test_end_for_all(hpb, room, features):
    """Servers that can are told so; others are told that each is out."""
    hpb.features = features
    ada, bob = connect(room), connect(room)
    join(ada)
    join(bob)
    _known(room)
    hpb.take()
    calls.end(conversation=room)
    rows = {"incall": 0, "changed": [_row(ada, 0), _row(bob, 0)], "users": []}
    ended = {"incall": 0, "all": True} if features else rows
    update = {"userids": _members(room), "properties": PROPERTIES}
    assert _tell(hpb) == [("incall", ended), ("update", update)]


def test_nothing_new(hpb, room):
    """A change that the HPB need not know sends nothing."""
    ada = connect(room)
    _known(room)
    hpb.take()
    calls.leave(session=ada, now=timezone.now())
    assert _tell(hpb) == []


def test_who_is_not_connected(hpb, room):
    """Sessions that the HPB does not know are not told about."""
    session = SessionFactory(attendee=AttendeeFactory(conversation=room))
    _known(room)
    hpb.take()
    join(session)
    assert [kind for kind, _ in _tell(hpb)] == ["update"]


def test_permissions_are_withdrawn(hpb, room):
    """What somebody may send is told before the flags that remain."""
    ada, bob = connect(room), connect(room)
    join(ada)
    join(bob)
    _known(room)
    hpb.take()
    permissions.of_attendee(attendee=bob.attendee, change=PermissionChange.SET, permissions=16)
    ping = _row(bob, 3)["lastPing"]
    row = {
        "inCall": 3,
        "lastPing": ping,
        "sessionId": bob.session_id,
        "participantType": 3,
        "participantPermissions": 17,
        "displayName": bob.attendee.display_name,
        "userId": bob.attendee.user.username,
    }
    other = {key: value for key, value in _row(ada, 7).items() if key != "nextcloudSessionId"}
    other |= {"displayName": ada.attendee.display_name}
    assert _tell(hpb) == [
        (
            "participants",
            {"changed": [{**row, "permissions": ["publish-audio"]}], "users": [other]},
        ),
        (
            "incall",
            {"incall": 3, "changed": [_row(bob, 3, permissions=17)], "users": [_row(ada, 7)]},
        ),
    ]


def test_moderator_may_control(hpb, room):
    ada = connect(room)
    _known(room)
    hpb.take()
    permissions.promote(attendee=ada.attendee)
    [(kind, content)] = _tell(hpb)
    assert kind == "participants"
    assert content["changed"][0]["permissions"] == [*ALL_MEDIA, "control"]


def test_guest_is_renamed(hpb, room):
    """Names are in the list of participants; those of the HPB itself are of the login."""
    eve = _guest(room)
    _known(room)
    hpb.take()
    guests.rename(attendee=eve.attendee, display_name="Eve", now=timezone.now())
    [(kind, content)] = _tell(hpb)
    assert (kind, content["changed"][0]["displayName"]) == ("participants", "Eve")


def test_lobby_and_lock(hpb, room):
    """They change the properties, and take people out of the call."""
    ada = connect(room)
    join(ada)
    _known(room)
    hpb.take()
    lobby.set_state(conversation=room, state=LobbyState.NON_MODERATORS, timer=None)
    told = dict(_tell(hpb))
    assert told["incall"]["changed"] == [_row(ada, 0)]
    assert told["update"]["properties"] == {**PROPERTIES, "lobby-state": 1}
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_ONLY)
    told = dict(_tell(hpb))
    assert told["update"]["properties"] == {**PROPERTIES, "lobby-state": 1, "read-only": 1}


def test_members(hpb, room):
    """Who is added is invited, who is removed is disinvited; who is there reads the list again."""
    ada = connect(room)
    _known(room)
    hpb.take()
    here = ada.attendee.user.username
    bob = AttendeeFactory.build(conversation=room).user
    bob.save()
    attendee = participants.add_user(conversation=room, user=bob)
    content = {"userids": [bob.username], "alluserids": [bob.username, here]}
    refresh = {"participant-list": "refresh"}
    assert _tell(hpb) == [("invite", {**content, "properties": refresh})]
    session = connect(room, attendee)
    participants.remove(attendee=attendee)
    disinvited = {"alluserids": [here], "properties": refresh}
    assert _tell(hpb) == [
        ("disinvite", {"userids": [bob.username], **disinvited}),
        ("disinvite", {"sessionids": [session.session_id], **disinvited}),
    ]


def test_kicked_guest(hpb, room):
    """Out of the call first; then the connection is closed."""
    ada, eve = connect(room), _guest(room)
    join(ada)
    join(eve)
    _known(room)
    hpb.take()
    participants.remove(attendee=eve.attendee)
    gone = {
        "inCall": 0,
        "lastPing": 0,
        "sessionId": eve.session_id,
        "nextcloudSessionId": eve.session_id,
        "participantType": 0,
        "participantPermissions": 0,
    }
    here = [ada.attendee.user.username]
    content = {"alluserids": here, "properties": {"participant-list": "refresh"}}
    assert _tell(hpb) == [
        ("incall", {"incall": 0, "changed": [gone], "users": [_row(ada, 7)]}),
        ("disinvite", {"sessionids": [eve.session_id], **content}),
    ]
    room.refresh_from_db()
    permissions.reapply(conversation=room)
    assert "disinvite" not in dict(_tell(hpb))
    for number in range(2):
        assert leases.mark_to_repeat(timezone.now() + leases.FIRST_REPEAT * 2**number, 1) == 1
        assert dict(_tell(hpb))["disinvite"]["sessionids"] == [eve.session_id]
    assert not HPBSession.objects.filter(session_id=eve.session_id).exists()


def test_user_leaves_by_itself(hpb, room):
    """The connection may be used for another conversation, so it is not closed."""
    ada, eve = connect(room), _guest(room)
    join(ada)
    _known(room)
    hpb.take()
    sessions.leave(session=ada, now=timezone.now())
    assert [kind for kind, _ in _tell(hpb)] == ["incall", "update"]
    sessions.leave(session=eve, now=timezone.now())
    assert [kind for kind, _ in _tell(hpb)] == ["disinvite"]


def test_passing_user_leaves_by_itself(hpb, room):
    """Whoever is no attendee any more is put out: nobody could see or remove who stayed there."""
    passing = AttendeeFactory(conversation=room, participant_type=ParticipantType.USER_SELF_JOINED)
    bob, other = connect(room, passing), connect(room, passing)
    _known(room)
    hpb.take()
    for device in (bob, other):
        sessions.leave(session=device, now=timezone.now())
        [(kind, content)] = _tell(hpb)
        assert (kind, content["sessionids"]) == ("disinvite", [device.session_id])


def test_replaced_session(hpb, room):
    """The connection of a session that another one replaces is closed."""
    ada = connect(room)
    _known(room)
    hpb.take()
    sessions.remove(session=ada)
    [(kind, content)] = _tell(hpb)
    assert (kind, content["sessionids"]) == ("disinvite", [ada.session_id])


def test_deleted_conversation(hpb, room):
    """All members are told; nothing is kept."""
    connect(room)
    _known(room)
    hpb.take()
    names = _members(room)
    conversations.delete(conversation=room)
    assert _tell(hpb) == [("delete", {"userids": names})]
    assert not HPBConversation.objects.exists()
    assert not HPBSession.objects.exists()


def test_new_conversation(hpb):
    """The members of a new conversation are invited, those of an old one are not."""
    old = AttendeeFactory(conversation__created_at=timezone.now() - LONG_AGO).conversation
    new = AttendeeFactory().conversation
    for room in (old, new):
        permissions.reapply(conversation=room)
    assert sender.send_overdue() == 2
    kinds = [(token, kind) for token, kind, _ in hpb.told]
    assert kinds == [(old.token, "update"), (new.token, "update"), (new.token, "invite")]


def test_connected_again(hpb, room):
    """To a session that connects again nothing is known: it is told about again."""
    ada = connect(room)
    join(ada)
    _known(room)
    hpb.take()
    reconnect(ada, ago=LONG_AGO)
    [(kind, content)] = _tell(hpb)
    assert (kind, content["changed"]) == ("incall", [_row(ada, 7)])


def test_just_connected(hpb, room):
    """The HPB asks us before it adds a session, so it is told again a second later."""
    ada = connect(room)
    join(ada)
    _known(room)
    hpb.take()
    reconnect(ada)
    for _ in range(2):
        assert sender.send_overdue() == 1
        assert [kind for kind, _ in hpb.take()] == ["incall"]
    HPBSession.objects.update(connected_at=timezone.now() - LONG_AGO)
    assert [kind for kind, _ in _tell(hpb)] == ["incall"]


def test_expired_sessions(hpb, room):
    """Rows that are deleted without a lock are noticed."""
    ada = connect(room)
    _known(room)
    hpb.take()
    Session.objects.filter(pk=ada.pk).delete()
    [(kind, content)] = _tell(hpb)
    assert (kind, content["sessionids"]) == ("disinvite", [ada.session_id])


def test_roster_is_noted(hpb, room):
    """What the HPB knows is stored as the number of the roster."""
    connect(room)
    _known(room)
    room.refresh_from_db()
    known = HPBConversation.objects.get()
    assert (known.roster, known.server, known.attempts) == (room.roster, hpb.url, 0)
    assert known.changes == known.told


def test_internal_signaling(settings):
    """Without an HPB nothing is written."""
    room = ConversationFactory()
    settings.TALK_CALLS = {}
    permissions.reapply(conversation=room)
    assert not HPBConversation.objects.exists()


# --- sizes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("features", "most"), [("", 64 * 1024), ("incall-all", 256 * 1024)])
def test_large_call(hpb, room, features, most):
    """What is too long for a request is sent in parts; who came in learns of everybody."""
    hpb.features = features
    connections.close_all()
    people = [connect(room, session_id=f"{number:0512}") for number in range(260)]
    # The first of them came in a while ago, on a busy machine.
    Session.objects.update(last_ping=timezone.now())
    Session.objects.filter(pk__in=[each.pk for each in people[1:]]).update(in_call=7)
    HPBSession.objects.exclude(pk=people[0].pk).update(in_call=7)
    _known(room)
    hpb.take()
    hpb.sizes.clear()
    join(people[0])
    told = [content for kind, content in _tell(hpb) if kind == "incall"]
    assert max(hpb.sizes) < most
    assert [len(each["changed"]) for each in told] == [1, *[0] * (len(told) - 1)]
    rows = [row for each in told for row in [*each["changed"], *each["users"]]]
    assert {row["sessionId"] for row in rows} == {each.session_id for each in people}
    assert len(rows) == len(people)
    join(people[0], 3)  # nobody came in
    [(_, content)] = _tell(hpb)
    assert (len(content["changed"]), content["users"]) == (1, [])


def test_many_members(hpb, room):
    """Ids of users are sent in parts, too."""
    hpb.features = ""
    connections.close_all()  # forgets what it could do
    names = [f"{number:0150}" for number in range(900)]
    users = get_user_model().objects.bulk_create(get_user_model()(username=n) for n in names)
    participants.add_users(conversation=room, users=users)
    conversations.rename(conversation=room, name="Many")
    told = _tell(hpb)
    updates = [content["userids"] for kind, content in told if kind == "update"]
    invites = [content["userids"] for kind, content in told if kind == "invite"]
    assert sorted(itertools.chain(*updates)) == sorted(itertools.chain(*invites)) == names
    assert max(hpb.sizes) < 64 * 1024


def test_change_while_connecting(hpb, room):
    """What was told before the sender could find a session is told again: here, that it joined."""
    ada = connect(room)
    HPBSession.objects.all().delete()
    found = Session.objects.select_related("attendee__user", "conversation").get(pk=ada.pk)
    join(ada)
    assert not [kind for kind, _ in _tell(hpb) if kind == "incall"]
    now = timezone.now()
    situation = Situation(found.conversation, found.attendee, found, False, now)
    session_connected(situation, now - LONG_AGO)
    [(_, content)] = [each for each in _tell(hpb) if each[0] == "incall"]
    assert [row["sessionId"] for row in content["changed"]] == [ada.session_id]


def test_statements(hpb, room):
    """To read and to store take the same number of statements for 2 and for 40 in the call."""
    counts = []
    for number in (2, 38):
        people = [connect(room) for _ in range(number)]
        _known(room)
        for each in people:
            join(each)
        with CaptureQueriesContext(connection) as captured:
            assert sender.send_overdue() == 1
        counts.append(len([each for each in captured if "SAVEPOINT" not in each["sql"]]))
    assert counts[0] == counts[1]
    assert counts[0] <= 14


def test_a_change_costs_one_statement_more(room, settings, hpb):
    """A join of a call, with an HPB and without."""
    ada, bob = connect(room), connect(room)
    with CaptureQueriesContext(connection) as external:
        join(ada)
    settings.TALK_CALLS = {}
    join(bob)
    leave(bob)
    leave(ada)
    with CaptureQueriesContext(connection) as internal:
        join(bob)
    assert len(external) == len(internal) + 1


def test_repetition(hpb, room):
    """What was told is told once more, since it may be lost on the way, less and less often."""
    ada = connect(room)
    join(ada)
    _known(room)
    told = hpb.take()
    second = timedelta(seconds=1)
    for number in range(3):
        pause = leases.FIRST_REPEAT * 2**number
        assert leases.mark_to_repeat(timezone.now() + pause - second, 1) == 0
        assert leases.mark_to_repeat(timezone.now() + pause, 1) == 1
        kinds = dict(_tell(hpb))
        assert kinds.keys() == {"participants", "incall", "update"}
        assert kinds["incall"] == dict(told)["incall"]
        assert [each["sessionId"] for each in kinds["participants"]["changed"]] == [ada.session_id]
    leave(ada)
    _tell(hpb)
    assert leases.mark_to_repeat(timezone.now() + leases.FIRST_REPEAT, 1) == 1


def test_repetition_for_months(hpb, room):
    """However often it was repeated, the number fits into its column."""
    connect(room)
    _touch(room)
    largest = 2**15 - 1
    HPBConversation.objects.update(repeats=largest)
    assert leases.mark_to_repeat(timezone.now() + leases.LONGEST_REPEAT, 1) == 1
    assert HPBConversation.objects.get().repeats <= largest


def test_repetition_to_nobody(hpb, room):
    """Where nobody is, nothing is told once more."""
    assert leases.mark_to_repeat(timezone.now() + leases.LONGEST_REPEAT, 1) == 0


def test_repetition_to_many(hpb, room):
    """In a large conversation, all is told to all so rarely that the HPB does not notice."""
    for _ in range(150):
        connect(room)
    _touch(room)
    assert leases.mark_to_repeat(timezone.now() + leases.FIRST_REPEAT, 1) == 0
    assert leases.mark_to_repeat(timezone.now() + 2 * leases.FIRST_REPEAT, 1) == 1
