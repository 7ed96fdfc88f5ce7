"""Devices without end of one person: they neither fill the database nor everybody's polls."""

import pytest

from talk_calls.constants import MOST_DEVICES_IN_CALL, MOST_OTHER_DEVICES
from talk_calls.models import CallLeg, Session
from tests.factories import ConversationFactory
from tests.people import arrive
from tests.signaling.conftest import pull

pytestmark = pytest.mark.django_db

BEYOND = 5


@pytest.fixture
def room():
    return ConversationFactory()


def come(device, room, times, *, call):
    """Join a conversation, and perhaps its call, again and again as a device without cookies."""
    ids = []
    for _ in range(times):
        device.browser.cookies.clear()
        joined = device.post(f"room/{room.token}/participants/active", {"force": True})
        assert joined.http == 200
        ids.append(joined.data["sessionId"])
        if call:
            assert device.post(f"call/{room.token}", {"flags": 7}).http == 200
    return ids


def test_devices_in_the_call_have_an_end(room):
    """The oldest of them make room, and their legs end."""
    member = arrive("member", room, version="v4", online=False)
    ids = come(member.device, room, MOST_DEVICES_IN_CALL + BEYOND, call=True)
    # The newest joined the call after the oldest had made room for it.
    left = set(ids[-MOST_DEVICES_IN_CALL - 1 :])
    assert set(Session.objects.values_list("session_id", flat=True)) == left
    assert CallLeg.objects.filter(left_at=None).count() == len(left)


def test_idle_devices_do_not_count_with_them(room):
    """Somebody with devices in the call may look at the conversation with others."""
    member = arrive("member", room, version="v4", online=False)
    come(member.device, room, MOST_DEVICES_IN_CALL, call=True)
    come(member.device, room, MOST_OTHER_DEVICES + BEYOND, call=False)
    in_call = Session.objects.exclude(in_call=0).count()
    assert (in_call, Session.objects.count() - in_call) == (
        MOST_DEVICES_IN_CALL,
        MOST_OTHER_DEVICES + 1,
    )


def test_nobody_elses_devices_go(room):
    """Who has too many loses own ones."""
    other = arrive("moderator", room)
    member = arrive("member", room, version="v4", online=False)
    come(member.device, room, MOST_DEVICES_IN_CALL + BEYOND, call=True)
    assert Session.objects.filter(pk=other.session.pk).exists()
    [own] = [
        each
        for each in pull(other).data[-1]["data"]
        if each["sessionId"] == other.session.session_id
    ]
    assert own["inCall"] == 0
