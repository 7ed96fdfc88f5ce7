"""An app password takes a login that is fresh, by the rules of the site."""

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import LoginView
from django.test import Client
from django.urls import include, path
from django.utils import timezone, translation
from django.utils.encoding import iri_to_uri

from talk_calls.host.logins import DjangoLogins
from talk_calls.models import AppPassword, LoginFlow
from tests.accounts.browser import GUARDED, Browser, guards, heading, text

pytestmark = pytest.mark.django_db

AGAIN = "/talk/log-in-again/"
NOW = timezone.now()
#: The age of a login in seconds that is too old.
OLD = 900

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("talk_calls.accounts.urls")),
    path(
        "accounts/login/",
        LoginView.as_view(template_name="admin/login.html", redirect_authenticated_user=True),
    ),
]


@pytest.fixture
def clock():
    """Return a function that moves time on by seconds."""
    with time_machine.travel(NOW, tick=False) as travel:
        yield lambda seconds: travel.move_to(NOW + timedelta(seconds=seconds))


@pytest.fixture
def browser(alice, clock) -> Browser:
    """Return a browser in which Alice has just logged in."""
    browser = Browser()
    browser.force_login(alice)
    return browser


@pytest.fixture(params=["v2", "direct"])
def page(request, browser) -> str:
    """Return the page of each login flow."""
    if request.param == "direct":
        return "/login/flow"
    return Client().post("/login/v2").json()["login"].removeprefix("http://testserver")


def again(page: str) -> str:
    """Return where a stale login is sent."""
    return f"{AGAIN}?next={quote(page, safe='')}"


def test_fresh(browser, page, clock):
    """A login just before that is enough for question and answer."""
    clock(OLD - 1)
    question = browser.get(page)
    assert heading(question) == "Give an app access to your account?"
    assert browser.submit(question, page, decision="grant").status_code in (200, 302)
    assert LoginFlow.objects.exists() or AppPassword.objects.exists()


def test_stale(browser, page, clock):
    """After fifteen minutes the user is asked to log in again, also between the two."""
    question = browser.get(page)
    clock(OLD)
    for answer in (browser.get(page), browser.submit(question, page, decision="grant")):
        assert (answer.status_code, answer["Location"]) == (302, again(page))
        assert guards(answer) == GUARDED
    assert not LoginFlow.objects.exists()
    assert not AppPassword.objects.exists()


def test_other_pages_take_any_login(browser, clock):
    """Revoking is no risk."""
    clock(OLD)
    assert browser.get("/talk/app-passwords/").status_code == 200


@pytest.mark.parametrize("urlconf", ["tests.urls", __name__], ids=["plain", "redirects users"])
def test_logging_in_again(settings, browser, page, clock, urlconf):
    """Page, button, login page and back, whatever the login page does with logged-in users."""
    settings.ROOT_URLCONF = urlconf
    clock(OLD)
    asked = browser.get(browser.get(page)["Location"])
    assert (asked.status_code, heading(asked)) == (200, "Log in again")
    guarded = dict(GUARDED)
    del guarded["Content-Security-Policy"]
    assert guards(asked).items() >= guarded.items()
    assert "form-action" not in asked["Content-Security-Policy"]
    out = browser.submit(asked, AGAIN, next=page)
    assert (out.status_code, out["Location"]) == (302, f"/accounts/login/?next={page}")
    form = browser.get(out["Location"])
    assert form.status_code == 200
    login = {"username": "alice@home", "password": "alice@home", "next": page}
    assert browser.submit(form, "/accounts/login/", **login)["Location"] == page
    assert heading(browser.get(page)) == "Give an app access to your account?"


def test_button_needs_the_form(browser, clock):
    """Another site cannot log the user out by it."""
    clock(OLD)
    assert browser.post(AGAIN, {"next": "/"}).status_code == 403
    assert browser.session["_auth_user_id"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1", ""]
)
def test_next_leads_to_this_site_only(browser, clock, elsewhere):
    """Anything else is the page of the app passwords."""
    fresh = browser.get(AGAIN, {"next": elsewhere})
    assert (fresh.status_code, fresh["Location"]) == (302, "/talk/app-passwords/")
    clock(OLD)
    asked = browser.get(AGAIN, {"next": elsewhere})
    assert 'name="next" value="/talk/app-passwords/"' in text(asked)
    out = browser.submit(asked, AGAIN, next=elsewhere)
    assert out["Location"] == "/accounts/login/?next=/talk/app-passwords/"


@pytest.mark.parametrize("relative", ["x", "é", "?a", "[", "login-start"])
def test_next_is_an_address_and_no_name(browser, relative):
    """What is neither a path nor the name of a URL does not fail, and no name is looked up."""
    fresh = browser.get(AGAIN, {"next": relative})
    assert (fresh.status_code, fresh["Location"]) == (302, iri_to_uri(relative))


def test_in_german(browser, clock):
    """The page is in the language of the request."""
    clock(OLD)
    with translation.override("de"):
        page = browser.get(AGAIN)
    assert heading(page) == "Erneut anmelden"
    assert '<html lang="de">' in text(page)


def test_any_age(settings, browser, page, clock):
    """0 switches the question off."""
    settings.TALK_CALLS = {"FRESH_LOGIN": 0}
    clock(OLD + 1)
    assert browser.get(page).status_code == 200


def test_login_without_a_time(browser, page):
    """A session from before this release has to log in again."""
    session = browser.session
    del session["talk_calls_logged_in_at"]
    session.save()
    assert browser.get(page)["Location"] == again(page)


class OwnLogins(DjangoLogins):
    """A site with a page of its own."""

    def is_fresh(self, request) -> bool:
        return request.user.first_name == "fresh"

    def fresh_login_url(self, request, next_path: str) -> str:
        return f"https://id.example.org/{request.user}?{next_path}"


def test_rules_of_the_site(settings, alice, browser, page):
    """``LOGINS`` decides what is fresh, and where to go."""
    settings.TALK_CALLS = {"LOGINS": f"{__name__}.OwnLogins"}
    assert browser.get(page)["Location"] == f"https://id.example.org/alice@home?{page}"
    User.objects.update(first_name="fresh")
    assert browser.get(page).status_code == 200


def test_making_one_in_the_admin(browser, alice, clock):
    """Staff need a fresh login too: they make app passwords for anybody."""
    User.objects.update(is_staff=True, is_superuser=True)
    form = "/admin/talk_calls/apppassword/add/"
    assert browser.get(form).status_code == 200
    clock(OLD)
    for answer in (browser.get(form), browser.submit(browser.get(AGAIN), form, name="x")):
        assert (answer.status_code, answer["Location"]) == (302, again(form))
    assert browser.get("/admin/talk_calls/apppassword/").status_code == 200
    User.objects.update(is_superuser=False)
    assert browser.get(form).status_code == 403


def test_site_without_our_page(settings, browser, clock):
    """In its admin the login page itself has to do."""
    settings.ROOT_URLCONF = (urlpatterns[0],)
    User.objects.update(is_staff=True, is_superuser=True)
    clock(OLD)
    answer = browser.get("/admin/talk_calls/apppassword/add/")
    expected = "/accounts/login/?next=%2Fadmin%2Ftalk_calls%2Fapppassword%2Fadd%2F"
    assert answer["Location"] == expected


def test_signal_without_a_login(alice, browser, page, clock):
    """Packages that send it for a token do not make the session of the request fresh."""
    clock(OLD)
    for request in (SimpleNamespace(), SimpleNamespace(session=browser.session), None):
        user_logged_in.send(User, request=request, user=alice)
    assert browser.get(page)["Location"] == again(page)
