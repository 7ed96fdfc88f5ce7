"""No view of ours saves a session that it did not change (``SESSION_SAVE_EVERY_REQUEST``)."""

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.conf import settings as site
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session as BrowserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

#: Views of each kind; what they answer does not matter here.
PATHS = [
    "/ocs/v2.php/apps/spreed/api/v4/room?format=json",
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings?format=json",
    "/ocs/v2.php/cloud/user?format=json",
    "/ocs/v2.php/nowhere",
    "/status.php",
    "/avatar/alice/64",
    "/login/v2/flow/nonsense",
    "/login/flow",
    "/talk/app-passwords/",
    "/call/abcdefgh",
]
STORES = ["db", "cache", "cached_db", "signed_cookies"]


class Meanwhile(SessionMiddleware):
    """Another request of the same browser, which is answered while a view of ours runs."""

    def process_view(self, request, *args) -> None:
        """Load the session, as the view would; then have the other request change it."""
        if site.MEANWHILE == "loaded":
            request.session.get("cart")
        if site.SESSION_ENGINE.endswith("signed_cookies"):
            return
        other = self.SessionStore(request.COOKIES[site.SESSION_COOKIE_NAME])
        other["cart"] = ["tea", "milk"]
        other.save()


def last_seen(get_response):
    """Change the session after the view, as middleware of a site may."""

    def middleware(request):
        response = get_response(request)
        request.session["last_seen"] = request.path
        return response

    return middleware


@pytest.fixture(params=STORES)
def store(request, settings) -> str:
    """Save every session of every store, and let other requests come between."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_SAVE_EVERY_REQUEST = True
    settings.MEANWHILE = "loaded"
    return request.param


@pytest.fixture
def browser(store) -> Client:
    """Return a browser of a user with something in the cart."""
    browser = Client(headers={"OCS-APIRequest": "true"})
    browser.force_login(UserFactory(username="alice"))
    session = browser.session
    session["cart"] = ["tea"]
    session.save()
    browser.cookies[site.SESSION_COOKIE_NAME] = session.session_key
    return browser


def stored(browser: Client):
    """Return the session as the store has it now."""
    engine = import_module(site.SESSION_ENGINE)
    return engine.SessionStore(browser.cookies[site.SESSION_COOKIE_NAME].value)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("loaded", ["loaded", "not loaded"])
def test_what_others_stored_meanwhile_stays(settings, store, browser, path, loaded):
    """Whatever a view read, it does not write it back."""
    settings.MEANWHILE = loaded
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Meanwhile"]
    answer = browser.get(path)
    if store == "signed_cookies":  # what a cookie held 25 s ago must not come back
        assert site.SESSION_COOKIE_NAME not in answer.cookies
    else:
        assert stored(browser)["cart"] == ["tea", "milk"]


@pytest.mark.parametrize("path", PATHS)
def test_answers_vary_by_cookie(store, browser, path):
    """Also where the middleware passes by the session, which would have said so."""
    private = path not in ("/ocs/v2.php/nowhere", "/status.php", "/avatar/alice/64")
    answer = browser.get(path)
    assert not private or "Cookie" in answer["Vary"]


def test_session_lives_on(store, browser):
    """As the setting promises, each request counts as use: store and cookie last longer."""
    ages = []
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for days in (7, 14, 21):
            clock.move_to(start + timedelta(days=days, seconds=-1))
            answer = browser.get(PATHS[0])
            ages.append(
                answer.cookies[site.SESSION_COOKIE_NAME]["max-age"] if answer.cookies else 0
            )
            is_known = answer.status_code == 200
            if store == "signed_cookies":
                return  # its age is in the cookie itself, with the data
            assert is_known, days
    assert ages == [site.SESSION_COOKIE_AGE] * 3


def test_session_that_is_gone_is_not_brought_back(store, browser):
    """A log-out in another window stays one, and the cookie goes, as without us."""
    if store == "signed_cookies":
        return
    BrowserSession.objects.all().delete()
    cache.clear()
    answer = browser.get(PATHS[0])
    assert answer.status_code == 401
    assert answer.cookies[site.SESSION_COOKIE_NAME]["max-age"] == 0
    assert not BrowserSession.objects.exists()


def test_session_that_goes_meanwhile(settings, store, browser):
    """A log-out during the request neither comes back nor breaks the answer."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.logs_out_meanwhile"]
    answer = browser.get(PATHS[0])
    assert answer.status_code == 200
    assert not answer.cookies
    assert not BrowserSession.objects.exists()


def logs_out_meanwhile(get_response):
    """Delete the session once the request has loaded it."""

    def middleware(request):
        assert request.user.is_authenticated
        BrowserSession.objects.all().delete()
        cache.clear()
        return get_response(request)

    return middleware


def test_what_a_middleware_stores_is_saved(settings, store, browser):
    """Only we leave the session alone; the site may change it after us."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.last_seen"]
    for path in PATHS:
        browser.get(path)
        assert stored(browser)["last_seen"] == path.partition("?")[0]
    assert stored(browser)["cart"] == ["tea"]


def test_what_our_views_store_is_saved(store):
    """A guest is known by the session that joining stored."""
    guest = OCSClient(version="v4")
    token = ConversationFactory().token
    assert guest.post(f"room/{token}/participants/active").http == 200
    assert guest.get(f"call/{token}").http == 200


def test_without_the_setting_nothing_is_different(settings, browser):
    """Django saves nothing by itself then, and no cookie is set."""
    settings.SESSION_SAVE_EVERY_REQUEST = False
    assert not browser.get(PATHS[0]).cookies
