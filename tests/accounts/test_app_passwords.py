"""The page on which users see and revoke their own app passwords."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import AppPassword
from talk_calls.services import app_passwords
from tests.accounts.browser import GUARDED, Browser, guards, heading, text
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

PAGE = "/talk/app-passwords/"


@pytest.fixture
def browser(alice) -> Browser:
    """Return a browser in which Alice is logged in."""
    browser = Browser()
    browser.force_login(alice)
    return browser


def make(user, *names: str) -> list[AppPassword]:
    return [app_passwords.create(user=user, name=name)[0] for name in names]


def rows(page) -> list[str]:
    """Return the names in the table."""
    return re.findall(r'<th scope="row"><bdi id="app-\d+">(.*?)</bdi>', text(page))


def test_none(browser):
    """A user without app passwords reads where they come from."""
    page = browser.get(PAGE)
    assert (page.status_code, heading(page)) == (200, "Your app passwords")
    assert "<table" not in text(page)
    assert "There are none." in text(page)
    assert guards(page) == GUARDED


def test_own(browser, alice):
    """One's own, newest first, with name and day, and no secret; others' are not there."""
    first, _ = make(alice, "phone", "<b>laptop</b>")
    make(UserFactory(), "somebody else's")
    page = browser.get(PAGE)
    assert rows(page) == ["&lt;b&gt;laptop&lt;/b&gt;", "phone"]
    assert f">{timezone.localtime(first.created_at):%Y-%m-%d}</time>" in text(page)
    assert first.digest not in text(page)
    assert guards(page) == GUARDED


def test_statements_do_not_grow(browser, alice):
    """Login and list: the same for one and for many."""
    make(alice, "one")
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        browser.get(PAGE)
    make(alice, *map(str, range(20)))
    with CaptureQueriesContext(connection) as many:
        browser.get(PAGE)
    assert len(few) == len(many) == 3


def test_last_use(browser, alice):
    """Each says when it was used last, in a zone that is named."""
    phone, _ = make(alice, "phone", "laptop")
    now = timezone.now()
    app_passwords.store_use(phone, now)
    page = text(browser.get(PAGE))
    used = f"{timezone.localtime(now):%Y-%m-%d %H:%M %Z}"
    assert re.search(rf'Last used: <time datetime="[^"]+">{used}</time></small>', page)
    assert "Last used: Never</small>" in page


def test_revoke(browser, alice):
    """A link whose accessible name contains the app's leads to a page that asks first."""
    _, laptop = make(alice, "phone", "laptop")
    page = browser.get(PAGE)
    action = f"{PAGE}{laptop.pk}/revoke/"
    assert f'href="{action}" aria-labelledby="revoke-{laptop.pk} app-{laptop.pk}"' in text(page)
    question = browser.get(action)
    assert heading(question) == "Revoke this app password?"
    assert "<bdi>laptop</bdi>" in text(question)
    assert guards(question) == GUARDED
    assert AppPassword.objects.count() == 2
    answer = browser.submit(question, action)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert rows(browser.get(PAGE)) == ["phone"]
    assert browser.submit(page, action).status_code == browser.get(action).status_code == 404


def test_revoke_needs_the_form(browser, alice):
    """Another site cannot press the button."""
    [phone] = make(alice, "phone")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}{phone.pk}/revoke/").status_code == 403
    assert AppPassword.objects.exists()


def test_made_by_hand(browser, alice):
    """It is shown once, with all that an app asks for, and works."""
    page = browser.submit(browser.get(PAGE), PAGE, name=" <b>my</b> script ")
    assert (page.status_code, heading(page)) == (200, "Your new app password")
    [secret] = re.findall(r'<code id="secret">(.*?)</code>', text(page))
    made = AppPassword.objects.get()
    assert (made.user, made.name) == (alice, "<b>my</b> script")
    assert "<bdi>&lt;b&gt;my&lt;/b&gt; script</bdi>" in text(page)
    assert "<dd>http://testserver</dd>" in text(page)
    assert f"<bdi>{alice.username}</bdi>" in text(page)
    policy = GUARDED["Content-Security-Policy"] + "; script-src 'self'"
    assert guards(page) == GUARDED | {"Content-Security-Policy": policy}
    device = OCSClient(service="cloud", username=alice.username, password=secret)
    assert device.get("user").http == 200
    assert secret not in text(browser.get(PAGE))


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 101])
def test_no_name(browser, name):
    """A name has to be seen, and fits; the page says so, and keeps what was typed."""
    page = browser.submit(browser.get(PAGE), PAGE, name=name)
    assert page.status_code == 400
    assert re.search(r'role="alert">(A name needs|The name is longer)', text(page))
    assert guards(page) == GUARDED
    assert not AppPassword.objects.exists()


def test_making_needs_the_form(browser):
    """Another site cannot make one."""
    browser.get(PAGE)
    assert browser.post(PAGE, {"name": "x"}).status_code == 403
    assert not AppPassword.objects.exists()


def test_making_takes_a_fresh_login(browser):
    """An old login sees the list, and logs in again to make one."""
    page = browser.get(PAGE)
    with time_machine.travel(timezone.now() + timedelta(seconds=901)):
        assert browser.get(PAGE).status_code == 200
        answer = browser.submit(page, PAGE, name="x")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/talk/log-in-again/?next={quote(PAGE, safe='')}",
    )
    assert not AppPassword.objects.exists()


def test_others_cannot_be_revoked(browser):
    """Those of others look like none at all."""
    [other] = make(UserFactory(), "somebody else's")
    page = browser.get("/login/flow")  # any page with a form
    for pk in (other.pk, other.pk + 1, 2**63 - 1, 2**63, 10**99, "9" * 5000):
        assert browser.submit(page, f"{PAGE}{pk}/revoke/").status_code == 404
        assert browser.get(f"{PAGE}{pk}/revoke/").status_code == 404
    assert AppPassword.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("get", PAGE), ("post", f"{PAGE}1/revoke/")])
def test_login_first(method, path):
    """Nobody has none."""
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    assert guards(answer) == GUARDED
