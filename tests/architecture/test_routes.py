"""Every route of the package, and who gets what from it.

The routes are read from the URL configuration, so one that is added without a line in these tables
fails the suite, and so does a line without a route.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, resolve

from talk_calls import urls
from talk_calls.api.throttling.guesses import REPEATS
from talk_calls.constants import ConversationType
from talk_calls.models import Conversation
from talk_calls.urls import accounts
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db

VERSIONS = ("v1", "v2", "v3", "v4")
OLD = VERSIONS[:3]
ROLES = (
    "nobody",
    "guest",
    "guest moderator",
    "stranger",
    "self-joined",
    "member",
    "moderator",
    "owner",
)


@dataclass(frozen=True)
class Endpoint:
    """A route with one method: how to ask, and who gets which status, in the order of ``ROLES``.

    ``private`` holds the statuses in a conversation that is not public, for those who can be there.
    ``locked``, ``lobby`` and ``secret`` (with a password) are those of public conversations in such
    a state, where it makes a difference. ``header`` is False where no OCS header is needed.
    """

    method: str
    route: str
    path: str
    public: tuple[int, ...]
    private: tuple[int, ...]
    data: dict[str, str | int] | None = None
    versions: tuple[str, ...] = VERSIONS
    locked: tuple[int, ...] | None = None
    lobby: tuple[int, ...] | None = None
    secret: tuple[int, ...] | None = None
    header: bool = True


#: For most of v4's routes: nobody in particular is meant, and people only are who they are.
MODERATORS_ONLY = (404, 403, 200, 404, 403, 403, 200, 200)
MODERATORS_ONLY_PRIVATE = (404, 404, 403, 200, 200)
MODERATING_USERS_ONLY = (401, 401, 401, 404, 403, 403, 200, 200)
MODERATING_USERS_ONLY_PRIVATE = (401, 404, 403, 200, 200)
LOCKED = (404, 403, 403, 404, 403, 403, 403, 403)
LOBBY = (404, 412, 200, 404, 412, 412, 200, 200)
#: For the chat: all who belong to the conversation read it, and nobody writes to it.
READERS = (404, 200, 200, 404, 200, 200, 200, 200)
READERS_PRIVATE = (404, 404, 200, 200, 200)
NOBODY = (404, 403, 403, 404, 403, 403, 403, 403)
NOBODY_PRIVATE = (404, 404, 403, 403, 403)
PRIVATE_ROLES = ("nobody", "stranger", "member", "moderator", "owner")
#: Whom each of the gates treats in its own way; the others are treated as one of them is.
GATED_ROLES = ("nobody", "guest", "self-joined", "moderator")

ENDPOINTS = [
    Endpoint(
        "get",
        "call-detail",
        "call/{token}",
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
        locked=LOCKED,
        lobby=LOBBY,
    ),
    Endpoint(
        "post",
        "call-detail",
        "call/{token}",
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
        locked=LOCKED,
        lobby=LOBBY,
    ),
    Endpoint(
        "delete",
        "call-detail",
        "call/{token}",
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
        locked=LOCKED,
        lobby=LOBBY,
        versions=OLD,
    ),
    Endpoint(
        "get",
        "room-list",
        "room",
        public=(401, 401, 401, 200, 200, 200, 200, 200),
        private=(401, 200, 200, 200, 200),
    ),
    Endpoint(
        "post",
        "room-list",
        "room",
        data={"roomType": 3, "roomName": "Another"},
        public=(401, 401, 401, 201, 201, 201, 201, 201),
        private=(401, 201, 201, 201, 201),
    ),
    Endpoint(
        "get",
        "room-detail",
        "room/{token}",
        public=(200, 200, 200, 200, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "put",
        "room-detail",
        "room/{token}",
        data={"roomName": "Renamed"},
        public=(404, 403, 200, 404, 403, 403, 200, 200),
        private=(404, 404, 403, 200, 200),
    ),
    Endpoint(
        "delete",
        "room-detail",
        "room/{token}",
        public=(404, 403, 200, 404, 403, 403, 200, 200),
        private=(404, 404, 403, 200, 200),
    ),
    Endpoint(
        "post",
        "room-public",
        "room/{token}/public",
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "delete",
        "room-public",
        "room/{token}/public",
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "post",
        "room-moderators",
        "room/{token}/moderators",
        data={"participant": "newcomer"},
        public=(404, 403, 404, 404, 403, 403, 404, 404),  # whom nobody invited yet
        private=(404, 404, 403, 404, 404),
        versions=OLD,
    ),
    Endpoint(
        "delete",
        "room-moderators",
        "room/{token}/moderators",
        data={"participant": "newcomer"},
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
        versions=OLD,
    ),
    Endpoint(
        "put",
        "room-description",
        "room/{token}/description",
        data={"description": "What it is about"},
        versions=("v3", "v4"),
        public=(404, 403, 200, 404, 403, 403, 200, 200),
        private=(404, 404, 403, 200, 200),
    ),
    Endpoint(
        "put",
        "room-listable",
        "room/{token}/listable",
        data={"scope": 1},
        versions=("v3", "v4"),
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "get",
        "room-participants",
        "room/{token}/participants",
        public=(404, 403, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
        lobby=(404, 403, 200, 404, 412, 412, 200, 200),
    ),
    Endpoint(
        "post",
        "room-participants",
        "room/{token}/participants",
        data={"newParticipant": "newcomer"},
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "delete",
        "room-participants",
        "room/{token}/participants",
        data={"participant": "newcomer"},  # whom nobody invited
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
        versions=OLD,
    ),
    Endpoint(
        "delete",
        "room-guests",
        "room/{token}/participants/guests",
        data={"participant": "no session"},
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
        versions=OLD,
    ),
    Endpoint(
        "delete",
        "room-self",
        "room/{token}/participants/self",
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    Endpoint(
        "delete",
        "room-attendees",
        "room/{token}/attendees",
        data={"attendeeId": 1_000_000},
        versions=("v3", "v4"),
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
    ),
    Endpoint(
        "post",
        "room-favorite",
        "room/{token}/favorite",
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    Endpoint(
        "delete",
        "room-favorite",
        "room/{token}/favorite",
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    Endpoint(
        "post",
        "room-notify",
        "room/{token}/notify",
        data={"level": 1},
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    Endpoint(
        "get",
        "listed-room-list",
        "listed-room",
        versions=("v3", "v4"),
        public=(401, 401, 401, 200, 200, 200, 200, 200),
        private=(401, 200, 200, 200, 200),
    ),
    Endpoint(
        "post",
        "room-active-session",
        "room/{token}/participants/active",
        public=(200, 200, 200, 200, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
        secret=(403, 200, 200, 403, 200, 200, 200, 200),  # who is in comes in again
    ),
    Endpoint(
        "delete",
        "room-active-session",
        "room/{token}/participants/active",
        public=(200, 200, 200, 200, 200, 200, 200, 200),
        private=(200, 200, 200, 200, 200),
    ),
    Endpoint(
        "put",
        "room-read-only",
        "room/{token}/read-only",
        data={"state": 1},
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "put",
        "room-lobby",
        "room/{token}/webinar/lobby",
        data={"state": 1},
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "put",
        "room-password",
        "room/{token}/password",
        data={"password": "secret"},
        public=(404, 403, 200, 404, 403, 403, 200, 200),
        private=(404, 404, 403, 403, 403),  # only public conversations have a password
    ),
    Endpoint(
        "post",
        "guest-name",
        "guest/{token}/name",
        data={"displayName": "Gus"},
        versions=("v1",),
        public=(404, 200, 200, 404, 403, 403, 403, 403),
        private=(404, 404, 403, 403, 403),
    ),
    Endpoint(
        "get",
        "signaling-settings",
        "signaling/settings",
        data={"token": "{token}"},
        versions=OLD,
        public=(200,) * 8,
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "get",
        "signaling-detail",
        "signaling/{token}",
        versions=OLD,
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "post",
        "signaling-detail",
        "signaling/{token}",
        data={"messages": "[]"},
        versions=OLD,
        public=(200,) * 8,  # the answer does not depend on the message
        private=(200,) * 5,
    ),
    Endpoint(
        "get",
        "room-avatar",
        "room/{token}/avatar",
        versions=("v1",),
        header=False,
        public=(200,) * 8,
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "get",
        "room-avatar-dark",
        "room/{token}/avatar/dark",
        versions=("v1",),
        header=False,
        public=(200,) * 8,
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "get",
        "visit-detail",
        "visit/{token}",
        versions=("v1",),
        public=(200,) * 8,
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "delete",
        "visit-others",
        "visit/{token}/others",
        versions=("v1",),
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    # --- v4 ---
    Endpoint(
        "delete",
        "call-detail",
        "call/{token}",
        versions=("v4",),
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "put",
        "call-detail",
        "call/{token}",
        data={"flags": 1},
        versions=("v4",),
        public=(404, 400, 400, 404, 400, 400, 400, 400),  # who is not in the call
        private=(404, 404, 400, 400, 400),
    ),
    Endpoint(
        "post",
        "call-ring",
        "call/{token}/ring/1000000",
        versions=("v4",),
        public=(404, 400, 400, 404, 400, 400, 400, 400),  # without a call
        private=(404, 404, 400, 400, 400),
    ),
    Endpoint(
        "get",
        "call-notification-state",
        "call/{token}/notification-state",
        versions=("v4",),
        public=(401, 401, 401, 404, 201, 201, 201, 201),  # a call that was missed
        lobby=(401, 401, 401, 404, 404, 404, 201, 201),
        private=(401, 404, 201, 201, 201),
    ),
    Endpoint(
        "get",
        "call-download",
        "call/{token}/download",
        versions=("v4",),
        header=False,
        public=(404, 403, 400, 404, 403, 403, 400, 400),  # without a call
        private=(404, 404, 403, 400, 400),
    ),
    *(
        Endpoint(
            method,
            "room-moderators",
            "room/{token}/moderators",
            data={"attendeeId": 1_000_000},
            versions=("v4",),
            public=(404, 403, 404, 404, 403, 403, 404, 404),
            private=(404, 404, 403, 404, 404),
        )
        for method in ("post", "delete")
    ),
    Endpoint(
        "post",
        "room-resend-invitations",
        "room/{token}/participants/resend-invitations",
        versions=("v3", "v4"),
        public=(401, 401, 401, 404, 403, 403, 200, 200),
        private=(401, 404, 403, 200, 200),
    ),
    Endpoint(
        "put",
        "room-session-state",
        "room/{token}/participants/state",
        data={"state": 0},
        versions=("v4",),
        public=(404, 200, 200, 404, 200, 200, 200, 200),
        private=(404, 404, 200, 200, 200),
    ),
    Endpoint(
        "put",
        "room-permissions",
        "room/{token}/permissions/default",
        data={"permissions": 6},
        versions=("v4",),
        public=MODERATORS_ONLY,
        private=MODERATORS_ONLY_PRIVATE,
    ),
    Endpoint(
        "put",
        "room-attendee-permissions",
        "room/{token}/attendees/permissions",
        data={"attendeeId": 1_000_000, "permissions": 6},
        versions=("v4",),
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
    ),
    Endpoint(
        "put",
        "room-all-permissions",
        "room/{token}/attendees/permissions/all",
        data={"permissions": 6},
        versions=("v4",),
        public=MODERATORS_ONLY,
        private=MODERATORS_ONLY_PRIVATE,
    ),
    Endpoint(
        "put",
        "room-recording-consent",
        "room/{token}/recording-consent",
        data={"recordingConsent": 1},
        versions=("v4",),
        public=(401, 401, 401, 404, 403, 403, 400, 400),  # the site does not offer it
        private=(401, 404, 403, 400, 400),
    ),
    Endpoint(
        "post",
        "room-message-expiration",
        "room/{token}/message-expiration",
        data={"seconds": 60},
        versions=("v4",),
        public=MODERATING_USERS_ONLY,
        private=MODERATING_USERS_ONLY_PRIVATE,
    ),
    Endpoint(
        "put",
        "room-mention-permissions",
        "room/{token}/mention-permissions",
        data={"mentionPermissions": 1},
        versions=("v4",),
        public=MODERATING_USERS_ONLY,
        private=MODERATING_USERS_ONLY_PRIVATE,
    ),
    Endpoint(
        "post",
        "room-notify-calls",
        "room/{token}/notify-calls",
        data={"level": 0},
        versions=("v4",),
        public=(401, 401, 401, 404, 200, 200, 200, 200),
        private=(401, 404, 200, 200, 200),
    ),
    Endpoint(
        "get",
        "chat-detail",
        "chat/{token}",
        public=(404, 304, 304, 404, 304, 304, 304, 304),
        private=(404, 404, 304, 304, 304),
        lobby=(404, 412, 304, 404, 412, 412, 304, 304),
        versions=("v1",),
    ),
    Endpoint(
        "get",
        "chat-context",
        "chat/{token}/2000000/context",
        public=(404, 304, 304, 404, 304, 304, 304, 304),
        private=(404, 404, 304, 304, 304),
        lobby=(404, 412, 304, 404, 412, 412, 304, 304),
        versions=("v1",),
    ),
    *(
        Endpoint(method, route, path, READERS, READERS_PRIVATE, lobby=LOBBY, versions=("v1",))
        for method, route, path in (
            ("post", "chat-read", "chat/{token}/read"),
            ("delete", "chat-read", "chat/{token}/read"),
            ("get", "chat-mentions", "chat/{token}/mentions"),
            ("get", "chat-share", "chat/{token}/share"),
            ("get", "chat-overview", "chat/{token}/share/overview"),
            ("get", "chat-schedule", "chat/{token}/schedule"),
            ("get", "reaction-message", "reaction/{token}/2000000"),
            ("get", "bot-detail", "bot/{token}"),
        )
    ),
    *(
        Endpoint(method, route, path, NOBODY, NOBODY_PRIVATE, versions=("v1",))
        for method, route, path in (
            ("post", "chat-detail", "chat/{token}"),
            ("delete", "chat-detail", "chat/{token}"),
            ("put", "chat-message", "chat/{token}/2000000"),
            ("delete", "chat-message", "chat/{token}/2000000"),
            ("post", "chat-share", "chat/{token}/share"),
            ("post", "chat-schedule", "chat/{token}/schedule"),
            ("post", "reaction-message", "reaction/{token}/2000000"),
            ("delete", "reaction-message", "reaction/{token}/2000000"),
            ("post", "poll-detail", "poll/{token}"),
            ("post", "poll-vote", "poll/{token}/3000000"),
            ("delete", "poll-vote", "poll/{token}/3000000"),
            ("post", "bot-bot", "bot/{token}/4000000"),
            ("delete", "bot-bot", "bot/{token}/4000000"),
        )
    ),
    Endpoint(
        "get",
        "ban-detail",
        "ban/{token}",
        versions=("v1",),
        public=MODERATORS_ONLY,
        private=MODERATORS_ONLY_PRIVATE,
    ),
    Endpoint(
        "post",
        "ban-detail",
        "ban/{token}",
        data={"actorType": "users", "actorId": "newcomer"},
        versions=("v1",),
        public=(404, 403, 400, 404, 403, 403, 200, 200),  # guests find nobody who is not there
        private=MODERATORS_ONLY_PRIVATE,
    ),
    Endpoint(
        "delete",
        "ban-one",
        "ban/{token}/1000000",
        versions=("v1",),
        public=(404, 403, 404, 404, 403, 403, 404, 404),
        private=(404, 404, 403, 404, 404),
    ),
]

EACH = [
    pytest.param(version, endpoint, id=f"{version} {endpoint.method} {endpoint.route}")
    for endpoint in ENDPOINTS
    for version in endpoint.versions
]
EACH_ROUTE = [
    pytest.param(version, endpoint, id=f"{version} {endpoint.route}")
    for version, endpoint in {
        (version, endpoint.route): (version, endpoint)
        for endpoint in ENDPOINTS
        for version in endpoint.versions
    }.values()
]
EACH_LINE = [
    pytest.param(endpoint, id=f"{endpoint.versions[-1]} {endpoint.method} {endpoint.route}")
    for endpoint in ENDPOINTS
]
#: `signaling-backend` is for signaling servers (tests/hpb/test_backend.py).
OUTSIDE_API = {"absent-app", "client-address", "signaling-backend", "unknown-route"}


def served_by(version: str) -> list[Endpoint]:
    """Return the endpoints of a version."""
    return [endpoint for endpoint in ENDPOINTS if version in endpoint.versions]


def routes(patterns, path: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Return namespace, path and pattern of everything that the package serves."""
    for each in patterns:
        if isinstance(each, URLResolver):
            for namespace, below, pattern in routes(each.url_patterns, path + str(each.pattern)):
                yield each.namespace or namespace, below, pattern
        else:
            yield "", path + str(each.pattern), each


def served() -> set[tuple[str, str, str]]:
    """Return version, name and method of every endpoint."""
    return {
        (version, pattern.name, method)
        for version, _, pattern in routes(urls.urlpatterns)
        if pattern.name not in OUTSIDE_API
        for method in pattern.callback.actions
        if method != "head"
    }


def statuses(
    endpoint: Endpoint, version: str, kind: ConversationType, roles, state: str = "open"
) -> dict[str, int]:
    """Return what everybody gets, each in a conversation of their own; refusals leave no trace."""
    UserFactory(username="newcomer")
    answers = {}
    for who in roles:
        conversation = ConversationFactory(type=kind)
        person = arrive(who, conversation, version=version)
        STATES[state](conversation)
        path = endpoint.path.format(token=conversation.token)
        data = _about(conversation, endpoint.data)
        before = _state(conversation)
        answer = person.device.request(endpoint.method, path, data)
        if "json" in answer.response.headers.get("Content-Type", ""):
            assert answer.code == (997 if answer.http == 401 else answer.http), who
        assert answer.http < 400 or _state(conversation) == before, who
        answers[who] = answer.http
    return answers


def _about(conversation: Conversation, data: dict[str, str | int] | None):
    """Return parameters with the conversation's token where they name it."""
    return data and {k: conversation.token if v == "{token}" else v for k, v in data.items()}


def _change(**values):
    return lambda room: Conversation.objects.filter(pk=room.pk).update(**values)


STATES = {
    "open": lambda room: None,
    "locked": _change(read_only=1),
    "lobby": _change(lobby_state=1),
    "secret": _change(password=make_password("sesame")),
    "deleted": lambda room: Conversation.objects.filter(pk=room.pk).delete(),
}


def in_state(endpoint: Endpoint, state: str) -> tuple[int, ...]:
    """Return who gets what in a public conversation of that state."""
    if state != "deleted":
        return getattr(endpoint, state) or endpoint.public
    if endpoint.route == "signaling-settings":
        return (404,) * len(ROLES)  # names its conversation by a parameter
    if endpoint.route == "signaling-detail" and endpoint.method == "post":
        return endpoint.public  # the 2021 web client sends to a conversation "null"
    if "{token}" not in endpoint.path or endpoint.route == "room-active-session":
        leaving = endpoint.method == "delete" or "{token}" not in endpoint.path
        return endpoint.public if leaving else (404,) * len(ROLES)
    return tuple(401 if status == 401 else 404 for status in endpoint.public)


# --- the inventory ----------------------------------------------------------------------------


def test_every_route_is_in_the_table():
    """A route without an entry fails here, and so does an entry without a route."""
    known = {
        (version, endpoint.route, endpoint.method)
        for endpoint in ENDPOINTS
        for version in endpoint.versions
    }
    assert served() == known


def test_whatever_is_outside_of_the_api_answers_unknown_route():
    """Other views of the package: the one that refuses, and the one for signaling servers."""
    others = {pattern.name for version, _, pattern in routes(urls.urlpatterns) if not version}
    assert others == OUTSIDE_API


@pytest.mark.parametrize(("version", "endpoint"), EACH_ROUTE)
def test_table_reaches_the_route_it_names(version, endpoint):
    """The path of a line leads to the route of that name."""
    path = f"ocs/v2.php/apps/spreed/api/{version}/" + endpoint.path.format(token="token")
    [found] = [
        pattern.name
        for namespace, regex, pattern in routes(urls.urlpatterns)
        if namespace == version and re.fullmatch(_one_regex(regex), path)
    ]
    assert found == endpoint.route


def _one_regex(path: str) -> str:
    """Return the parts of a path as one regular expression; each part begins with its own ^."""
    return path.replace("^", "")


def test_paths_are_anchored():
    """No route matches only the beginning of a path."""
    loose = [
        path
        for version, path, pattern in routes(urls.urlpatterns)
        if version and not path.endswith(r"\Z")
    ]
    assert loose == []


# --- who gets what ----------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "endpoint"), EACH)
def test_public_conversation(version, endpoint):
    """Each role gets the status of the table from each route."""
    expected = dict(zip(ROLES, endpoint.public, strict=True))
    assert statuses(endpoint, version, ConversationType.PUBLIC, ROLES) == expected


@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_private_conversation(endpoint):
    """Outsiders get 404 from each route, members what the table states."""
    version = endpoint.versions[-1]
    expected = dict(zip(PRIVATE_ROLES, endpoint.private, strict=True))
    assert statuses(endpoint, version, ConversationType.GROUP, PRIVATE_ROLES) == expected


@pytest.mark.parametrize("state", [state for state in STATES if state != "open"])
@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_each_state(endpoint, state):
    """Each role gets the table's status: locked, in the lobby, behind a password, deleted.

    Where the state makes no difference to a route, one of each kind shows that there is no gate.
    """
    version = endpoint.versions[-1]
    roles = ROLES if getattr(endpoint, state, None) else GATED_ROLES
    expected = dict(zip(ROLES, in_state(endpoint, state), strict=True))
    found = statuses(endpoint, version, ConversationType.PUBLIC, roles, state)
    assert found == {who: expected[who] for who in roles}


def _state(conversation: Conversation) -> list[list[dict[str, object]]]:
    found = Conversation.objects.filter(pk=conversation.pk)
    people = (conversation.attendees, conversation.sessions, conversation.calls)
    return [list(rows.order_by("pk").values()) for rows in (found, *people)]


# --- what holds on every route ----------------------------------------------------------------


def test_request_without_the_header_is_refused(version):
    """Without ``OCS-APIRequest`` every endpoint answers the raw 412, for everybody."""
    conversation = ConversationFactory()
    nobody, owner = (arrive(who, conversation, version=version) for who in ("nobody", "owner"))
    for endpoint in served_by(version):
        if not endpoint.header:
            continue
        path = endpoint.path.format(token=conversation.token)
        for person in (nobody, owner):
            response = person.device.request(
                endpoint.method, path, endpoint.data, headers={"OCS-APIRequest": None}
            ).response
            answer = (response.status_code, response.json())
            assert answer == (412, {"message": "CSRF check failed"}), endpoint


def test_wrong_password_is_refused(version):
    """A wrong password is refused everywhere, also where nobody needs one."""
    owner = arrive("owner", ConversationFactory(), version=version)
    owner.device.password = "wrong"
    meta = {"status": "failure", "statuscode": 997, "message": "Unauthorised"}
    for number, endpoint in enumerate(served_by(version)):
        if not number % REPEATS:
            cache.clear()  # one wrong password is not refused forever without being throttled
        path = endpoint.path.format(token=owner.conversation.token)
        answer = owner.device.request(endpoint.method, path, endpoint.data)
        assert answer.whole == (401, {"meta": meta, "data": []}), endpoint


CREDENTIALS = {
    "unknown user": "Basic " + base64.b64encode(b"nobody:nothing").decode(),
    "no colon": "Basic " + base64.b64encode(b"nobody").decode(),
    "no base64": "Basic %%%",
    "nothing": "Basic",
    "unknown token": "Bearer AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
}


@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
def test_invalid_credentials_are_refused(version, credentials):
    """Invalid credentials are 401, and never fall back to a guest."""
    conversation = ConversationFactory()
    device = OCSClient(version=version)
    for path in (f"room/{conversation.token}", f"call/{conversation.token}", "room"):
        answer = device.request("get", path, headers={"Authorization": credentials})
        assert (answer.http, answer.code) == (401, 997), path


def test_other_methods_are_refused(version):
    """A method that a route does not have is answered with a bare 405."""
    owner = arrive("owner", ConversationFactory(), version=version)
    for endpoint in served_by(version):
        known = {each.method for each in served_by(version) if each.route == endpoint.route}
        path = endpoint.path.format(token=owner.conversation.token)
        for method in {"get", "post", "put", "delete", "patch", "options", "trace"} - known:
            response = owner.device.request(method, path).response
            assert (response.status_code, response.content) == (405, b""), (endpoint, method)
            allowed = set(response["Allow"].lower().split(", "))
            assert allowed - {"head"} == known, (endpoint, method)


@pytest.mark.parametrize("version", ["v2", "v3", "v4"])
def test_guests_are_named_in_v1_only(version):
    """The name of a guest is a route of v1 and of no other version."""
    guest = arrive("guest", ConversationFactory(), version=version, wire="xml")
    answer = guest.device.post(f"guest/{guest.conversation.token}/name", {"displayName": "Gus"})
    assert (answer.http, answer.code) == (404, 404)


# --- the accounts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountRoute:
    """A route of ``talk_calls.accounts.urls``: what nobody gets, and what a logged-in user."""

    method: str
    name: str
    path: str
    nobody: int
    user: int

    @property
    def paths(self) -> tuple[str, ...]:
        """Return all paths under which it is served."""
        if self.path.startswith("ocs/"):
            return self.path, self.path.replace("v2.php", "v1.php")
        return (
            (self.path,) if self.path.startswith("talk/") else (self.path, f"index.php/{self.path}")
        )


ACCOUNT_ROUTES = [
    AccountRoute("get", "capabilities", "ocs/v2.php/cloud/capabilities", 200, 200),
    AccountRoute("get", "user", "ocs/v2.php/cloud/user", 401, 200),
    AccountRoute("get", "other-user", "ocs/v2.php/cloud/users/alice", 401, 200),
    AccountRoute("get", "find-people", "ocs/v2.php/core/autocomplete/get", 401, 200),
    AccountRoute("delete", "own-app-password", "ocs/v2.php/core/apppassword", 401, 403),
    AccountRoute("get", "status", "status.php", 200, 200),
    AccountRoute("post", "login-start", "login/v2", 200, 200),
    AccountRoute("post", "login-poll", "login/v2/poll", 404, 404),
    AccountRoute("get", "login-flow", "login/v2/flow/nonsense", 302, 404),
    AccountRoute("post", "login-flow", "login/v2/flow/nonsense", 302, 404),
    AccountRoute("get", "login-direct", "login/flow", 302, 200),
    AccountRoute("post", "login-direct", "login/flow", 302, 400),
    AccountRoute("get", "avatar", "avatar/alice/64", 200, 200),
    AccountRoute("get", "avatar-dark", "avatar/alice/64/dark", 200, 200),
    AccountRoute("get", "log-in-again", "talk/log-in-again/", 302, 302),
    AccountRoute("post", "log-in-again", "talk/log-in-again/", 302, 302),
    AccountRoute("get", "app-passwords", "talk/app-passwords/", 302, 200),
    AccountRoute("post", "app-passwords", "talk/app-passwords/", 302, 400),
    AccountRoute("get", "revoke", "talk/app-passwords/1/revoke/", 302, 404),
    AccountRoute("post", "revoke", "talk/app-passwords/1/revoke/", 302, 404),
]


def test_every_account_route_is_in_the_table():
    """A route without an entry fails here, and so does an entry without a route."""
    served = {pattern.name for _, _, pattern in routes(accounts.urlpatterns)}
    assert served - OUTSIDE_API == {route.name for route in ACCOUNT_ROUTES}


@pytest.mark.parametrize("route", ACCOUNT_ROUTES, ids=lambda each: f"{each.method} {each.name}")
def test_accounts(route):
    """Anonymous clients and users get what the table states, under every path of the route."""
    alice, headers = UserFactory(username="alice"), {"OCS-APIRequest": "true"}
    for path in route.paths:
        assert resolve(f"/{path}").view_name == f"talk_accounts:{route.name}"
        nobody, user = Client(headers=headers), Client(headers=headers)
        user.force_login(alice)
        for client, status in ((nobody, route.nobody), (user, route.user)):
            answer = client.generic(route.method.upper(), f"/{path}")
            is_failure_in_200 = "v1.php" in path and status not in (200, 401)
            assert answer.status_code == (200 if is_failure_in_200 else status), path
            if client is nobody and status == 302:
                assert answer["Location"] == f"/accounts/login/?next=/{path}"


@pytest.mark.parametrize("route", ACCOUNT_ROUTES, ids=lambda each: f"{each.method} {each.name}")
def test_other_methods_of_accounts_are_refused(route):
    """A method that a route does not have is a 405, also for users."""
    known = {each.method for each in ACCOUNT_ROUTES if each.name == route.name}
    client = Client(headers={"OCS-APIRequest": "true"})
    client.force_login(UserFactory())
    for method in {"get", "post", "put", "delete", "patch", "options", "trace"} - known:
        answer = client.generic(method.upper(), f"/{route.path}")
        assert answer.status_code == 405, method
        assert set(answer["Allow"].lower().split(", ")) - {"head"} == known, method
