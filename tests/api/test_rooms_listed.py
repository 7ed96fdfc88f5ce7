"""Conversations that a user finds uninvited (behaviour 6.1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ConversationType, Listable
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return UserFactory(username="alice")


def listed(**kwargs):
    return ConversationFactory(**{"listable": Listable.USERS, "type": 2, **kwargs})


def names(device, term: str | None = None) -> list[str]:
    data = {} if term is None else {"searchTerm": term}
    answer = device.request("get", "listed-room", data)
    assert answer.http == 200
    return [room["name"] for room in answer.whole[1]["data"]]


def test_what_is_found(device, alice):
    """Listed groups and public ones that one is not in, by name."""
    listed(name="Choir")
    listed(name="Band", type=ConversationType.PUBLIC, listable=Listable.EVERYONE)
    listed(name="Pair", type=ConversationType.ONE_TO_ONE)
    listed(name="Hidden", listable=Listable.PARTICIPANTS)
    AttendeeFactory(conversation=listed(name="Mine"), user=alice)
    AttendeeFactory(conversation=listed(name="Somebody's"))
    assert names(device(alice)) == ["Band", "Choir", "Somebody's"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("", ["100% real", "Choir", "choral"]),
        (None, ["100% real", "Choir", "choral"]),
        ("CHO", ["Choir", "choral"]),
        (" oir ", ["Choir"]),
        ("%", ["100% real"]),
        ("_", []),
        ("nothing", []),
    ],
)
def test_search(device, alice, term, found):
    """A part of the name, in whatever case; wildcards mean themselves."""
    for name in ("Choir", "choral", "100% real"):
        listed(name=name)
    assert sorted(names(device(alice), term)) == found


def test_item(device, alice, wire):
    """Each is the conversation as somebody sees it who does not belong to it."""
    room = listed(name="Choir")
    answer = device(alice, wire=wire).request("get", "listed-room")
    found = device(alice, wire=wire).request("get", f"room/{room.token}")
    assert answer.http == 200
    assert answer.whole[1]["data"] == [found.whole[1]["data"]]
    assert found.whole[1]["data"]["name"] == "Choir"


def test_statements_do_not_grow(device, alice):
    """One query for the list, however long it is."""
    client, counts = device(alice), []
    for count in (1, 20):
        for _ in range(count):
            listed()
        with CaptureQueriesContext(connection) as asked:
            names(client)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 4
