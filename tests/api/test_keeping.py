"""A browser that is in a call stays logged in (``KEEP_LOGGED_IN``), and nobody else does."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as site
from django.contrib.sessions.models import Session as BrowserSession
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import Attendee, Session
from talk_calls.services import app_passwords
from talk_calls.signaling import poll
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

STORES = ["db", "cache", "cached_db", "file", "signed_cookies"]
#: Seconds: a login without use, and between two polls.
AGE, PAUSE = 300, 25


@pytest.fixture(autouse=True)
def _site(settings, monkeypatch, tmp_path) -> None:
    settings.SESSION_COOKIE_AGE = AGE
    settings.SESSION_FILE_PATH = str(tmp_path)
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))


@pytest.fixture(params=STORES)
def store(request, settings) -> str:
    """Each of Django's session stores."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    return request.param


@pytest.fixture
def clock():
    """Return a clock that stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def come(who: str, *, in_call: bool = True) -> tuple[OCSClient, str]:
    """Return a browser in a conversation, and the path of its polls."""
    device = OCSClient(version="v3")
    room = ConversationFactory()
    if who == "user":
        user = UserFactory()
        AttendeeFactory(conversation=room, user=user)
        device.browser.force_login(user)
    assert device.post(f"room/{room.token}/participants/active").http == 200
    if in_call:
        assert device.post(f"call/{room.token}").http == 200
    return device, f"signaling/{room.token}"


def polls(device: OCSClient, path: str, clock, number: int) -> list:
    """Poll as the page does; return the answers."""
    answers = []
    for _ in range(number):
        clock.shift(PAUSE)
        answers.append(device.get(path))
    return answers


def cookies(answers: list) -> list:
    """Return the ages that the cookie of the login gets in successful answers that set it."""
    name, jars = site.SESSION_COOKIE_NAME, [e.response.cookies for e in answers if e.http == 200]
    return [jar[name]["max-age"] for jar in jars if name in jar]


@pytest.mark.parametrize("who", ["user", "guest"])
def test_call_outlives_the_age_of_a_login(store, clock, who):
    """Whoever polls is still there after twice the age, and the cookie goes on with the store."""
    device, path = come(who)
    answers = polls(device, path, clock, 2 * AGE // PAUSE)
    assert {answer.http for answer in answers} == {200}
    kept = cookies(answers)
    assert set(kept) == {AGE}
    assert len(kept) == 2 * AGE // 60  # once a minute


@pytest.mark.parametrize("who", ["user", "guest"])
def test_without_the_setting_the_login_ends(settings, store, clock, who):
    """A site whose logins end by the clock turns it off."""
    settings.TALK_CALLS = {"KEEP_LOGGED_IN": False}
    device, path = come(who)
    answers = polls(device, path, clock, 2 * AGE // PAUSE)
    assert cookies(answers) == []
    assert [each.http for each in answers[: AGE // PAUSE - 1]] == [200] * (AGE // PAUSE - 1)
    assert answers[-1].http == 404


def test_only_who_is_in_a_call(clock):
    """Waiting in a conversation is no use of the site."""
    device, path = come("user", in_call=False)
    assert cookies(polls(device, path, clock, 5)) == []


def test_where_every_request_prolongs_the_login(settings, clock):
    """With ``SESSION_SAVE_EVERY_REQUEST`` that is done already, once for each poll."""
    device, path = come("user")
    settings.SESSION_SAVE_EVERY_REQUEST = True
    with CaptureQueriesContext(connection) as captured:
        answers = polls(device, path, clock, 4)
    assert cookies(answers) == [AGE] * 4
    prolonged = [each for each in captured if each["sql"].startswith('UPDATE "django_session"')]
    assert len(prolonged) == 4


def test_cookie_until_the_browser_closes(settings, clock):
    """With ``SESSION_EXPIRE_AT_BROWSER_CLOSE`` the cookie gets no age, and the row lives on."""
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    device, path = come("user")
    assert cookies(polls(device, path, clock, 3)) == [""]
    assert BrowserSession.objects.get().expire_date == timezone.now() + timedelta(seconds=AGE)


def test_end_that_the_site_has_set(clock):
    """A login that ends at a certain time ends then."""
    device, path = come("user")
    session = device.browser.session
    end = timezone.now() + timedelta(seconds=130)
    session.set_expiry(end)
    session.save()
    answers = polls(device, path, clock, 6)
    assert [each.http for each in answers] == [200] * 5 + [404]
    assert BrowserSession.objects.get().expire_date == end


@pytest.mark.parametrize("gone", ["expired", "deleted"])
def test_login_that_is_over_is_not_brought_back(store, clock, gone, monkeypatch):
    """A login that ends while a poll waits stays over, and the answer sets no cookie."""
    if store in ("signed_cookies", "file"):
        return  # the one waits for nothing, the other has no row to expire
    device, path = come("user")
    clock.shift(PAUSE)
    clock.shift(PAUSE)
    device.get(path)
    real = poll.Poll.check

    def check(self, now):
        answer = real(self, now)
        if gone == "expired":
            BrowserSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        else:
            BrowserSession.objects.all().delete()
        cache.clear()
        return answer

    monkeypatch.setattr(poll.Poll, "check", check)
    clock.shift(PAUSE)
    answer = device.get(path)
    assert (answer.http, cookies([answer])) == (200, [])
    assert not BrowserSession.objects.filter(expire_date__gt=timezone.now()).exists()


def test_data_that_others_stored_meanwhile_stays(clock, monkeypatch):
    """Only the age changes: what the site stored while the poll waited is not overwritten."""
    device, path = come("user")
    clock.shift(PAUSE)
    device.get(path)
    clock.shift(PAUSE)
    device.get(path)
    real = poll.Poll.check

    def check(self, now):
        session = device.browser.session
        session["cart"] = ["tea"]
        session.save()
        return real(self, now)

    monkeypatch.setattr(poll.Poll, "check", check)
    clock.shift(PAUSE)
    assert len(cookies([device.get(path)])) == 1
    assert device.browser.session["cart"] == ["tea"]


@pytest.mark.parametrize("login", ["nobody", "somebody else"])
def test_app_password_beside_a_cookie(clock, login):
    """Credentials keep no login of the browser that carries them: neither none nor another's."""
    device = OCSClient(version="v3")
    if login == "somebody else":
        device.browser.force_login(UserFactory())
    attendee = AttendeeFactory()
    device.username = attendee.user.username
    _, device.password = app_passwords.create(user=attendee.user, name="test")
    device.post(f"room/{attendee.conversation.token}/participants/active")
    device.post(f"call/{attendee.conversation.token}")
    assert Attendee.objects.get() == attendee
    assert Session.objects.get().in_call == 7
    answers = polls(device, f"signaling/{attendee.conversation.token}", clock, 5)
    assert {answer.http for answer in answers} == {200}
    assert cookies(answers) == []


@pytest.mark.parametrize("is_active", [True, False])
def test_login_that_the_site_switched_off(store, clock, is_active):
    """Nobody keeps a deactivated account logged in by going on as a guest in the same browser."""
    user, room = UserFactory(), ConversationFactory()
    device = OCSClient(version="v3")
    device.browser.force_login(user)
    type(user).objects.filter(pk=user.pk).update(is_active=is_active)
    device.post(f"room/{room.token}/participants/active")
    device.post(f"call/{room.token}")
    assert Attendee.objects.get().is_guest != is_active
    assert bool(cookies(polls(device, f"signaling/{room.token}", clock, 5))) == is_active


def test_polls_in_between_cost_nothing_more(settings, clock):
    """One statement a minute, and none with other polls."""
    device, path = come("user")

    def costs() -> list[int]:
        found = []
        for _ in range(10):
            clock.shift(PAUSE)
            with CaptureQueriesContext(connection) as captured:
                device.get(path)
            found.append(len(captured))
        return found

    settings.TALK_CALLS = {"KEEP_LOGGED_IN": False}
    without = costs()[1:]
    settings.TALK_CALLS = {}
    device.browser.force_login(Attendee.objects.get().user)
    device.post(f"room/{Attendee.objects.get().conversation.token}/participants/active")
    device.post(f"call/{Attendee.objects.get().conversation.token}")
    found = costs()[1:]
    [usual] = set(without)
    assert set(found) == {usual, usual + 1}
    assert found.count(usual + 1) == 4
