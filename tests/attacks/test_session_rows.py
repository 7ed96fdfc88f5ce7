"""Anonymous requests fill no table: a row of Django's sessions is there to remember a guest."""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session as BrowserSession
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve

from talk_calls.api.throttling import rates
from talk_calls.models import Attendee, Conversation
from talk_calls.signaling import poll
from tests.factories import ConversationFactory
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = pytest.mark.django_db

METHODS = ["get", "post", "put", "delete", "head", "options"]

#: What stands for the arguments of a path, and for what a pattern leaves open.
ARGUMENTS = {"token": "public", "ocs_version": "2", "level": "call", "size": "64"}
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|<(?:\w+:)?(\w+)>")
_OPTIONAL = re.compile(r"\(\?:index\\\.php/\)\?|y\?|\(\?!.*?\)")
JOIN = re.compile(r"/room/public/participants/active$")


def routes(patterns: list, before: str = "") -> Iterator[str]:
    """Yield the pattern of each route of the site, Django's admin included."""
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield here
        else:
            yield from routes(each.url_patterns, here)


def address(route: str) -> str:
    """Return an address that a pattern matches."""
    filled = _GROUP.sub(lambda found: ARGUMENTS.get(found[1] or found[2], "1"), route)
    filled = _OPTIONAL.sub("", filled).replace("(?:cloud|core)", "cloud")
    return "/" + re.sub(r"[\^$]|\\Z", "", filled).replace("\\", "")


ADDRESSES = sorted({address(route) for route in routes(get_resolver().url_patterns)})


@pytest.fixture
def room(monkeypatch) -> Conversation:
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))
    return ConversationFactory(token="public")


def test_addresses_are_those_of_the_site():
    """Else the tests below would prove nothing."""
    found = {resolve(each).route for each in ADDRESSES}
    assert len(found) >= len(set(routes(get_resolver().url_patterns))) - 5
    assert sum(bool(JOIN.search(each)) for each in ADDRESSES) == 4


@pytest.mark.parametrize("every_request", [False, True])
def test_no_request_makes_a_row_but_a_join(room, settings, every_request):
    """Every method of every route, by somebody who sends no credentials and no cookie."""
    settings.SESSION_SAVE_EVERY_REQUEST = every_request
    made = []
    for path in ADDRESSES:
        for method in METHODS:
            browser = Client(raise_request_exception=False, headers={"OCS-APIRequest": "true"})
            response = browser.generic(method.upper(), path)
            is_join = method == "post" and JOIN.search(path)
            if BrowserSession.objects.exists() != bool(is_join):
                made.append(f"{method} {path}: {response.status_code}")
            BrowserSession.objects.all().delete()
    assert made == []
    assert Attendee.objects.count() == 4


def come(room: Conversation, **data: str) -> OCSAnswer:
    return OCSClient(version="v4").post(f"room/{room.token}/participants/active", data)


def test_a_refused_join_makes_no_row(room, settings, monkeypatch):
    """Whatever the reason of the refusal is."""
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 1_800_000_080))
    secret = ConversationFactory(password=make_password("sesame"))
    assert come(secret).http == come(secret, password="wrong").http == 403
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 1}
    assert [come(room).http for _ in range(2)] == [200, 400]
    settings.TALK_CALLS = {"GUESTS_PER_MINUTE": 1}
    assert come(room).http == 429
    assert BrowserSession.objects.count() == Attendee.objects.count()
