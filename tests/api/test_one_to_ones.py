"""Conversations of two users, of whom one may not belong to it yet (behaviour 14/one-to-one)."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from talk_calls.models import Attendee, Call, Conversation
from talk_calls.services import creation, participants, sweeper
from talk_calls.signals import CallMissed, CallStarted, call_missed, call_started
from tests.api.shapes import in_map, inside, newest_by
from tests.contract.expected import ok, refused
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.contract("14/one-to-one")]

ASK = {"roomType": "1", "invite": "bob"}


@pytest.fixture
def alice(db):
    return UserFactory(username="alice", first_name="Alice", last_name="Liddell")


@pytest.fixture
def bob(db):
    return UserFactory(username="bob", first_name="Bob")


def roles() -> dict[str, int]:
    return dict(Attendee.objects.values_list("user__username", "participant_type"))


def waiting(alice, bob) -> Conversation:
    """Return a one-to-one that alice made and bob has not joined yet."""
    conversation, _ = creation.create_one_to_one(
        user=alice, other=bob, created_by=alice, both=False
    )
    # The creator was added after the row was made, which is activity.
    conversation.refresh_from_db()
    return conversation


def test_created_in_v4(alice, bob, device, wire):
    """The creator owns it alone, and sees it named after the other; asking again is the same."""
    one = device(alice, version="v4", wire=wire)
    answer = one.post("room", ASK)
    mine = Attendee.objects.get()
    created = newest_by(mine, "You created the conversation")
    expected = inside("v4", mine, name="bob", displayName="Bob", notificationLevel=1, **created)
    assert answer.whole == ok(answer, expected, status=201)
    assert roles() == {"alice": 1}
    again = one.post("room", ASK)
    assert again.whole == ok(again, expected)
    assert roles() == {"alice": 1}


def test_the_other_asks_for_it_too(alice, bob, device):
    """Then both own the one conversation, without a call."""
    token = device(alice, version="v4").post("room", ASK).data["token"]
    answer = device(bob, version="v4").post("room", {"roomType": "1", "invite": "alice"})
    mine, theirs = (Attendee.objects.get(user=user) for user in (alice, bob))
    expected = inside(
        "v4",
        theirs,
        name="alice",
        displayName="Alice Liddell",
        notificationLevel=1,
        **newest_by(mine, "{actor} created the conversation"),
    )
    assert answer.whole == ok(answer, expected)
    assert (answer.data["token"], roles()) == (token, {"alice": 1, "bob": 1})


@pytest.mark.parametrize("asked", ["v1", "v2", "v3"])
def test_asked_for_again_in_an_older_version(alice, bob, device, asked):
    """There both belong to it at once."""
    token = device(alice, version="v4").post("room", ASK).data["token"]
    answer = device(alice, version=asked).post("room", ASK)
    assert (answer.http, answer.data["token"]) == (200, token)
    assert roles() == {"alice": 1, "bob": 1}


def test_before_the_first_call(alice, bob, device, version, wire):
    """The other one does not see it anywhere; the creator sees it named after them."""
    room = waiting(alice, bob)
    mine = room.attendees.get()
    expected = inside(
        version,
        mine,
        name="bob",
        displayName="Bob",
        notificationLevel=1,
        participants=in_map(mine),
        **newest_by(mine, "You created the conversation"),
    )
    theirs, own = (device(user, version=version, wire=wire) for user in (bob, alice))
    for path, shown in ((f"room/{room.token}", expected), ("room", [expected])):
        answer = own.get(path)
        assert answer.whole == ok(answer, shown)
    answer = theirs.get("room")
    assert answer.whole == ok(answer, [])
    for method, path in (
        ("get", f"room/{room.token}"),
        ("post", f"room/{room.token}/participants/active"),
        ("get", f"call/{room.token}"),
        ("post", f"call/{room.token}"),
    ):
        answer = theirs.request(method, path)
        assert answer.whole == refused(answer, 404)
    assert roles() == {"alice": 1}


def test_the_first_call(alice, bob, device, version, wire):
    """It makes the other one an owner, who finds it in the list with its call."""
    room = waiting(alice, bob)
    own, theirs = (device(user, version=version, wire=wire) for user in (alice, bob))
    assert own.post(f"room/{room.token}/participants/active").http == 200
    assert roles() == {"alice": 1}, "being there is no call"
    answer = own.post(f"call/{room.token}", {"flags": 7})
    assert answer.whole == ok(answer)
    assert roles() == {"alice": 1, "bob": 1}
    if wire == "json":
        [seen] = theirs.get("room").data
        shown = {name: seen[name] for name in ("name", "displayName", "hasCall")}
        assert shown == {"name": "alice", "displayName": "Alice Liddell", "hasCall": True}
    assert theirs.post(f"room/{room.token}/participants/active").http == 200
    assert theirs.post(f"call/{room.token}", {"flags": 7}).http == 200
    assert Call.objects.get().legs.count() == 2


def test_the_list_that_tells_what_changed(alice, bob, device, time_machine):
    """A client that asks for changes hears of the conversation with its first call."""
    room = waiting(alice, bob)
    own, theirs = (device(user, version="v4") for user in (alice, bob))
    since = theirs.get("room").response["X-Nextcloud-Talk-Modified-Before"]
    own.post(f"room/{room.token}/participants/active")
    own.post(f"call/{room.token}", {"flags": 7})
    assert [each["token"] for each in theirs.get("room", {"modifiedSince": since}).data] == [
        room.token
    ]


def test_the_first_call_is_announced_to_the_other(
    alice, bob, device, django_capture_on_commit_callbacks
):
    """They are there when it starts, and have missed it when it is over."""
    room, events = waiting(alice, bob), []
    receive = lambda event, **_: events.append(event)  # noqa: E731
    for signal in (call_started, call_missed):
        signal.connect(receive)
    own = device(alice, version="v4")
    own.post(f"room/{room.token}/participants/active")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            own.post(f"call/{room.token}", {"flags": 7})
        with django_capture_on_commit_callbacks(execute=True):
            own.delete(f"call/{room.token}")
    finally:
        for signal in (call_started, call_missed):
            signal.disconnect(receive)
    started, missed = events
    assert isinstance(started, CallStarted)
    assert isinstance(missed, CallMissed)
    assert missed.user_pks == (str(bob.pk),)


def test_the_other_is_rung_in_the_first_call(alice, bob, device):
    """They belong to it by then."""
    room, own = waiting(alice, bob), device(alice, version="v4")
    own.post(f"room/{room.token}/participants/active")
    own.post(f"call/{room.token}", {"flags": 7})
    other = room.attendees.get(user=bob)
    assert own.post(f"call/{room.token}/ring/{other.pk}").http == 200


def test_who_leaves_before_the_first_call(alice, bob, device):
    """Nobody is left in it, so it is gone; the other one makes a new one."""
    room = waiting(alice, bob)
    assert device(alice, version="v4").delete(f"room/{room.token}/participants/self").http == 200
    assert not Conversation.objects.exists()
    answer = device(bob, version="v4").post("room", {"roomType": "1", "invite": "alice"})
    assert answer.http == 201
    assert roles() == {"bob": 1}


def test_the_name_of_who_left(alice, bob, device, version):
    """It stays named after them, and a deactivated account keeps its name."""
    pair, _ = creation.create_one_to_one(user=alice, other=bob)
    participants.resign(attendee=pair.attendees.get(user=bob))
    for active in (True, False):
        bob.is_active = active
        bob.save()
        seen = device(alice, version=version).get(f"room/{pair.token}").data
        assert (seen["name"], seen["displayName"]) == ("bob", "Bob")


def test_one_that_came_and_went_meanwhile(alice, bob, monkeypatch):
    """That of a simultaneous request may be left, and so deleted, before this one finds it."""
    create, refused_once = Conversation.objects.create, iter([IntegrityError])

    def create_at_once(**fields):
        for error in refused_once:
            raise error
        return create(**fields)

    monkeypatch.setattr(Conversation.objects, "create", create_at_once)
    conversation, is_new = creation.create_one_to_one(user=alice, other=bob)
    assert (conversation, is_new) == (Conversation.objects.get(), True)


def test_account_of_the_creator_is_deleted_before_the_first_call(alice, bob):
    """Nobody has seen it but them."""
    waiting(alice, bob)
    alice.delete()
    assert not Conversation.objects.exists()


def test_account_of_the_other_is_deleted_before_the_first_call(alice, bob, device, version):
    """It is a former one, as where they had been in it; it has no name of a deleted account."""
    room = waiting(alice, bob)
    bob.delete()
    client = device(alice, version=version)
    [seen] = client.get("room").data
    shown = {key: seen[key] for key in ("type", "readOnly", "name", "displayName")}
    kind = 5 if version == "v4" else 2
    name = {"name": "", "displayName": "Deleted account"}
    assert shown == {"type": kind, "readOnly": 1, **name}
    assert client.post(f"room/{room.token}/participants/active").http == 200
    assert client.post(f"call/{room.token}", {"flags": 7}).http == 403


def test_a_sweep_keeps_it(alice, bob):
    """It is a conversation like others, with one user."""
    room = waiting(alice, bob)
    sweeper.sweep()
    assert room.attendees.get().user == alice


@pytest.mark.parametrize("version_", ["v1", "v4"])
def test_names_cost_one_query(alice, device, version_):
    """However many wait for their first call; none where nobody does."""
    client, counts = device(alice, version=version_), []
    creation.create_one_to_one(user=alice, other=UserFactory())
    for more in (0, 1, 9):
        for _ in range(more):
            waiting(alice, UserFactory())
        with CaptureQueriesContext(connection) as asked:
            assert client.get("room").http == 200
        counts.append(len(asked))
    none, one, ten = counts
    assert (one, ten) == (none + 1, none + 1)


def test_a_call_by_the_service_alone(alice, bob):
    """A site that joins by the service refills before, as the endpoint does."""
    room = waiting(alice, bob)
    creation.refill(conversation=room, by=None)
    assert roles() == {"alice": 1, "bob": 1}
    creation.refill(conversation=room, by=None)
    assert roles() == {"alice": 1, "bob": 1}
