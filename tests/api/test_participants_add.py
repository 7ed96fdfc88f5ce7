"""``POST /room/{token}/participants``: inviting a user by name (behaviour 7.2)."""

import pytest

from talk_calls.constants import ConversationType, ParticipantType
from talk_calls.models import Attendee, Conversation
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.people import MODERATORS, OTHERS, OUTSIDERS, arrive

pytestmark = pytest.mark.django_db

PATH = "/participants"


@pytest.fixture
def bob():
    return UserFactory(username="bob", first_name="Bob")


@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.PUBLIC])
@pytest.mark.parametrize("source", [None, "users"])
def test_add(bob, version, wire, *, kind, source):
    """A moderator adds a user, who becomes an ordinary member and can come in."""
    room = ConversationFactory(type=kind)
    data = {"newParticipant": "bob"} | ({"source": source} if source else {})
    answer = arrive("moderator", room, version=version, wire=wire).room("post", PATH, data)
    assert answer.whole == ok(answer, [])
    added = Attendee.objects.get(user=bob)
    assert (added.participant_type, added.display_name) == (ParticipantType.USER, "Bob")


@pytest.mark.parametrize("who", [*MODERATORS, *OTHERS, *OUTSIDERS])
def test_who_may_add(bob, version, who):
    """Only moderators with a login add people; others do not learn whether the user exists."""
    room = ConversationFactory()
    person = arrive(who, room, version=version)
    for name in ("bob", "unknown"):
        answer = person.room("post", PATH, {"newParticipant": name})
        if who in ("guest", "guest moderator", "nobody"):
            assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
        elif who == "stranger":
            assert answer.whole == refused(answer, 404)
        elif who in OTHERS:
            assert answer.whole == refused(answer, 403)
        else:
            assert answer.whole == (ok(answer, []) if name == "bob" else refused(answer, 404))
    assert Attendee.objects.filter(user=bob).exists() is (who in ("owner", "moderator"))


@pytest.mark.parametrize(
    ("role", "after"),
    [(1, 1), (2, 2), (3, 3), (5, 3)],
    ids=["owner", "moderator", "member", "self-joined"],
)
def test_add_somebody_who_is_there(bob, version, *, role, after):
    """A member is left as it is; a self-joined user becomes a member."""
    room = ConversationFactory()
    there = AttendeeFactory(conversation=room, user=bob, participant_type=role)
    person = arrive("owner", room, version=version)
    answer = person.room("post", PATH, {"newParticipant": "bob"})
    assert answer.whole == ok(answer, [])
    there.refresh_from_db()
    assert there.participant_type == after
    assert Attendee.objects.filter(user=bob).count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {"newParticipant": "bob", "source": "circles"},
        {"newParticipant": "bob", "source": "emails"},
        {"newParticipant": "bob", "source": "x"},
        {"newParticipant": ""},
        {"newParticipant": "a\x00b"},
        {},
        {"source": "users"},
    ],
)
def test_add_nobody(bob, data):
    """An unknown source or no name is a 400."""
    room = ConversationFactory()
    answer = arrive("owner", room).room("post", PATH, data)
    assert answer.http == 400
    assert Attendee.objects.count() == 1


def test_add_unknown_or_inactive_user():
    """A user who cannot log in cannot be added."""
    room = ConversationFactory()
    UserFactory(username="gone", is_active=False)
    person = arrive("owner", room)
    for name in ("gone", "unknown", "x" * 10_000, "<script>"):
        answer = person.room("post", PATH, {"newParticipant": name})
        assert answer.whole == refused(answer, 404)
    assert Attendee.objects.count() == 1


def test_add_to_a_one_to_one(bob, version):
    """Two people stay two."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    person = arrive("owner", room, version=version)
    answer = person.room("post", PATH, {"newParticipant": "bob"})
    assert answer.whole == refused(answer, 400, "A one-to-one conversation stays one.")
    assert Attendee.objects.count() == 1


def test_add_to_a_locked_conversation(bob, version):
    """The lock concerns calls; moderators can still add members."""
    room = ConversationFactory()
    person = arrive("owner", room, version=version)
    Conversation.objects.update(read_only=1)
    assert person.room("post", PATH, {"newParticipant": "bob"}).http == 200
