"""Users who may not know of all others: somebody fenced off is like somebody unknown."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ConversationType
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Conversation
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.times import START

pytestmark = pytest.mark.django_db


class FencedDirectory(DjangoDirectory):
    """Users find those whose last name is theirs, and groups that are called by it."""

    def users_for(self, viewer):
        users = super().users_for(viewer)
        return users if viewer is None else users.filter(last_name=viewer.last_name)

    def find_group(self, group_id, viewer=None):
        group = super().find_group(group_id)
        is_fenced = group and viewer and viewer.last_name not in group.name
        return None if is_fenced else group


@pytest.fixture
def ann(settings, device, time_machine):
    """Return the client of a moderator; Ben is of her tenant, and Cid is not."""
    time_machine.move_to(START, tick=False)  # times are in statements
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.FencedDirectory"}
    user = UserFactory(username="ann", last_name="red")
    UserFactory(username="ben", last_name="red")
    UserFactory(username="cid", last_name="blue")
    Group.objects.create(name="blues")
    Group.objects.create(name="reds")
    room = ConversationFactory(token="room", type=ConversationType.GROUP)
    AttendeeFactory(conversation=room, user=user, participant_type=1)
    client = device(user)
    client.get("room")  # what is done once per process is done
    return client


def asked(ann, version: str, path: str, data: dict[str, str]) -> tuple[object, list[str]]:
    """Return the whole answer, and the statements without who was asked for."""
    *_, asked_for = data.values()
    ann.version = version
    with CaptureQueriesContext(connection) as queries:
        answer = ann.post(path, data)
    statements = (query["sql"].replace(asked_for, "…") for query in queries)
    return answer.whole, [re.sub(r"\bs\d+_x\d+\b", "savepoint", sql) for sql in statements]


REQUESTS = {
    "one-to-one": ("room", {"roomType": "1"}, "invite", "cid", "ben"),
    "user": ("room/room/participants", {}, "newParticipant", "cid", "ben"),
    "group": ("room/room/participants", {"source": "groups"}, "newParticipant", "blues", "reds"),
    "group's room": ("room", {"roomType": "2"}, "invite", "blues", "reds"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_fenced_off_is_unknown(ann, version, request_):
    """The answers are the same, and so are the statements that made them."""
    path, data, name, fenced_off, found = request_
    before = Conversation.objects.count()
    unknown = asked(ann, version, path, {**data, name: "nobody"})
    assert unknown[0][0] == 404
    assert asked(ann, version, path, {**data, name: fenced_off}) == unknown
    assert Conversation.objects.count() == before
    assert asked(ann, version, path, {**data, name: found})[0][0] in {200, 201}


def test_moderators_remove_whom_they_would_not_find(ann):
    """Whoever belongs to the conversation is named by it, whatever the directory says."""
    room = Conversation.objects.get(token="room")
    cid = AttendeeFactory(conversation=room, user=UserFactory(username="dan", last_name="blue"))
    cid.user.is_active = False
    cid.user.save()
    ann.version = "v3"
    assert ann.delete("room/room/participants", {"participant": "dan"}).http == 200
    assert ann.delete("room/room/participants", {"participant": "dan"}).http == 404
