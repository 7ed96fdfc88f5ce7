"""The table from domain error to status, and the names that v4 gives to refusals."""

import pytest

from talk_calls.api.errors import STATUSES
from talk_calls.exceptions import TalkError
from talk_calls.models import Conversation
from tests.factories import ConversationFactory
from tests.people import arrive


def _kinds(parent: type[TalkError]) -> set[type[TalkError]]:
    kinds = set(parent.__subclasses__())
    return kinds.union(*(_kinds(kind) for kind in kinds))


def test_every_domain_error_has_a_status():
    """A refusal that nobody gave a status would be a 500."""
    assert set(STATUSES) == _kinds(TalkError)


CASES = {
    "unknown": ("stranger", {}, "get", "call/unknown", None, 404, "no-conversation"),
    "private": ("stranger", {"type": 2}, "get", "call/{token}", None, 404, "no-conversation"),
    "public": ("stranger", {}, "get", "call/{token}", None, 404, "no-conversation"),
    "room unknown": ("stranger", {}, "get", "room/unknown", None, 404, "no-conversation"),
    "room private": ("stranger", {"type": 2}, "get", "room/{token}", None, 404, "no-conversation"),
    "not joined": ("offline", {}, "post", "call/{token}", None, 404, "no-session"),
    "locked": ("member", {"read_only": 1}, "post", "call/{token}", None, 403, "read-only"),
    "lobby": ("member", {"lobby_state": 1}, "post", "call/{token}", None, 412, "lobby"),
    "both": (
        *("member", {"lobby_state": 1, "read_only": 1}, "get", "call/{token}"),
        *(None, 403, "read-only"),
    ),
    "role": ("member", {}, "put", "room/{token}", {"roomName": "x"}, 403, "not-moderator"),
    "value": ("owner", {}, "put", "room/{token}", {"roomName": " "}, 400, "value"),
    "target": (
        *("owner", {}, "delete", "room/{token}/attendees"),
        *({"attendeeId": 10**9}, 404, "no-target"),
    ),
    "password": (
        *("stranger", {"password": "!"}, "post", "room/{token}/participants/active"),
        *(None, 403, "password"),
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_v4_names_the_error(case):
    """Programs read what people would guess from the status (the same for no and for whose)."""
    who, state, method, path, data, status, error = case
    room = ConversationFactory()
    name = "member" if who == "offline" else who
    person = arrive(name, room, version="v4", online=who != "offline")
    Conversation.objects.filter(pk=room.pk).update(**state)
    answer = person.device.request(method, path.format(token=room.token), data)
    assert (answer.http, answer.data) == (status, {"error": error})


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_older_versions_name_nothing(case, old_version):
    """Their data of a failure is an empty list."""
    who, state, method, path, data, status, _ = case
    if "attendees" in path:
        old_version = "v3"
    room = ConversationFactory()
    name = "member" if who == "offline" else who
    person = arrive(name, room, version=old_version, online=who != "offline")
    Conversation.objects.filter(pk=room.pk).update(**state)
    answer = person.device.request(method, path.format(token=room.token), data)
    assert (answer.http, answer.data) == (status, [])


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("path", ["call/{token}", "room/{token}/participants"])
def test_absent_and_forbidden_look_the_same(method, path):
    """A private conversation is answered like an absent one, to the byte and header."""
    room = ConversationFactory(type=2)
    stranger = arrive("stranger", room, version="v4")
    answers = [
        stranger.device.request(method, path.format(token=token)).response
        for token in (room.token, "x" * len(room.token))
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers
    assert answers[0].status_code == answers[1].status_code
