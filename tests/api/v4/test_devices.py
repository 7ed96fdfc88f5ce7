"""Several devices of one attendee (behaviour 3.1, 3.3, 6.4)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.models import Session
from tests.contract.expected import ok, refused
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

ACTIVE = "/participants/active"


def another_device(person) -> "OCSClient":
    """Return a second device of the same person, with a cookie jar of its own."""
    device = person.device
    return OCSClient(version="v4", username=device.username, password=device.password)


def sessions() -> set[int]:
    return set(Session.objects.values_list("pk", flat=True))


def test_devices_stay_side_by_side(arrive, room):
    """Joining on the phone leaves the browser in, and each acts for itself."""
    member = arrive("member", online=False)
    phone = another_device(member)
    path = f"room/{room.token}{ACTIVE}"
    ids = [device.post(path).data["sessionId"] for device in (member.device, phone)]
    for device, flags in ((member.device, "3"), (phone, "7")):
        device.post(f"call/{room.token}", {"flags": flags})
    stored = dict(Session.objects.values_list("session_id", "in_call"))
    assert stored == {ids[0]: 3, ids[1]: 7}
    [listed] = member.room("get", "/participants").data
    assert (listed["inCall"], set(listed["sessionIds"])) == (7, set(ids))
    peers = member.call("get").data
    assert {peer["sessionId"] for peer in peers} == set(ids)
    phone.delete(f"call/{room.token}")
    assert dict(Session.objects.values_list("session_id", "in_call")) == {ids[0]: 3, ids[1]: 0}


def test_same_browser_replaces_its_own(arrive, room):
    """A browser that joins again leaves no second session."""
    member = arrive("member", online=False)
    phone = another_device(member)
    path = f"room/{room.token}{ACTIVE}"
    phone.post(path)
    [kept] = sessions()
    member.device.post(path)
    [gone] = sessions() - {kept}
    member.device.post(path)
    assert kept in sessions()
    assert gone not in sessions()
    assert len(sessions()) == 2


@pytest.mark.parametrize(("own", "status"), [(True, 409), (False, 200)])
def test_only_the_own_session_conflicts(arrive, room, *, own, status):
    """Without ``force``, 409 is about this browser's session, not about other devices."""
    member = arrive("member", online=False)
    device = member.device if own else another_device(member)
    path = f"room/{room.token}{ACTIVE}"
    device.post(path)
    device.post(f"call/{room.token}")
    session = Session.objects.get()
    answer = member.device.post(path, {"force": "false"})
    assert answer.http == status
    if own:
        facts = {
            "error": "conflict",
            "sessionId": session.session_id,
            "inCall": 7,
            "lastPing": int(session.last_ping.timestamp()),
        }
        assert answer.whole == refused(answer, 409, data=facts)


LEAVING = [("delete", "call/{token}"), ("delete", "room/{token}/participants/active")]
CHANGING = [
    ("put", "call/{token}", {"flags": "1"}),
    ("put", "room/{token}/participants/state", {"state": "0"}),
]


@pytest.mark.parametrize("lost", ["died", "left"])
@pytest.mark.parametrize("request_", [*((*each, None) for each in LEAVING), *CHANGING])
def test_no_device_acts_for_another(arrive, room, lost, request_):
    """A browser that lost its session, or left twice, never touches the phone in the call."""
    member = arrive("member", online=False)
    member.room("post", ACTIVE)
    phone = another_device(member)
    if lost == "died":
        Session.objects.all().delete()
    else:
        member.room("delete", ACTIVE)
    phone.post(f"room/{room.token}{ACTIVE}")
    phone.post(f"call/{room.token}", {"flags": "7"})
    before = list(Session.objects.values())
    method, path, data = request_
    answer = member.device.request(method, path.format(token=room.token), data)
    assert list(Session.objects.values()) == before
    leaves = path.endswith("active")
    expected = ok(answer) if leaves else refused(answer, 404, data={"error": "no-session"})
    assert answer.whole == expected


def test_reading_needs_no_session(arrive, room):
    """Only actions of a device need a session (behaviour 3.3)."""
    owner = arrive("owner", online=False)
    owner.room("post", ACTIVE)
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=200))
    for method, path, data in [
        ("get", f"call/{room.token}", None),
        ("get", f"room/{room.token}/participants", None),
        ("put", f"room/{room.token}", {"roomName": "Other"}),
        ("post", f"room/{room.token}/favorite", None),
    ]:
        assert owner.device.request(method, path, data).http == 200, path
    answer = owner.call("post")
    assert answer.whole == refused(answer, 404, data={"error": "no-session"})
    assert owner.room("get").data["sessionId"] == "0"


def test_client_without_cookies_is_its_newest_device(arrive, room):
    """Nothing else could be meant (clients 2)."""
    member = arrive("member", online=False)
    for _ in range(2):
        another_device(member).post(f"room/{room.token}{ACTIVE}")
    assert another_device(member).post(f"call/{room.token}").http == 200
    newest = Session.objects.latest("pk")
    assert list(Session.objects.in_call()) == [newest]


def test_remembered_session_comes_before_a_newer_one(arrive, room):
    """While it lives, the browser's own session acts, however long ago it pinged."""
    member = arrive("member", online=False)
    own = member.room("post", ACTIVE).data["sessionId"]
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=60))
    another_device(member).post(f"room/{room.token}{ACTIVE}")
    member.call("post", {"flags": "1"})
    assert Session.objects.get(session_id=own).in_call == 1
    assert member.room("get").data["sessionId"] == own


def test_lost_guest_is_nobody(arrive):
    """A guest is known by the session, so nothing stands in for it."""
    guest = arrive("guest")
    guest.session.delete()
    answer = guest.call("post")
    assert answer.whole == refused(answer, 404, data={"error": "no-conversation"})


def test_older_versions_still_replace_all(arrive, room, old_version):
    """A join with v1 to v3 replaces all other sessions of the attendee."""
    member = arrive("member", online=False)
    for _ in range(2):
        another_device(member).post(f"room/{room.token}{ACTIVE}")
    old = another_device(member)
    old.version = old_version
    answer = old.post(f"room/{room.token}{ACTIVE}")
    assert Session.objects.get().session_id == answer.data["sessionId"]


def test_devices_have_an_end(arrive, room):
    """A client without cookies that comes in again and again leaves ten of itself, not more."""
    member = arrive("member", online=False)
    ids = [
        another_device(member).post(f"room/{room.token}{ACTIVE}").data["sessionId"]
        for _ in range(15)
    ]
    assert set(Session.objects.values_list("session_id", flat=True)) == set(ids[-10:])


def test_devices_in_the_call_stay(arrive, room):
    """Only idle ones make room."""
    member = arrive("member", online=False)
    first = another_device(member)
    in_call = first.post(f"room/{room.token}{ACTIVE}").data["sessionId"]
    first.post(f"call/{room.token}")
    for _ in range(12):
        another_device(member).post(f"room/{room.token}{ACTIVE}")
    assert Session.objects.get(session_id=in_call).in_call == 7
    assert Session.objects.count() == 11


@pytest.mark.parametrize("state", ["0", "1"])
def test_session_state(arrive, wire, state):
    """A device sets whether somebody looks at it, and gets the conversation."""
    member = arrive("member", wire=wire)
    answer = member.room("put", "/participants/state", {"state": state})
    assert answer.whole == ok(answer, member.room("get").data if wire == "json" else answer.data)
    assert answer.data["sessionId"] == member.session.session_id
    assert Session.objects.get().state == int(state)


@pytest.mark.parametrize("data", [{"state": "2"}, {"state": "x"}, {}])
def test_session_state_refused(arrive, data):
    """There are two states."""
    member = arrive("member")
    assert member.room("put", "/participants/state", data).http == 400
    assert Session.objects.get().state == 1
