"""What moderators do by the API is recorded, and what people do for themselves is not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from talk_calls.models import AuditEntry, Ban
from talk_calls.services import audit_context, conversations
from tests.audit.entries import clear, trail
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

#: Method, path, parameters, and the entry: action, and on whom.
CHANGES = [
    ("put", "room/{token}", {"roomName": "x"}, "renamed", ""),
    ("put", "room/{token}/description", {"description": "x"}, "description_changed", ""),
    ("delete", "room/{token}/public", {}, "made_private", ""),
    ("put", "room/{token}/read-only", {"state": 1}, "locked", ""),
    ("put", "room/{token}/webinar/lobby", {"state": 1}, "lobby_raised", ""),
    ("put", "room/{token}/listable", {"scope": 1}, "listing_changed", ""),
    ("put", "room/{token}/password", {"password": "x"}, "password_set", ""),
    ("put", "room/{token}/mention-permissions", {"mentionPermissions": 1}, "mentions_changed", ""),
    ("put", "room/{token}/permissions/default", {"permissions": 6}, "permissions_changed", ""),
    ("put", "room/{token}/permissions/call", {"permissions": 6}, "permissions_changed", ""),
    (
        "put",
        "room/{token}/attendees/permissions/all",
        {"permissions": 6},
        "permissions_changed",
        "",
    ),
    (
        *("put", "room/{token}/attendees/permissions"),
        {"attendeeId": "{bob}", "permissions": 6},
        *("permissions_changed", "Bob"),
    ),
    ("post", "room/{token}/participants", {"newParticipant": "carol"}, "attendee_added", "carol"),
    (
        *("post", "room/{token}/participants"),
        {"newParticipant": "x@example.org", "source": "emails"},
        *("attendee_added", "x@example.org"),
    ),
    ("post", "room/{token}/moderators", {"attendeeId": "{bob}"}, "promoted", "Bob"),
    ("delete", "room/{token}/moderators", {"attendeeId": "{mod}"}, "demoted", "Mod"),
    ("delete", "room/{token}/attendees", {"attendeeId": "{bob}"}, "attendee_removed", "Bob"),
    ("delete", "room/{token}/attendees", {"attendeeId": "{guest}"}, "attendee_removed", "Gina"),
    ("delete", "call/{token}", {"all": "true"}, "call_ended", ""),
    ("delete", "room/{token}", {}, "conversation_deleted", ""),
]


@pytest.fixture
def room():
    return ConversationFactory(name="Weekly")


@pytest.fixture
def olga(room):
    """Return the owner, who is in the call alone."""
    owner = arrive("owner", room, version="v4", username="olga")
    owner.attendee.display_name = "olga"
    owner.attendee.save()
    owner.device.post(f"call/{room.token}")
    clear()
    return owner


@pytest.fixture
def people(room):
    bob = AttendeeFactory(conversation=room, user__username="bob", display_name="Bob")
    mod = AttendeeFactory(conversation=room, participant_type=2, display_name="Mod")
    guest = GuestFactory(conversation=room, display_name="Gina")
    UserFactory(username="carol")
    return {"bob": bob.pk, "mod": mod.pk, "guest": guest.pk}


@pytest.mark.parametrize(
    "change",
    CHANGES,
    ids=[f"{path.rpartition('}')[2]}-{action}-{target}" for _, path, _, action, target in CHANGES],
)
def test_changes(room, olga, people, change):
    """One entry for each change, which names everybody, the conversation and the source."""
    method, path, data, action, target = change
    values = {"token": room.token, **people}
    data = {name: str(value).format(**values) for name, value in data.items()}
    answer = olga.device.request(method, path.format(**values), data)
    assert answer.http in {200, 201}, answer.whole
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.target_name, entry.source) == (action, target, "api")
    assert (entry.actor_type, entry.actor_id, entry.actor_name) == ("users", "olga", "olga")
    assert entry.actor_user == olga.attendee.user
    assert (entry.conversation_pk, entry.conversation_token) == (room.pk, room.token)


def test_bans(room, olga, people):
    """A ban is an entry with the moderators' note, beside the removal; and so is lifting it."""
    data = {"actorType": "users", "actorId": "bob", "internalNote": "Shouts."}
    olga.device.version = "v1"
    assert olga.device.post(f"ban/{room.token}", data).http == 200
    assert trail() == [
        ("banned", "api", "olga", "Bob", "Shouts."),
        ("attendee_removed", "api", "olga", "Bob", ""),
    ]
    assert olga.device.delete(f"ban/{room.token}/{Ban.objects.get().pk}").http == 200
    assert trail() == [("ban_lifted", "api", "olga", "Bob", "")]


def test_values(room, olga):
    """Details have a value before and after, but never a password, nor a text of the moderators."""
    device, path = olga.device, f"room/{room.token}"
    device.put(f"{path}/read-only", {"state": 1})
    device.put(f"{path}/password", {"password": "secret"})
    device.put(f"{path}/description", {"description": "secret"})
    found = AuditEntry.objects.order_by("pk").values_list("details", flat=True)
    assert list(found) == [{"read_only": {"before": 0, "after": 1}}, {}, {}]


def test_coming_and_going(room, olga):
    """Nobody is recorded who comes, calls, leaves, or changes something of their own."""
    bob = arrive("member", room, version="v4", username="bob")
    clear()
    token = room.token
    for method, path, data in [
        ("post", f"room/{token}/participants/active", {}),
        ("post", f"call/{token}", {}),
        ("delete", f"call/{token}", {}),
        ("post", f"room/{token}/favorite", {}),
        ("delete", f"room/{token}/participants/active", {}),
        ("delete", f"room/{token}/participants/self", {}),
    ]:
        bob.device.request(method, path, data)
    olga.device.delete(f"call/{token}")
    assert trail() == []


def test_permissions_of_a_call_that_ends(room, olga):
    """They go with the call, which nobody has to do."""
    olga.device.put(f"room/{room.token}/permissions/call", {"permissions": 6})
    clear()
    olga.device.delete(f"call/{room.token}")
    room.refresh_from_db()
    assert (room.call_permissions, trail()) == (0, [])


@pytest.mark.parametrize("data", [{"state": 1}, {"state": 7}])
def test_refused(room, data):
    """What is refused leaves nothing, whether it is forbidden or wrong."""
    dora = arrive("member", room, version="v4", username="dora")
    clear()
    assert dora.device.put(f"room/{room.token}/read-only", data).http in {400, 403}
    assert trail() == []


def test_the_context_ends_with_the_request(room, olga):
    """After a request, and in other threads, the source is the site again."""
    olga.device.put(f"room/{room.token}/read-only", {"state": 1})
    assert audit_context.current() == audit_context.AuditContext()
    with audit_context.acting_from("command", name="root", reason="test"):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(audit_context.current).result() == audit_context.AuditContext()
        olga.device.put(f"room/{room.token}/read-only", {"state": 0})
        conversations.rename(conversation=room, name="x")
    assert trail() == [
        ("locked", "api", "olga", "", ""),
        ("unlocked", "api", "olga", "", ""),
        ("renamed", "command", "root", "", "test"),
    ]
