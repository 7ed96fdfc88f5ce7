"""Whoever is banned does not come in by another way."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from talk_calls.api.throttling import rates
from talk_calls.constants import BanKind, ParticipantType
from talk_calls.exceptions import InviteeBanned, ModeratorStays
from talk_calls.host.browser_sessions import WINDOW_HEADER
from talk_calls.models import Ban, Conversation, Session
from talk_calls.services import bans, groups, invitations, links
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient
from tests.people import Person, arrive

pytestmark = pytest.mark.django_db

WINDOWS = ["first-window-0123456789", "second-window-0123456789"]


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


@pytest.fixture
def owner(room) -> Person:
    return arrive("owner", room, version="v4")


def ban(by: Person, kind: BanKind, actor_id: str) -> Ban:
    return bans.ban(
        conversation=by.conversation,
        kind=kind,
        actor_id=actor_id,
        notes=bans.Notes(),
        performed_by=by.attendee,
        now=timezone.now(),
    )


def ban_guest(by: Person, guest: Person) -> Ban:
    return ban(by, BanKind.GUESTS, guest.attendee.actor_id)


def enter(device: OCSClient, room: Conversation, window: str | None = None) -> OCSAnswer:
    headers = {WINDOW_HEADER: window} if window else {}
    path = f"room/{room.token}/participants/active"
    return device.request("post", path, headers=headers)


def is_banned(answer: OCSAnswer) -> bool:
    return answer.http == 403


def test_the_same_browser_again(room, owner):
    """A guest has another id each time; the browser is the same."""
    guest = arrive("guest", room)
    ban_guest(owner, guest)
    assert all(is_banned(enter(guest.device, room)) for _ in range(3))
    assert not room.attendees.filter(actor_type="guests").exists()


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_another_version(room, owner, version):
    """What one version refuses, no other lets in."""
    guest = arrive("guest", room)
    ban_guest(owner, guest)
    guest.device.version = version
    assert is_banned(enter(guest.device, room))


def test_leaving_first(room, owner):
    """Leaving forgets the session of the browser, but not the browser."""
    guest = arrive("guest", room)
    ban_guest(owner, guest)
    guest.room("delete", "/participants/active")
    assert is_banned(enter(guest.device, room))


def test_another_window(room, owner):
    """A new window is of the same browser, and so are those that are open."""
    device = OCSClient(version="v4")
    one, two = (enter(device, room, window).data["sessionId"] for window in WINDOWS)
    first = Session.objects.get(session_id=one).attendee
    ban(owner, BanKind.GUESTS, first.actor_id)
    assert not Session.objects.filter(session_id__in=[one, two]).exists()
    assert all(is_banned(enter(device, room, window)) for window in [*WINDOWS, None, "w" * 30])


def test_window_that_moderates(room, owner):
    """The windows of a browser are one person: whoever moderates in one is not banned."""
    device = OCSClient(version="v4")
    one, two = (enter(device, room, window).data["sessionId"] for window in WINDOWS)
    attendees = room.attendees.filter(sessions__session_id=two)
    attendees.update(participant_type=ParticipantType.GUEST_MODERATOR)
    first = Session.objects.get(session_id=one).attendee
    with pytest.raises(ModeratorStays):
        ban(owner, BanKind.GUESTS, first.actor_id)
    assert room.attendees.filter(actor_type="guests").count() == 2


def test_the_old_session(room, owner):
    """The cookie that knew the session opens nothing."""
    guest = arrive("guest", room, version="v3")
    ban_guest(owner, guest)
    assert guest.device.get(f"signaling/{room.token}").http == 404
    assert guest.call("get").http == 404
    assert guest.call("post", {"flags": 7}).http == 404
    assert guest.device.post(f"guest/{room.token}/name", {"displayName": "x"}).http == 404


def test_with_the_password(room, owner):
    """The password does not help, and neither does a session that stood for it."""
    owner.room("put", "/password", {"password": "secret!"})
    device = OCSClient(version="v4")
    path = f"room/{room.token}/participants/active"
    known = device.post(path, {"password": "secret!"}).data["actorId"]
    ban(owner, BanKind.GUESTS, known)
    assert is_banned(device.post(path, {"password": "secret!"}))


def test_another_conversation(room, owner):
    """A ban is of one conversation."""
    guest = arrive("guest", room)
    ban_guest(owner, guest)
    assert enter(guest.device, ConversationFactory()).http == 200


def test_other_guests(room, owner):
    """Others come in, from the same address as well."""
    ban_guest(owner, arrive("guest", room))
    assert enter(OCSClient(version="v4"), room).http == 200


def test_an_account(room, owner):
    """Logging in is being somebody else, who is banned by their account; coming back is not."""
    guest = arrive("guest", room)
    ban_guest(owner, guest)
    user = UserFactory()
    guest.device.browser.force_login(user)
    assert enter(guest.device, room).http == 200
    ban(owner, BanKind.USERS, user.username)
    assert is_banned(enter(guest.device, room))


def test_another_account_of_the_name(room, owner):
    """A new account with the old name is somebody else."""
    arrive("self-joined", room, username="bob")
    ban(owner, BanKind.USERS, "bob")
    get_user_model().objects.get(username="bob").delete()
    assert enter(arrive("stranger", room, username="bob").device, room).http == 200


def test_other_devices(room, owner):
    """All devices of an account are out, and stay out."""
    bob = arrive("self-joined", room, version="v4", username="bob")
    other = OCSClient("v4", username="bob", password=bob.device.password)
    assert enter(other, room).http == 200
    ban(owner, BanKind.USERS, "bob")
    assert not Session.objects.exclude(attendee=owner.attendee).exists()
    assert is_banned(enter(other, room))


@pytest.mark.parametrize("who", ["moderator", "operator"])
def test_by_an_invitation(room, owner, who):
    """Nobody brings a banned user back by inviting them."""
    UserFactory(username="bob")
    ban(owner, BanKind.USERS, "bob")
    by = owner.attendee if who == "moderator" else None
    with pytest.raises(InviteeBanned):
        invitations.invite_user(conversation=room, user_id="bob", performed_by=by)


@pytest.mark.django_db(transaction=True)
def test_by_a_group():
    """A banned user does not come in with a group: when it is added, or they are added to it."""
    room = ConversationFactory(type=2)
    owner = arrive("owner", room)
    group = Group.objects.create(name="hatters")
    bob, eve, ann = (UserFactory(username=name) for name in ("bob", "eve", "ann"))
    group.user_set.add(bob, ann)
    ban(owner, BanKind.USERS, "bob")
    ban(owner, BanKind.USERS, "eve")
    groups.add(conversation=room, group_id="hatters")
    group.user_set.add(eve)
    inside = set(room.attendees.exclude(user=None).values_list("user__username", flat=True))
    assert inside == {owner.attendee.user.username, "ann"}
    attendee = room.attendees.get(actor_type="groups")
    assert groups.catch_up([attendee], now=timezone.now()) == 0
    Ban.objects.all().delete()
    assert groups.catch_up([attendee], now=timezone.now()) == 2


def test_by_the_host(django_assert_num_queries):
    """What the host wants does not bring somebody back, and is not tried again and again."""
    room = ConversationFactory(type=2, linked_model="x.y", linked_pk="1")
    bob, ann = UserFactory(username="bob"), UserFactory()
    facts = {bob: ParticipantType.USER, ann: ParticipantType.OWNER}
    assert links.set_members(conversation=room, members=facts)
    bans.ban_attendee(
        attendee=room.attendees.get(user=bob),
        notes=bans.Notes(),
        performed_by=None,
        now=timezone.now(),
    )
    with django_assert_num_queries(2):
        assert not links.set_members(conversation=room, members=facts)
    assert not room.attendees.filter(user=bob).exists()
    Ban.objects.all().delete()
    assert links.set_members(conversation=room, members=facts)
    assert room.attendees.filter(user=bob).exists()


def test_guests_find_nobody(room, owner):
    """A guest who moderates does not learn which accounts there are."""
    UserFactory(username="bob")
    guest = arrive("guest moderator", room)
    answers = [
        OCSClient("v1", browser=guest.device.browser)
        .post(f"ban/{room.token}", {"actorType": "users", "actorId": name})
        .whole
        for name in ("bob", "nobody")
    ]
    assert answers[0] == answers[1]
    assert answers[0][1]["data"] == {"error": "bannedActor"}
    assert not Ban.objects.exists()


def test_what_the_rows_tell(room, owner):
    """Neither row nor answer has the key of a browser, which would let others be that browser."""
    guest = arrive("guest", room)
    key = guest.device.browser.session["talk_calls_guest"]
    stored = ban_guest(owner, guest)
    texts = [str(value) for value in vars(stored).values()]
    assert key not in " ".join(texts)
    listed = OCSClient("v1", username=owner.device.username, password=owner.device.password)
    answer = listed.get(f"ban/{room.token}").data
    assert stored.browser not in str(answer)


def test_copying_the_directory(room, owner, settings, monkeypatch):
    """Banning tells nobody anything, but who bans the name of somebody: that counts as a search."""
    settings.TALK_CALLS = {"SEARCHES_PER_MINUTE": 2}
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 1_800_000_060 + 20))
    owner.device.version = "v1"

    def ask(user_id: str, kind: str = "users") -> int:
        path = f"ban/{room.token}"
        return owner.device.post(path, {"actorType": kind, "actorId": user_id}).http

    known = UserFactory().username
    assert [ask(each) for each in (known, "nobody", known, "nobody")] == [200, 400, 429, 429]
    assert ask(arrive("guest", room).attendee.actor_id, "guests") == 200
