"""Favourites and notification levels, which users set for themselves (behaviour 6.1)."""

import pytest

from tests.contract.expected import in_form, ok
from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db


def shown(person, wire: str, field: str):
    """Return a field of the room object, as JSON would have it."""
    return person.room("get").whole[1]["data"][field]


def test_favourite(version, wire):
    """On and off, for oneself alone; saying so twice is saying it once."""
    room = ConversationFactory()
    person = arrive("member", room, version=version, wire=wire)
    other = arrive("owner", room, version=version, wire=wire)
    for method, favourite in [("post", True), ("post", True), ("delete", False), ("delete", False)]:
        answer = person.room(method, "/favorite")
        assert answer.whole == ok(answer)
        assert shown(person, wire, "isFavorite") == in_form(wire, favourite)
        assert shown(other, wire, "isFavorite") == in_form(wire, False)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_notification_level(version, wire, kind, level):
    """What somebody chose counts, whatever is usual for such a conversation."""
    room = ConversationFactory(type=kind)
    person = arrive("owner", room, version=version, wire=wire)
    answer = person.room("post", "/notify", {"level": str(level)})
    assert answer.whole == ok(answer)
    assert shown(person, wire, "notificationLevel") == in_form(wire, level)


@pytest.mark.parametrize("level", ["0", "4", "-1", "abc", "", None])
def test_levels_that_do_not_exist(level):
    """A clear 400, and the usual level stays."""
    person = arrive("member", ConversationFactory())
    data = {} if level is None else {"level": level}
    assert person.room("post", "/notify", data).http == 400
    assert shown(person, "json", "notificationLevel") == 2


@pytest.mark.parametrize("level", [0, 1])
def test_notification_of_calls(wire, level):
    """Calls are announced to a user unless they set otherwise."""
    room = ConversationFactory()
    person = arrive("member", room, version="v4", wire=wire)
    other = arrive("owner", room, version="v4", wire=wire)
    assert shown(person, wire, "notificationCalls") == in_form(wire, 1)
    answer = person.room("post", "/notify-calls", {"level": level})
    assert answer.whole == ok(answer)
    assert shown(person, wire, "notificationCalls") == in_form(wire, level)
    assert shown(other, wire, "notificationCalls") == in_form(wire, 1)


@pytest.mark.parametrize("data", [{"level": 2}, {"level": "x"}, {}])
def test_no_notification_of_calls(data):
    """On or off."""
    person = arrive("member", ConversationFactory(), version="v4")
    assert person.room("post", "/notify-calls", data).http == 400
    assert shown(person, "json", "notificationCalls") == 1
