"""The page on which users see and revoke their own app passwords."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import AppPassword
from talk_calls.services import app_passwords
from tests.accounts.browser import GUARDED, Browser, guards, heading, text
from tests.factories import UserFactory

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
    return re.findall(r'<th scope="row" id="app-\d+"><bdi>(.*?)</bdi></th>', text(page))


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


def test_revoke(browser, alice):
    """Each app password has a button whose accessible name contains its name."""
    _, laptop = make(alice, "phone", "laptop")
    page = browser.get(PAGE)
    action = f"{PAGE}{laptop.pk}/revoke/"
    assert f'action="{action}"' in text(page)
    assert f'<button aria-describedby="app-{laptop.pk}">Revoke</button>' in text(page)
    answer = browser.submit(page, action)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert rows(browser.get(PAGE)) == ["phone"]
    assert browser.submit(page, action).status_code == 404


def test_revoke_needs_the_form(browser, alice):
    """Another site cannot press the button, and no link can."""
    [phone] = make(alice, "phone")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}{phone.pk}/revoke/").status_code == 403
    assert browser.get(f"{PAGE}{phone.pk}/revoke/").status_code == 405
    assert AppPassword.objects.exists()


def test_others_cannot_be_revoked(browser):
    """Those of others look like none at all."""
    [other] = make(UserFactory(), "somebody else's")
    page = browser.get("/login/flow")  # any page with a form
    for pk in (other.pk, other.pk + 1, 2**63 - 1, 2**63, 10**99, "9" * 5000):
        assert browser.submit(page, f"{PAGE}{pk}/revoke/").status_code == 404
    assert AppPassword.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("get", PAGE), ("post", f"{PAGE}1/revoke/")])
def test_login_first(method, path):
    """Nobody has none."""
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    assert guards(answer) == GUARDED
