"""Letting one person in from the lobby, as the call page does: by the permission to pass it."""

from datetime import timedelta

import pytest

from talk_calls.constants import Permission
from talk_calls.models import Attendee, CallLeg, Session
from talk_calls.signaling import poll
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch) -> None:
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))


@pytest.fixture
def room():
    """Return a conversation with a lobby."""
    return ConversationFactory(lobby_state=1)


def come(who: str, room) -> tuple[OCSClient, Session]:
    """Return a browser that waits in the lobby."""
    device = OCSClient(version="v4")
    if who == "user":
        device.browser.force_login(UserFactory())
    assert device.post(f"room/{room.token}/participants/active").http == 200
    return device, Session.objects.select_related("attendee").latest("pk")


def listed(moderator, attendee) -> dict:
    """Return an attendee in the moderator's list."""
    people = moderator.room("get", "/participants").data
    [found] = [each for each in people if each["attendeeId"] == attendee.pk]
    return found


def admit(moderator, person: dict):
    """Add the bit to what the person may do anyway, as 0 plus a bit would be that bit alone."""
    permissions = person["permissions"] | Permission.IGNORE_LOBBY
    data = {"attendeeId": person["attendeeId"], "permissions": permissions, "method": "set"}
    return moderator.room("put", "/attendees/permissions", data)


@pytest.mark.parametrize("who", ["user", "guest"])
@pytest.mark.parametrize("by", ["owner", "moderator", "guest moderator"])
def test_one_is_let_in(room, who, by):
    """The list shows who waits; who is let in joins with all media, and the others wait on."""
    moderator = arrive(by, room, version="v4")
    device, session = come(who, room)
    other, _ = come("guest", room)
    waiting = listed(moderator, session.attendee)
    shown = {name: waiting[name] for name in ("sessionIds", "inCall", "permissions")}
    unrestricted = Permission.UNRESTRICTED & ~Permission.CHAT
    assert shown == {
        "sessionIds": [session.session_id],
        "inCall": 0,
        "permissions": unrestricted,
    }
    assert not waiting["permissions"] & Permission.IGNORE_LOBBY  # by which a page knows who waits
    assert device.post(f"call/{room.token}").http == 412
    assert admit(moderator, waiting).http == 200
    assert listed(moderator, session.attendee)["permissions"] == unrestricted | 8 | 1
    assert device.post(f"call/{room.token}", {"flags": 7}).http == 200
    assert Session.objects.get(pk=session.pk).in_call == 7
    assert other.post(f"call/{room.token}").http == 412


def test_poll_ends_at_once(room, monkeypatch):
    """Who waits learns it by the poll that is under way, which then shows who else is there."""
    moderator = arrive("owner", room, version="v4")
    device, session = come("guest", room)
    signaling = OCSClient(version="v3", browser=device.browser)
    alone = signaling.get(f"signaling/{room.token}").data[-1]["data"]
    assert [each["sessionId"] for each in alone] == [session.session_id]
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=20))
    real, done = poll.hub.Waiter.rearm, []

    def rearm(waiter):
        real(waiter)
        if not done:
            done.append(True)
            admit(moderator, listed(moderator, session.attendee))

    monkeypatch.setattr(poll.hub.Waiter, "rearm", rearm)
    users = signaling.get(f"signaling/{room.token}").data[-1]["data"]
    assert {each["sessionId"] for each in users} == set(
        Session.objects.values_list("session_id", flat=True)
    )
    room_now = device.get(f"room/{room.token}").data
    assert room_now["permissions"] & Permission.IGNORE_LOBBY


def test_removed_from_the_door(room):
    """Who is removed while waiting is gone from the list, and comes in no call."""
    moderator = arrive("owner", room, version="v4")
    device, session = come("guest", room)
    answer = moderator.room("delete", "/attendees", {"attendeeId": session.attendee_id})
    assert answer.http == 200
    assert not Attendee.objects.filter(pk=session.attendee_id).exists()
    assert device.post(f"call/{room.token}").http == 404


@pytest.mark.contract("14/guest-name")
def test_guest_is_renamed_in_a_call():
    """The new name reaches list, call, file, history, and the polls of the others."""
    room = ConversationFactory()
    owner = arrive("owner", room, version="v4")
    device, session = come("guest", room)
    device.post(f"call/{room.token}", {"flags": 7})
    signaling = OCSClient(version="v3")
    signaling.username, signaling.password = owner.device.username, owner.device.password
    signaling.get(f"signaling/{room.token}")
    before = type(room).objects.get(pk=room.pk).roster
    naming = OCSClient(version="v1", browser=device.browser)
    answer = naming.post(f"guest/{room.token}/name", {"displayName": "Grace"})
    assert answer.http == 200
    assert listed(owner, session.attendee)["displayName"] == "Grace"
    [peer] = owner.call("get").data
    assert peer["displayName"] == "Grace"
    assert CallLeg.objects.get().display_name == "Grace"
    owner.device.wire = "csv"
    file = owner.call("get", path="/download").response.content.decode("utf-8-sig")
    assert [line.partition(",")[0] for line in file.splitlines()] == ["name", "Grace"]
    assert type(room).objects.get(pk=room.pk).roster > before  # which ends the polls of the others
    assert naming.get(f"visit/{room.token}").data["people"] == ["Grace"]
