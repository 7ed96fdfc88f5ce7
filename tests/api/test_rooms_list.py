"""``GET /room``: the caller's own conversations (behaviour 6.1)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.api import capabilities
from talk_calls.constants import ConversationType
from talk_calls.models import Call, SystemMessage
from talk_calls.services import calls
from tests.api import shapes
from tests.api.shapes import in_map, inside
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db


def test_nothing_to_list(device, version, wire):
    """Nobody's conversations are an empty list; public and listed ones of others are not ours."""
    ConversationFactory()
    ConversationFactory(listable=2)
    AttendeeFactory()
    answer = device(UserFactory(), version=version, wire=wire).get("room")
    assert answer.whole == ok(answer, [])


def test_list(device, version, wire):
    """Each conversation stands there once, in the shape of the version."""
    user = UserFactory(username="alice")
    group = AttendeeFactory(user=user, conversation__type=ConversationType.GROUP)
    public = AttendeeFactory(user=user, participant_type=1)
    AttendeeFactory()
    SessionFactory(attendee=public, last_ping=timezone.now() - timedelta(seconds=50))
    newest = SessionFactory(attendee=public)
    calls.join(session=newest, flags=3, now=timezone.now())
    public.conversation.refresh_from_db()
    answer = device(user, version=version, wire=wire).get("room")
    expected = [
        inside(
            version,
            public,
            newest,
            participantFlags=3,
            participantInCall=True,
            hasCall=True,
            callFlag=3,
            callStartTime=int(Call.objects.get().started_at.timestamp()),
            canDeleteConversation=True,
            participants=in_map(public, newest, call=3),
            **shapes.newest(
                SystemMessage.objects.get(),
                "You started a call",
                actor={"type": "user", "id": "alice", "name": "alice"},
            ),
        ),
        inside(version, group, participants=in_map(group)),
    ]
    found = sorted(answer.data, key=lambda room: str(room["token"]), reverse=True)
    answer_sorted = (answer.http, {**answer.ocs, "data": found})
    expected.sort(key=lambda room: room["token"], reverse=True)
    assert answer_sorted == ok(answer, expected)


@pytest.mark.parametrize("guest", [False, True])
def test_list_needs_a_login(version, guest):
    """Guests have no list, whatever they joined."""
    client = OCSClient(version=version)
    if guest:
        client.post(f"room/{ConversationFactory().token}/participants/active")
    answer = client.get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


@pytest.mark.contract("2.8")
def test_hash_of_the_capabilities(device, version):
    """The list and each conversation have the hash of the capabilities."""
    attendee = AttendeeFactory()
    client = device(attendee.user, version=version)
    for path in ("room", f"room/{attendee.conversation.token}"):
        header = client.get(path).response["X-Nextcloud-Talk-Hash"]
        assert header == capabilities.talk_hash(attendee.user)
