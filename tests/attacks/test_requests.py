"""No header, cookie or path makes an error of the server, on any route of the app."""

from itertools import product

import pytest

from tests.attacks import hostile
from tests.attacks.senders import Sender
from tests.fuzz.fixtures import moderator

#: The headers that we or Django read of requests to the API.
HEADERS = [
    *("Accept", "Accept-Language", "Authorization", "Content-Type", "Content-Length", "Cookie"),
    *("OCS-APIRequest", "requesttoken", "X-CSRFToken", "X-Talk-Calls-Window", "X-Forwarded-For"),
    *("Host", "Origin", "Referer", "User-Agent", "If-None-Match", "If-Modified-Since", "Range"),
]

#: A header is Latin-1, so it holds no surrogates; its server refuses some of the rest.
VALUES = [
    *("", " ", "\0", "a\0b", "'", '"', "%00", ";;;=", hostile.CONTROLS, "x" * 65536),
    *("\xed\xa0\x80", "9" * 4301, "-1", "=", "a/b;q=NaN", "Basic AA==", "Basic Og", "Bearer \0"),
    *("Basic 7aCAOjE=", "Bearer ", "application/json; charset=base64", "[::1", "*/*;q=1e400"),
]

#: A step of a path, percent-encoded.
STEPS = ["%00", "a%00b", "%ED%A0%80", "%FF", "%", "%0A", "%E2%80%AE", "x" * 65536, "9" * 4301]

#: Django has its own tests; these come to our code.
_ADMIN_STEPS = ["a%00b", "%ED%A0%80", "x" * 65536, "9" * 4301]

_FORM = "application/x-www-form-urlencoded"

#: Paths with arguments, and pages that read a query or a form.
PATHS = [
    "/ocs/v2.php/apps/spreed/api/v4/room/{}",
    "/ocs/v2.php/apps/spreed/api/v4/call/{}",
    "/ocs/v2.php/apps/spreed/api/v4/call/TOKEN/ring/{}",
    "/ocs/v2.php/apps/spreed/api/v4/room/TOKEN/permissions/{}",
    "/ocs/v2.php/apps/spreed/api/v1/visit/{}",
    "/ocs/v2.php/apps/spreed/api/v1/visit/{}/others",
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings?token={}",
    "/ocs/v2.php/apps/spreed/api/{}/room",
    "/ocs/{}/apps/spreed/api/v4/room",
    "/ocs/v2.php/cloud/{}",
    "/index.php/login/v2/flow/{}",
    "/avatar/{}/64",
    "/avatar/alice/{}",
    "/call/{}",
    "/talk/app-passwords/{}/revoke/",
    "/admin/talk_calls/conversation/{}/change/",
    "/admin/talk_calls/call/{}/change/",
]

_LIST = ("q", "o", "p", "id__exact", "_to_field")

#: What pages read of a query or a form.
PAGES = {
    "/talk/people-in-calls": ("token",),
    "/login/v2/poll": ("token",),
    "/login/flow": ("decision",),
    "/talk/app-passwords/": ("name",),
    "/talk/log-in-again/": ("next", "password"),
    "/admin/talk_calls/conversation/": (*_LIST, "type__exact", "in_call", "action"),
    "/admin/talk_calls/attendee/": (*_LIST, "conversation__id__exact"),
    "/admin/talk_calls/session/": (*_LIST, "conversation__id__exact"),
    "/admin/talk_calls/call/": (*_LIST, "started_at__gte"),
    "/admin/talk_calls/livecall/": _LIST,
    "/admin/talk_calls/apppassword/": _LIST,
    "/admin/talk_calls/call/statistics/": ("first", "last", "token", "group", "days"),
    "/admin/talk_calls/conversation/why/": ("token", "user", "version"),
}


@pytest.fixture
def member(db: None) -> Sender:
    return Sender(moderator())


@pytest.mark.parametrize("method", ["get", "post"])
def test_headers(member, method):
    token = member.fixture.values["token"][0]
    base = dict(member.fixture.headers)
    for name in HEADERS:
        for value in VALUES:
            member.browser.headers = {}
            for path in (f"/ocs/v2.php/apps/spreed/api/v4/call/{token}", "/index.php/login/v2"):
                member.send(f"{name}: {value[:40]!r}", method, path, headers=base | {name: value})
    assert member.failures == [], "\n".join(member.failures)


def test_windows(member):
    """A window names itself, and what it had is looked up by that name."""
    room = member.fixture.values["token"][0]
    api = "/ocs/v2.php/apps/spreed/api"
    names = [*VALUES, "a" * 22 + "\0", "a" * 22 + "\n", "a" * 64, "a" * 65, "\xe4" * 22]
    for name in names:
        headers = member.fixture.headers | {"X-Talk-Calls-Window": name}
        for method, path in [
            ("post", f"v4/room/{room}/participants/active"),
            ("delete", f"v4/room/{room}/participants/active"),
            ("get", "v3/signaling/nowhere"),
            *(("get", f"v3/signaling/settings?token={token}") for token in (room, "%00", "%FF")),
            *(("get", f"v1/visit/{token}") for token in (room, "nowhere")),
            ("delete", f"v1/visit/{room}/others"),
        ]:
            member.browser.cookies.clear()
            member.send(f"{name[:40]!r} {path}", method, f"{api}/{path}", headers=headers)
    assert member.failures == [], "\n".join(member.failures)


def test_cookies(member):
    token = member.fixture.values["token"][0]
    for name in ("sessionid", "csrftoken", f"talk_calls_{token}", "django_language", "messages"):
        for value in VALUES:
            headers = member.fixture.headers | {"Cookie": f"{name}={value}"}
            for path in (
                f"/ocs/v2.php/apps/spreed/api/v3/signaling/{token}",
                f"/call/{token}",
                "/talk/app-passwords/",
            ):
                member.send(f"{name}={value[:40]!r} {path}", "get", path, headers=headers)
    assert member.failures == [], "\n".join(member.failures)


def test_paths(member, admin_user):
    member.log_in(admin_user)
    for path in PATHS:
        for step in STEPS:
            at = path.replace("TOKEN", member.fixture.values["token"][0]).format(step)
            for method in ("get", "post", "delete"):
                member.send(f"{method} {at[:80]}", method, at)
    assert member.failures == [], "\n".join(member.failures)


def test_queries_and_forms_of_pages(member, admin_user):
    member.log_in(admin_user)
    for path, names in PAGES.items():
        steps = _ADMIN_STEPS if path.startswith("/admin") else STEPS
        for name, step in product(names, steps):
            text = f"{name}={step}"
            member.send(f"{path}?{text[:60]}", "get", path, QUERY_STRING=text)
            member.send(f"{path} {text[:60]}", "post", path, data=text, content_type=_FORM)
    assert member.failures == [], "\n".join(member.failures)
