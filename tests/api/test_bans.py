"""``/ban/{token}``: whom moderators keep out, and what those find who are kept out."""

import pytest

from talk_calls.constants import (
    Allow,
    ConversationType,
    LegReason,
    Listable,
    SessionEnd,
)
from talk_calls.host import browser_sessions
from talk_calls.models import Ban, CallLeg, Conversation, EndedSession, Session
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient
from tests.people import MODERATORS, Person, arrive

pytestmark = pytest.mark.django_db

OK = {"status": "ok", "statuscode": 200, "message": "OK"}


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


@pytest.fixture
def owner(room) -> Person:
    return arrive("owner", room, version="v4", username="olga")


def ban(by: Person, kind: str = "users", actor_id: str = "", **notes: str) -> OCSAnswer:
    data = {"actorType": kind, "actorId": actor_id, **notes}
    return ask(by, "post", data)


def ask(by: Person, method: str, data: dict | None = None, path: str = "") -> OCSAnswer:
    """Ask as clients of every version do: there is only one of bans."""
    device = by.device
    before, device.version = device.version, "v1"
    try:
        return device.request(method, f"ban/{by.conversation.token}{path}", data)
    finally:
        device.version = before


def enter(person: Person, **data: object) -> OCSAnswer:
    return person.room("post", "/participants/active", data)


def refused(answer: OCSAnswer) -> tuple[int, object]:
    return answer.http, answer.data


def test_ban_and_list(room, owner):
    """The whole object, in the answer and in the list, where the newest comes first."""
    bob = arrive("member", room, username="bob")
    guest = arrive("guest", room)
    answer = ban(owner, "users", "bob", internalNote="Shouts.", shownNote="Please do not shout.")
    first = Ban.objects.get()
    one = {
        "id": first.pk,
        "moderatorActorType": "users",
        "moderatorActorId": "olga",
        "moderatorDisplayName": owner.attendee.display_name,
        "bannedActorType": "users",
        "bannedActorId": "bob",
        "bannedDisplayName": bob.attendee.display_name,
        "bannedTime": int(first.created_at.timestamp()),
        "internalNote": "Shouts.",
        "shownNote": "Please do not shout.",
    }
    assert answer.whole == (200, {"meta": OK, "data": one})
    actor_id = guest.attendee.actor_id
    two = ban(owner, "guests", actor_id).data
    assert {**two, "id": 0, "bannedTime": 0} == {
        **one,
        "id": 0,
        "bannedTime": 0,
        "bannedActorType": "guests",
        "bannedActorId": actor_id,
        "bannedDisplayName": "",
        "internalNote": "",
        "shownNote": "",
    }
    assert ask(owner, "get").whole == (200, {"meta": OK, "data": [two, one]})


def test_again_changes_the_notes(room, owner):
    """A second ban of the same person is the first one, with the new notes."""
    arrive("member", room, username="bob")
    first = ban(owner, "users", "bob", internalNote="one").data
    again = ban(owner, "users", "bob", internalNote="two").data
    assert again == {**first, "internalNote": "two"}
    assert Ban.objects.count() == 1


def test_lift(room, owner):
    """Whoever was banned comes in again; what is lifted is gone."""
    bob = arrive("self-joined", room, version="v4", username="bob")
    number = ban(owner, "users", "bob").data["id"]
    assert enter(bob).http == 403
    assert ask(owner, "delete", path=f"/{number}").whole == (200, {"meta": OK, "data": []})
    assert enter(bob).http == 200
    gone = ask(owner, "delete", path=f"/{number}")
    assert refused(gone) == (404, {"error": "no-target"})


def test_lifts_only_here(room, owner):
    """The number of a ban elsewhere is that of none."""
    other = arrive("owner", ConversationFactory())
    arrive("member", other.conversation, username="bob")
    number = ban(other, "users", "bob").data["id"]
    assert ask(owner, "delete", path=f"/{number}").http == 404
    assert Ban.objects.count() == 1


@pytest.mark.parametrize("who", ["member", "self-joined", "guest", "stranger", "nobody"])
@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("delete", "/1")])
def test_only_moderators(room, owner, who, method, path):
    """Others are refused as in all moderation: 403, and strangers 404."""
    person = arrive(who, room)
    target = arrive("member", room, username="target")
    answer = ask(person, method, {"actorType": "users", "actorId": "target"}, path)
    is_outside = who in {"stranger", "nobody"}
    assert answer.http == (404 if is_outside else 403)
    target.attendee.refresh_from_db()
    assert not Ban.objects.exists()


@pytest.mark.parametrize("who", MODERATORS)
def test_moderators(room, who):
    """Guests who moderate ban as they remove."""
    moderator = arrive(who, room)
    arrive("member", room, username="bob")
    assert ban(moderator, "users", "bob").http == 200


@pytest.mark.parametrize(
    ("kind", "actor_id"),
    [
        ("users", "nobody"),
        ("users", ""),
        ("users", "x" * 300),
        ("guests", "nobody"),
        ("emails", "nobody@example.org"),
        ("groups", "staff"),
        ("circles", "x"),
        ("", "bob"),
        ("ips", ""),
        ("ips", "example.org"),
        ("ips", "10.0.0.1"),
        ("ips", "127.0.0.1"),
        ("ips", "::1"),
        ("ips", "fe80::1"),
        ("ips", "0.0.0.1"),
        ("ips", "224.0.0.1"),
        ("ips", "203.0.113.0/24"),
        ("ips", "8.8.8.8/64"),
        ("ips", "::ffff:10.0.0.1"),
    ],
)
def test_nobody_to_ban(room, owner, kind, actor_id):
    """No such person, or no address of the internet."""
    assert refused(ban(owner, kind, actor_id)) == (400, {"error": "bannedActor"})
    assert not Ban.objects.exists()


def test_oneself(room, owner):
    """Nobody bans themselves."""
    assert refused(ban(owner, "users", "olga")) == (400, {"error": "self"})
    guest = arrive("guest moderator", room)
    assert refused(ban(guest, "guests", guest.attendee.actor_id)) == (400, {"error": "self"})


@pytest.mark.parametrize("who", MODERATORS)
def test_moderators_stay(room, owner, who):
    """Moderators are demoted first."""
    other = arrive(who, room, username="mona")
    kind = "users" if other.attendee.user else "guests"
    answer = ban(owner, kind, other.attendee.actor_id or "mona")
    assert refused(answer) == (400, {"error": "moderator"})
    assert Session.objects.filter(pk=other.session.pk).exists()


def test_notes_are_bounded(room, owner):
    """4,000 characters for moderators, 1,000 for who is banned."""
    arrive("member", room, username="bob")
    for name, most in (("internalNote", 4000), ("shownNote", 1000)):
        answer = ban(owner, "users", "bob", **{name: "x" * (most + 1)})
        assert refused(answer) == (400, {"error": "internalNote"})
    assert not Ban.objects.exists()
    assert ban(owner, "users", "bob", internalNote="x" * 4000).http == 200


def test_one_to_one(owner):
    """Two people stay two."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    one = arrive("owner", room)
    arrive("owner", room, username="bob")
    assert refused(ban(one, "users", "bob")) == (400, {"error": "room"})


def test_limit(room, owner, monkeypatch):
    """Beyond so many bans nobody is banned, nor removed; new notes are no new ban."""
    monkeypatch.setattr("talk_calls.services.bans.MOST_BANS", 1)
    arrive("member", room, username="bob")
    eve = arrive("member", room, username="eve")
    assert ban(owner, "users", "bob").http == 200
    answer = ban(owner, "users", "eve")
    assert (answer.http, answer.data, answer.ocs["meta"]["message"]) == (
        400,
        {"error": "limit"},
        "Too many bans",
    )
    eve.attendee.refresh_from_db()
    assert ban(owner, "users", "bob", internalNote="more").http == 200


def test_removed_at_once(room, owner):
    """Out of the call and of the conversation, with a reason, and the window is told."""
    bob = arrive("member", room, username="bob")
    bob.call("post", {"flags": 7})
    Session.objects.filter(pk=bob.session.pk).update(window="w" * 32)
    ban(owner, "users", "bob")
    leg = CallLeg.objects.get(user=bob.attendee.user)
    assert (leg.reason, leg.left_at is not None) == (LegReason.REMOVED, True)
    assert not Session.objects.filter(pk=bob.session.pk).exists()
    assert not room.attendees.filter(pk=bob.attendee.pk).exists()
    assert EndedSession.objects.get(window="w" * 32).reason == SessionEnd.BANNED


def test_user_who_is_not_there(room, owner):
    """Somebody who left before is kept out as well."""
    UserFactory(username="bob")
    assert ban(owner, "users", "bob").http == 200


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
@pytest.mark.parametrize("who", ["self-joined", "guest"])
def test_entering(room, owner, version, who):
    """v4 names the reason; the old versions refuse without one, as they do with the rest."""
    person = arrive(who, room, version=version, username="bob")
    kind, actor_id = ("users", "bob") if who == "self-joined" else ("guests", None)
    ban(owner, kind, actor_id or person.attendee.actor_id)
    expected = {"error": "ban"} if version == "v4" else []
    assert refused(enter(person)) == (403, expected)
    assert not room.attendees.filter(user__username="bob").exists()


def test_entering_a_closed_conversation(owner):
    """A user learns of their own ban where they could not enter anyway; nobody else learns."""
    room = ConversationFactory(type=ConversationType.GROUP)
    moderator = arrive("owner", room)
    bob = arrive("member", room, version="v4", username="bob")
    ban(moderator, "users", "bob")
    assert refused(enter(bob)) == (403, {"error": "ban"})
    assert bob.room("get").http == 404
    assert enter(arrive("stranger", room, version="v4")).http == 404


def test_no_guess_of_the_password(room, owner):
    """Whoever is banned does not learn whether a password is right."""
    owner.room("put", "/password", {"password": "secret!"})
    bob = arrive("self-joined", room, version="v4", username="bob")
    ban(owner, "users", "bob")
    answers = [enter(bob, password=each).whole for each in ("", "secret!", "wrong")]
    assert answers[0][0] == 403
    assert answers == [answers[0]] * 3


def test_room_as_a_stranger(room, owner):
    """They see what everybody with the link sees, which is nothing of the call."""
    bob = arrive("self-joined", room, version="v4", username="bob")
    owner.call("post", {"flags": 7})
    ban(owner, "users", "bob")
    seen, other = (each.room("get") for each in (bob, arrive("stranger", room, version="v4")))
    assert seen.http == 200
    assert seen.whole == other.whole
    assert (seen.data["hasCall"], seen.data["callFlag"]) == (False, 0)


def test_no_call_and_no_poll(room, owner):
    """The call is as unknown as to any stranger, and polls end."""
    bob = arrive("self-joined", room, version="v4", username="bob")
    ban(owner, "users", "bob")
    statuses = [bob.call(method).http for method in ("get", "post", "put", "delete")]
    assert statuses == [404] * 4
    bob.device.version = "v3"
    assert bob.device.get(f"signaling/{room.token}").http == 404


def test_no_relay(room, owner, settings):
    """Who is banned gets no credentials for TURN servers."""
    settings.TALK_CALLS = {
        "TURN_SERVERS": [{"ADDRESS": "turn.example.org:3478", "SECRET": "s3cret"}],
    }
    bob = arrive("self-joined", room, version="v3", username="bob")
    where = {"token": room.token}
    assert bob.device.get("signaling/settings", where).data["turnservers"]
    ban(owner, "users", "bob")
    assert bob.device.get("signaling/settings", where).data["turnservers"] == []


def test_not_listed(room, owner):
    """They do not find the conversation, nor have it in their list."""
    Conversation.objects.filter(pk=room.pk).update(listable=Listable.USERS)
    bob = arrive("member", room, version="v4", username="bob")
    eve = arrive("stranger", room, version="v4")
    ban(owner, "users", "bob")
    assert bob.device.get("listed-room").data == []
    assert [each["token"] for each in eve.device.get("listed-room").data] == [room.token]
    assert bob.device.get("room").data == []


def test_visit(room, owner):
    """The call page is told, with the note; and nothing of the conversation."""
    bob = arrive("self-joined", room, version="v1", username="bob")
    owner.call("post", {"flags": 7})
    assert bob.device.get(f"visit/{room.token}").data["ban"] is None
    ban(owner, "users", "bob", shownNote="Come back tomorrow.", internalNote="secret")
    assert bob.device.get(f"visit/{room.token}").data == {
        "displayName": "",
        "people": [],
        "count": None,
        "moderatorTold": False,
        "callEnd": None,
        "sessionEnd": None,
        "otherDevices": 0,
        "ban": "Come back tomorrow.",
    }


def test_invited_again(room, owner):
    """The ban is lifted first."""
    arrive("member", room, username="bob")
    ban(owner, "users", "bob")
    answer = owner.room("post", "/participants", {"newParticipant": "bob"})
    assert (answer.http, answer.data) == (400, {"error": "ban"})
    assert not room.attendees.filter(user__username="bob").exists()


def test_invitee(room, owner):
    """A banned address of e-mail is not invited again, whatever its letter case."""
    invited = {"newParticipant": "Carol@example.org", "source": "emails"}
    assert owner.room("post", "/participants", invited).http == 200
    attendee = room.attendees.get(actor_type="emails")
    assert ban(owner, "emails", attendee.actor_id).http == 200
    assert not room.attendees.filter(actor_type="emails").exists()
    answer = owner.room("post", "/participants", invited)
    assert (answer.http, answer.data) == (400, {"error": "ban"})


def test_addresses_of_invitees_are_hidden(room, owner):
    """Guests who moderate see as little of them in this list as in that of participants."""
    owner.room("post", "/participants", {"newParticipant": "carol@example.org", "source": "emails"})
    number = ban(owner, "emails", "carol@example.org").data["id"]
    [shown] = ask(arrive("guest moderator", room), "get").data
    assert shown["bannedActorId"] == f"invitee-ban-{number}"
    assert shown["bannedDisplayName"] == "carol"


def test_host_member(owner):
    """Who belongs to an object of the site is removed there; outsiders can be banned."""
    room = ConversationFactory(
        linked_model="x.y", linked_pk="1", linked_allows=Allow.OUTSIDERS | Allow.PUBLIC
    )
    moderator = arrive("owner", room)
    bob = arrive("member", room, username="bob")
    bob.attendee.by_host = True
    bob.attendee.save()
    assert refused(ban(moderator, "users", "bob")) == (403, {"error": "managed"})
    guest = arrive("guest", room)
    assert ban(moderator, "guests", guest.attendee.actor_id).http == 200


def from_address(address: str, room: Conversation) -> OCSAnswer:
    device = OCSClient(version="v4")
    device.browser.defaults["REMOTE_ADDR"] = address
    return device.post(f"room/{room.token}/participants/active")


V4 = ("8.8.8.8", "8.8.8.8", "8.8.4.4")
V6 = ("2600:1::/64", "2600:1::ffff", "2600:1:0:1::17")


@pytest.mark.parametrize(
    ("banned", "expected"),
    [("8.8.8.8", V4), ("::ffff:8.8.8.8", V4), ("2600:1::17", V6), ("2600:1::/64", V6)],
)
def test_address(room, owner, banned, expected):
    """An IPv4 address, or the /64 of one of IPv6, for people without an account."""
    stored, inside, outside = expected
    answer = ban(owner, "ips", banned)
    assert (answer.data["bannedActorId"], answer.data["bannedDisplayName"]) == (stored, stored)
    assert refused(from_address(inside, room)) == (403, {"error": "ban"})
    assert from_address(outside, room).http == 200
    stranger = arrive("stranger", room, version="v4")
    stranger.device.browser.defaults["REMOTE_ADDR"] = inside
    assert enter(stranger).http == 200  # an account is banned by itself


def test_own_address(room, owner):
    """Nobody bans the address from which they come, which may be that of the site's proxy."""
    owner.device.browser.defaults["REMOTE_ADDR"] = "8.8.8.8"
    assert refused(ban(owner, "ips", "8.8.8.8")) == (400, {"error": "self"})


def test_account_is_deleted(room, owner):
    """The ban goes with the account; that of a moderator stays, without the moderator."""
    bob = arrive("member", room, username="bob")
    arrive("owner", room)
    guest = arrive("guest", room)
    ban(owner, "users", "bob")
    ban(owner, "guests", guest.attendee.actor_id)
    bob.attendee.user.delete()
    assert Ban.objects.get().moderator_id == "olga"
    owner.attendee.user.delete()
    left = Ban.objects.get()
    assert (left.moderator_id, left.moderator_name) == ("", "")


def test_conversation_is_deleted(room, owner):
    """Bans go with it."""
    arrive("member", room, username="bob")
    ban(owner, "users", "bob")
    assert owner.room("delete").http == 200
    assert not Ban.objects.exists()


def test_guest_key_is_kept_once():
    """A browser has one key for all conversations, and rows have another for each."""
    device = OCSClient(version="v4")
    rooms = [ConversationFactory(), ConversationFactory()]
    keys = set()
    for room in rooms:
        assert device.post(f"room/{room.token}/participants/active").http == 200
        keys.add(browser_sessions.guest_key(device.browser.session))
    assert len(keys) == 1
    digests = [room.attendees.get().browser for room in rooms]
    assert len({*digests, *keys}) == 3
    assert [len(each) for each in digests] == [32, 32]


def test_users_have_no_key(room):
    """Who has an account is known by it."""
    person = arrive("stranger", room, version="v4")
    enter(person)
    assert room.attendees.get().browser == ""
    assert browser_sessions.guest_key(person.device.browser.session) == ""
