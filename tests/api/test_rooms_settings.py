"""What moderators change: lock, lobby, password (behaviour 6.1, 6.6)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from talk_calls.constants import ConversationType
from talk_calls.models import Conversation
from tests.api.shapes import in_map, inside, newest_by
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import AttendeeFactory, ConversationFactory
from tests.people import MODERATORS, OTHERS, OUTSIDERS, arrive

pytestmark = pytest.mark.django_db

SETTINGS = [
    ("/read-only", {"state": "1"}),
    ("/webinar/lobby", {"state": "1"}),
    ("/webinary/lobby", {"state": "1"}),
    ("/password", {"password": "secret"}),
]


def state(conversation: Conversation) -> dict:
    """Return what can be set, as it is stored."""
    return Conversation.objects.values("read_only", "lobby_state", "lobby_timer", "password").get(
        pk=conversation.pk
    )


# Who may


@pytest.mark.parametrize(("path", "data"), SETTINGS)
@pytest.mark.parametrize("who", [*MODERATORS, *OTHERS, *OUTSIDERS])
def test_who_may_change(version, path, data, who):
    """Moderators may change settings; lock and lobby need a login, which no guest has."""
    room = ConversationFactory()
    person = arrive(who, room, version=version)
    before = state(room)
    answer = person.room("put", path, data)
    is_user = who not in ("guest", "guest moderator", "nobody")
    if path != "/password" and not is_user:
        assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    elif who in OUTSIDERS:
        assert answer.whole == refused(answer, 404)
    elif who in OTHERS:
        assert answer.whole == refused(answer, 403)
    else:
        assert answer.http == 200
        assert state(room) != before
        return
    assert state(room) == before


# Lock


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("after", [0, 1])
def test_lock(version, before, after):
    """Locking and unlocking answer with nothing, also if nothing changes."""
    room = ConversationFactory(read_only=before)
    answer = arrive("owner", room, version=version).room("put", "/read-only", {"state": str(after)})
    assert answer.whole == ok(answer, [])
    assert state(room)["read_only"] == after


@pytest.mark.parametrize("value", ["2", "-1", "abc", "", "true", "1.0", None])
@pytest.mark.parametrize("path", ["/read-only", "/webinar/lobby"])
def test_state_that_does_not_exist(path, value):
    """A state is 0 or 1."""
    room = ConversationFactory()
    before = state(room)
    data = {} if value is None else {"state": value}
    assert arrive("owner", room).room("put", path, data).http == 400
    assert state(room) == before


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("/read-only", 0, None),
        ("/read-only", 1, "A one-to-one conversation cannot be locked."),
        ("/webinar/lobby", 0, "A one-to-one conversation has no lobby."),
        ("/webinar/lobby", 1, "A one-to-one conversation has no lobby."),
    ],
)
def test_one_to_one_has_neither_lock_nor_lobby(path, value, *, message):
    """Two people need no moderation; unlocking what cannot be locked is fine."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    before = state(room)
    answer = arrive("owner", room).room("put", path, {"state": str(value)})
    assert answer.whole == (ok(answer, []) if message is None else refused(answer, 400, message))
    assert state(room) == before


# Lobby


@pytest.mark.parametrize("path", ["/webinar/lobby", "/webinary/lobby"])
@pytest.mark.parametrize("timer", [None, "0", "-5", "4102444800"])
def test_lobby(version, path, timer):
    """The lobby answers with the conversation; v1 callers get it in the shape of v2."""
    room = ConversationFactory()
    person = arrive("owner", room, version=version)
    data = {"state": "1"} | ({} if timer is None else {"timer": timer})
    answer = person.room("put", path, data)
    until = int(timer) if timer and int(timer) > 0 else 0
    room.refresh_from_db()
    expected = inside(
        "v2" if version == "v1" else version,
        person.attendee,
        person.session,
        lastActivity=int(room.last_activity_at.timestamp()),
        canDeleteConversation=True,
        lobbyState=1,
        lobbyTimer=until,
        participants=in_map(person.attendee),
        **newest_by(person.attendee, "You let everybody but moderators wait in the lobby"),
    )
    assert answer.whole == ok(answer, expected)
    stored = state(room)
    moment = datetime.fromtimestamp(until, UTC) if until else None
    assert (stored["lobby_state"], stored["lobby_timer"]) == (1, moment)


def test_lobby_down_forgets_its_timer(version):
    """Without a lobby there is nothing to wait for."""
    later = timezone.now() + timedelta(hours=1)
    room = ConversationFactory(lobby_state=1, lobby_timer=later)
    person = arrive("owner", room, version=version)
    answer = person.room("put", "/webinar/lobby", {"state": "0", "timer": "4102444800"})
    assert (answer.data["lobbyState"], answer.data["lobbyTimer"]) == (0, 0)
    assert state(room)["lobby_timer"] is None


@pytest.mark.parametrize(
    "timer", ["abc", "1.5", "253402300800", "9" * 30, "", "[]", "true", "1e400", '"1e3"']
)
def test_invalid_lobby_timer(timer):
    """A timer is a Unix time that ``datetime`` can represent."""
    room = ConversationFactory()
    person = arrive("owner", room)
    before = state(room)
    assert person.room("put", "/webinar/lobby", {"state": "1", "timer": timer}).http == 400
    json = f'{{"state": 1, "timer": {timer}}}'
    assert person.room("put", "/webinar/lobby", json=json).http == 400
    assert state(room) == before


def test_lobby_whose_timer_elapsed_lets_people_in(version):
    """From the first second after the timer, members can join without any other change."""
    room = ConversationFactory(lobby_state=1, lobby_timer=timezone.now() + timedelta(minutes=1))
    member = arrive("member", room, version=version)
    assert member.call("get").http == 412
    Conversation.objects.update(lobby_timer=timezone.now())
    assert member.call("get").http == 200
    assert member.call("post").http == 200


def test_lobby_by_json_null():
    """An explicit null is no timer."""
    room = ConversationFactory()
    person = arrive("owner", room)
    assert person.room("put", "/webinar/lobby", json='{"state": 1, "timer": null}').http == 200
    assert (state(room)["lobby_state"], state(room)["lobby_timer"]) == (1, None)


# Password


def test_password(version, wire):
    """A password is stored hashed, letter by letter, and an empty one removes it."""
    room = ConversationFactory()
    person = arrive("owner", room, version=version, wire=wire)
    answer = person.room("put", "/password", {"password": "  sécret "})
    assert answer.whole == ok(answer, [])
    assert check_password("  sécret ", state(room)["password"])
    assert not check_password("sécret", state(room)["password"])
    answer = person.room("put", "/password", {"password": ""})
    assert answer.whole == ok(answer, [])
    assert state(room)["password"] == ""


@pytest.mark.parametrize(
    "json", ["{}", '{"password": null}', '{"password": []}', '{"password": "a\\u0000"}']
)
def test_password_that_is_none(json):
    """A password must be there to be set; absence must not remove it."""
    room = ConversationFactory(password="hash")
    answer = arrive("owner", room).room("put", "/password", json=json)
    assert answer.http == 400
    assert state(room)["password"] == "hash"


def test_password_has_a_length_that_can_be_hashed():
    """What is hashed slowly must not be long (CVE-2022-39346)."""
    room = ConversationFactory()
    person = arrive("owner", room)
    assert person.room("put", "/password", {"password": "x" * 1001}).http == 400
    assert person.room("put", "/password", {"password": "x" * 1000}).http == 200


@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.ONE_TO_ONE])
def test_password_only_where_people_come_uninvited(kind):
    """Private conversations have no password."""
    room = ConversationFactory(type=kind)
    answer = arrive("owner", room).room("put", "/password", {"password": "x"})
    assert answer.whole == refused(answer, 403)
    assert state(room)["password"] == ""


def test_moderator_of_another_conversation_is_nobody_here(device):
    """Settings need a moderator of that conversation (CVE-2026-0997), not of any."""
    room = ConversationFactory()
    owner = AttendeeFactory(participant_type=1)
    AttendeeFactory(conversation=room, user=owner.user)
    superuser = AttendeeFactory(conversation=room, user__is_superuser=True, user__is_staff=True)
    for user in (owner.user, superuser.user):
        for path, data in SETTINGS:
            answer = device(user).put(f"room/{room.token}{path}", data)
            assert answer.whole == refused(answer, 403)
