"""Which session a request acts with (behaviour 3.3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.constants import ConversationType
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Session
from talk_calls.services import sessions
from tests.contract.expected import ok, refused
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db

ACTIVE = "/participants/active"


def ago(seconds: int):
    return timezone.now() - timedelta(seconds=seconds)


def in_call() -> set[Session]:
    return set(Session.objects.in_call())


@pytest.fixture
def alice():
    """Return a member of a conversation."""
    return AttendeeFactory(user__username="alice")


@pytest.fixture
def call(alice) -> str:
    return f"call/{alice.conversation.token}"


@pytest.fixture
def active(alice) -> str:
    return f"room/{alice.conversation.token}{ACTIVE}"


def test_user_without_cookies_acts_with_the_newest_session(alice, call, device, *, version):
    """A client without a cookie jar falls back to the caller's own newest session."""
    SessionFactory(attendee=alice, last_ping=ago(20))
    newest = SessionFactory(attendee=alice, last_ping=ago(5))
    SessionFactory(attendee=alice, last_ping=ago(10))
    SessionFactory(attendee__conversation=alice.conversation)
    answer = device(alice.user, version=version).post(call)
    assert answer.whole == ok(answer)
    assert in_call() == {newest}


def test_browser_acts_with_the_session_it_joined_with(alice, call, active, device):
    """What the browser remembers counts, though another device pinged later."""
    browser = device(alice.user)
    browser.post(active)
    own = Session.objects.get()
    Session.objects.update(last_ping=ago(20))
    SessionFactory(attendee=alice, last_ping=ago(0))
    browser.post(call)
    assert in_call() == {own}


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_lost_session_is_no_participant(alice, call, active, *, device, old_version, method):
    """A browser whose session was replaced gets 404 until it joins again (behaviour 13/16)."""
    browser = device(alice.user, version=old_version)
    browser.post(active)
    other = device(alice.user)
    other.post(active)
    answer = browser.request(method, call)
    assert answer.whole == refused(answer, 404)
    assert in_call() == set()
    assert other.request(method, call).http == 200
    browser.post(active)
    answer = browser.request(method, call)
    assert answer.whole[0] == 200


def test_lost_session_forgotten_by_leaving(alice, call, active, device):
    """Leaving the conversation is the other way out: the fallback counts again."""
    browser = device(alice.user)
    browser.post(active)
    Session.objects.all().delete()
    other = SessionFactory(attendee=alice)
    assert browser.get(call).http == 404
    assert browser.delete(active).http == 200
    assert Session.objects.get() == other
    assert browser.post(call).http == 200
    assert in_call() == {other}


@pytest.mark.parametrize("method", ["post", "delete"])
def test_member_without_a_session(alice, call, device, *, version, method):
    """Being a member is enough to look, and not to join or leave (behaviour 4.1/9)."""
    client = device(alice.user, version=version)
    answer = client.get(call)
    assert answer.whole == ok(answer, [])
    answer = client.request(method, call)
    assert answer.whole == refused(answer, 404)


@pytest.mark.parametrize(("age", "status"), [(0, 200), (31, 200), (99, 200), (100, 404)])
def test_session_exists_for_100_seconds(alice, call, device, *, age, status):
    """A session that no longer counts may still act, until it exists no more."""
    SessionFactory(attendee=alice, last_ping=ago(age))
    assert device(alice.user).post(call).http == status


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_guest_without_a_remembered_session(alice, call, *, method, version):
    """A guest is nobody without the cookie, however many guests are there."""
    for _ in range(3):
        SessionFactory(attendee=GuestFactory(conversation=alice.conversation))
    answer = OCSClient(version=version).request(method, call)
    assert answer.whole == refused(answer, 404)
    assert in_call() == set()


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_guest_acts_with_the_remembered_session(alice, call, active, *, method, version):
    """The cookie of the join is what makes a guest."""
    SessionFactory(attendee=GuestFactory(conversation=alice.conversation))
    guest = OCSClient(version=version)
    guest.post(active)
    own = Session.objects.latest("pk")
    answer = guest.request(method, call)
    assert answer.http == 200
    assert in_call() == ({own} if method == "post" else set())


@pytest.mark.parametrize("age", [100, 1000])
def test_guest_whose_session_expired_is_anonymous(alice, call, active, age):
    """A guest exists as long as the session."""
    guest = OCSClient()
    guest.post(active)
    Session.objects.update(last_ping=ago(age))
    assert [guest.request(m, call).http for m in ("get", "post", "delete")] == [404, 404, 404]


def test_guest_of_one_conversation_is_nobody_in_another(alice, active):
    """Each conversation is remembered by itself."""
    guest = OCSClient()
    guest.post(active)
    other = ConversationFactory().token
    SessionFactory(attendee=GuestFactory(conversation__token="other"))
    assert guest.get(f"call/{other}").http == 404
    assert guest.get("call/other").http == 404


def test_browser_is_in_several_conversations(alice, active, call):
    """One browser acts in each conversation with the session it has there."""
    guest = OCSClient()
    guest.post(active)
    first = Session.objects.get()
    other = ConversationFactory().token
    guest.post(f"room/{other}{ACTIVE}")
    guest.post(call)
    assert in_call() == {first}
    guest.post(f"call/{other}")
    assert in_call() == set(Session.objects.all())


def test_browser_forgets_the_oldest_conversation():
    """After fifty conversations the oldest is forgotten, so that cookie stores do not overflow."""
    guest = OCSClient()
    tokens = [ConversationFactory().token for _ in range(51)]
    for token in tokens:
        guest.post(f"room/{token}{ACTIVE}")
    assert [guest.get(f"call/{token}").http for token in tokens] == [404] + [200] * 50


@pytest.mark.usefixtures("account_passwords")
@pytest.mark.parametrize("password", ["account", "app"])
def test_login_does_not_turn_a_guest_into_a_user(alice, call, active, *, device, password):
    """The session of a guest is not used for a user who logs in with the same browser."""
    browser = OCSClient()
    browser.post(active)
    guest = Session.objects.get()
    user = device(alice.user)
    user.browser = browser.browser
    if password == "account":
        user.password = alice.user.username
    assert user.post(call).http == 404
    own = SessionFactory(attendee=alice)
    assert user.post(call).http == 200
    assert in_call() == {own}
    assert guest not in in_call()


def test_browser_shared_by_two_users(alice, call, active, device):
    """The session of one user is not used for another user of the same browser."""
    first = device(alice.user)
    first.post(active)
    bob = AttendeeFactory(conversation=alice.conversation)
    second = device(bob.user, browser=first.browser)
    assert second.post(call).http == 404
    own = SessionFactory(attendee=bob)
    assert second.post(call).http == 200
    assert in_call() == {own}


def test_session_id_of_another_is_worth_nothing(alice, call, device):
    """Session ids are public in the call list, so naming one must not help (CVE-2022-41960)."""
    target = SessionFactory(attendee=alice, in_call=7)
    stranger = device(UserFactory())
    for client in (stranger, OCSClient()):
        for method in ("post", "delete"):
            answer = client.request(method, call, {"sessionId": target.session_id, "flags": "0"})
            assert answer.whole == refused(answer, 404)
    assert in_call() == {target}


def test_token_in_the_body_is_ignored(alice, call, device):
    """The token of the path counts."""
    own = SessionFactory(attendee=alice)
    other = SessionFactory(attendee__user=alice.user)
    token = other.conversation.token
    device(alice.user).request("post", call, json=f'{{"token": "{token}", "ocs_version": "9"}}')
    assert in_call() == {own}


def test_every_device_of_a_user_is_replaced_by_joining(alice, active, device):
    """v1 to v3 allow one session per attendee (behaviour 3.1)."""
    SessionFactory(attendee=alice)
    SessionFactory(attendee=alice)
    device(alice.user).post(active)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("kind", [ConversationType.PUBLIC, ConversationType.GROUP])
def test_two_first_joins_at_once_leave_one_session(device, kind):
    """Also a newcomer who arrives twice at once is one attendee with one session.

    Both requests have looked around before either of them opens the door.
    """
    conversation = ConversationFactory(type=kind, listable=1)
    actor, now = Actor(UserFactory()), timezone.now()
    both = {"conversation": conversation, "actor": actor, "attendee": None, "now": now}
    for _ in range(2):
        sessions.enter(**both, password="", force=True)
    assert Attendee.objects.count() == 1
    assert Session.objects.count() == 1


# --- windows --------------------------------------------------------------------------------------


ONE, TWO = "0f3c1a52-8f9b-4f0e-9d54-1d1f0a2b3c4d", "B" * 22


def in_window(person, window, method, path="", data=None):
    """Ask about the conversation from one of several windows of a browser."""
    path = f"room/{person.conversation.token}{path}"
    return person.device.request(method, path, data, headers={"X-Talk-Calls-Window": window})


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["guest", "member"])
def test_windows_are_devices_of_their_own(who):
    """Each window acts with its own session; a guest is somebody else in each, a user is not."""
    person = arrive(who, ConversationFactory(), version="v4")
    active = "/participants/active"
    first, second = (in_window(person, name, "post", active).data for name in (ONE, TWO))
    assert len({first["sessionId"], second["sessionId"], person.session.session_id}) == 3
    assert (first["attendeeId"] == second["attendeeId"]) == (who == "member")
    for name, joined in ((ONE, first), (TWO, second)):
        assert in_window(person, name, "get").data["sessionId"] == joined["sessionId"]
    again = in_window(person, ONE, "post", active).data
    assert again["attendeeId"] == first["attendeeId"]
    left = set(Session.objects.values_list("session_id", flat=True))
    assert left == {again["sessionId"], second["sessionId"], person.session.session_id}
    in_window(person, TWO, "delete", active)
    left = set(Session.objects.values_list("session_id", flat=True))
    assert left == {again["sessionId"], person.session.session_id}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "window", ["", "short", "x" * 65, f"{ONE} ", f"{ONE};", "x" * 30 + "\u00e9"]
)
def test_invalid_window(window):
    """An invalid name of a window is ignored."""
    guest = arrive("guest", ConversationFactory(), version="v4")
    assert in_window(guest, window, "get").data["sessionId"] == guest.session.session_id


@pytest.mark.django_db
def test_a_window_keeps_the_cookie_of_the_others():
    """A second guest in one browser does not invalidate the first; a planted cookie is not used."""
    guest = arrive("guest", ConversationFactory(), version="v4")
    planted = guest.device.browser.cookies["sessionid"].value
    joined = in_window(guest, ONE, "post", "/participants/active").data
    assert guest.device.browser.cookies["sessionid"].value == planted
    assert guest.room("get").data["sessionId"] == guest.session.session_id
    thief = OCSClient(version="v4")
    thief.browser.cookies["sessionid"] = planted
    path = f"room/{guest.conversation.token}"
    assert thief.get(path).data["sessionId"] != joined["sessionId"]
