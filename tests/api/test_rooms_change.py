"""What moderators make of a conversation: name, description, door, lists, end (behaviour 6.1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import ConversationType
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services.calls import join as join_call
from tests.contract.expected import UNKNOWN_ROUTE, ok, refused
from tests.factories import ConversationFactory, SessionFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

#: What is asked, of which version, and the fields that it changes.
CHANGES = {
    "rename": ("put", "", {"roomName": "  Daily "}, {"name": "Daily"}),
    "describe": ("put", "/description", {"description": " On it "}, {"description": "On it"}),
    "undescribe": ("put", "/description", {"description": ""}, {"description": ""}),
    "publish": ("post", "/public", None, {"type": 3}),
    "unpublish": ("delete", "/public", None, {"type": 2}),
    "list": ("put", "/listable", {"scope": "2"}, {"listable": 2}),
    "unlist": ("put", "/listable", {"scope": "0"}, {"listable": 0}),
}


def fields(room: Conversation) -> dict:
    return Conversation.objects.values("name", "description", "type", "listable").get(pk=room.pk)


@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.PUBLIC])
@pytest.mark.parametrize("change", CHANGES)
def test_changes(wire, kind, change):
    """Each changes its own field and no other, also when that is so already."""
    method, path, data, expected = CHANGES[change]
    room = ConversationFactory(type=kind, description="before", listable=1)
    before = fields(room)
    answer = arrive("owner", room, wire=wire).room(method, path, data)
    assert answer.whole == ok(answer)
    assert fields(room) == before | expected


@pytest.mark.parametrize("change", [*CHANGES, "delete"])
def test_a_conversation_of_two_has_none_of_it(change):
    """It is named after the other one, and lasts as long as either."""
    method, path, data, _ = {**CHANGES, "delete": ("delete", "", None, {})}[change]
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    before = fields(room)
    answer = arrive("owner", room).room(method, path, data)
    assert (answer.http, fields(room)) == (400, before)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("", {}),
        ("", {"roomName": ""}),
        ("", {"roomName": " \t "}),
        ("", {"roomName": "x" * 201}),
        ("", {"roomName": "ü" * 101}),
        ("/description", {}),
        ("/description", {"description": "x" * 501}),
        ("/listable", {}),
        ("/listable", {"scope": "3"}),
        ("/listable", {"scope": "-1"}),
        ("/listable", {"scope": "all"}),
    ],
)
def test_values_that_cannot_be(path, data):
    """A clear 400, and nothing is changed."""
    room = ConversationFactory()
    before = fields(room)
    answer = arrive("owner", room).room("put", path, data)
    assert (answer.http, fields(room)) == (400, before)
    assert answer.whole[1]["meta"]["message"]


@pytest.mark.parametrize("name", ["x" * 200, "ü" * 100])
def test_longest_name(name):
    """Bytes are counted, not characters."""
    room = ConversationFactory()
    assert arrive("owner", room).room("put", "", {"roomName": name}).http == 200
    assert fields(room)["name"] == name


@pytest.mark.parametrize("letter", ["x", "ü"])
@pytest.mark.parametrize(("version", "most"), [("v3", 500), ("v4", 2000)])
def test_longest_description(version, most, letter):
    """Characters are counted, not bytes; v4 has more of them."""
    room = ConversationFactory()
    owner = arrive("owner", room, version=version)
    assert owner.room("put", "/description", {"description": letter * most}).http == 200
    answer = owner.room("put", "/description", {"description": letter * most + "x"})
    message = f"The description is longer than {most} characters."
    data = {"error": "value"} if version == "v4" else []
    assert answer.whole == refused(answer, 400, message, data=data)
    assert fields(room)["description"] == letter * most


@pytest.mark.parametrize("path", ["/description", "/listable"])
@pytest.mark.parametrize("old", ["v1", "v2"])
def test_older_versions_know_less(path, old):
    """Descriptions and lists came with v3."""
    room = ConversationFactory()
    data = {"description": "x", "scope": "1"}
    answer = arrive("owner", room, version=old).room("put", path, data)
    assert answer.whole == refused(answer, 404, UNKNOWN_ROUTE)


def test_closing_removes_guests_and_self_joined_users(version):
    """Guests, moderators or not, and self-joined users leave the call, with a reason."""
    room = ConversationFactory()
    people = {
        who: arrive(who, room, version=version)
        for who in ("owner", "member", "self-joined", "guest", "guest moderator")
    }
    for person in people.values():
        assert person.call("post").http == 200
    assert people["owner"].room("delete", "/public").http == 200
    staying = {people["owner"].attendee.pk, people["member"].attendee.pk}
    assert set(Attendee.objects.values_list("pk", flat=True)) == staying
    assert set(Session.objects.values_list("attendee", flat=True)) == staying
    removed = CallLeg.objects.filter(left_at__isnull=False)
    assert list(removed.values_list("reason", flat=True)) == ["removed"] * 3
    assert Call.objects.get().ended_at is None
    assert people["guest"].room("get").http == 404
    assert people["self-joined"].room("get").http == 404


def test_closing_the_door_may_end_the_call():
    """If only they were in it; the moderator ended it."""
    room = ConversationFactory()
    owner, guest = arrive("owner", room, username="alice"), arrive("guest", room)
    guest.call("post")
    owner.room("delete", "/public")
    call = Call.objects.get()
    assert (call.end_reason, call.ended_by_id) == ("removed", "alice")


def test_deletion_ends_the_call_and_keeps_history(version):
    """Nobody finds the conversation any more; the record of its call stays."""
    room = ConversationFactory(name="Weekly")
    owner, member = arrive("owner", room, version=version), arrive("member", room, version=version)
    member.call("post")
    answer = owner.room("delete")
    assert answer.whole == ok(answer)
    for person in (owner, member):
        gone = person.room("get")
        assert gone.whole == refused(gone, 404)
    call = Call.objects.get()
    assert (call.conversation, call.conversation_name) == (None, "Weekly")
    assert call.end_reason == "conversation_deleted"
    assert not Attendee.objects.exists()


WRITES = [
    *((method, path, data) for method, path, data, _ in CHANGES.values()),
    ("delete", "", None),
    ("put", "/read-only", {"state": "1"}),
    ("put", "/webinar/lobby", {"state": "1"}),
    ("put", "/password", {"password": "secret"}),
    ("post", "/favorite", None),
    ("post", "/notify", {"level": "1"}),
    ("delete", "/participants/self", None),
]


#: Those that need more than twelve: the lobby answers with the conversation, lobby and lock ask who
#: was in the call that they end, and a deletion looks for every kind of row that hangs on it.
BUDGETS = {("put", "/webinar/lobby"): 15, ("put", "/read-only"): 14, ("delete", ""): 20}


@pytest.mark.parametrize(("method", "path", "data"), WRITES)
def test_writes_take_few_statements(method, path, data):
    """The whole request counted, the same however many are there and in the call."""
    counts = []
    for size in (1, 30):
        room = ConversationFactory()
        person = arrive("moderator", room)
        arrive("owner", room)
        session = SessionFactory(attendee__conversation=room)
        join_call(session=session, flags=7, now=timezone.now())
        call = Call.objects.get(conversation=room)
        for _ in range(size):
            other = SessionFactory(attendee__conversation=room, in_call=7)
            CallLeg.objects.create(
                call=call,
                session_key=other.key,
                actor_type="users",
                actor_id="x",
                joined_at=timezone.now(),
                flags=7,
            )
        with CaptureQueriesContext(connection) as asked:
            assert person.room(method, path, data).http == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= BUDGETS.get((method, path), 12)
