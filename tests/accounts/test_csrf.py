"""Forms of the accounts, held to CSRF tokens as browsers are: by the site's middleware or ours."""

import pytest
from django.middleware.csrf import CsrfViewMiddleware

from talk_calls.models import AppPassword
from talk_calls.services import app_passwords
from tests.accounts.browser import Browser, heading

pytestmark = pytest.mark.django_db

DJANGOS = "django.middleware.csrf.CsrfViewMiddleware"


class OwnMiddleware(CsrfViewMiddleware):
    """A site's own, which answers refusals in its own way."""

    def _reject(self, request, reason):
        response = super()._reject(request, reason)
        response["X-Own"] = "yes"
        return response


class Lenient(CsrfViewMiddleware):
    """A site's own, which leaves out all but its admin."""

    def process_view(self, request, *args):
        return super().process_view(request, *args) if "/admin/" in request.path else None


@pytest.fixture(params=["django's", "own", "lenient", "none"])
def _middleware(request, settings) -> None:
    """Have the site install each kind of CSRF middleware, or none."""
    others = [path for path in settings.MIDDLEWARE if path != DJANGOS]
    kind = {"django's": DJANGOS, "own": f"{__name__}.OwnMiddleware"}.get(request.param)
    if request.param == "lenient":
        kind = f"{__name__}.Lenient"
    settings.MIDDLEWARE = [*others, kind] if kind else others


@pytest.fixture(params=["cookie", "session"])
def _secret(request, settings) -> None:
    """Keep the secret in each place that Django has for it."""
    settings.CSRF_USE_SESSIONS = request.param == "session"


@pytest.fixture(params=[True, False], ids=["https", "http and DEBUG"])
def secure(request, settings) -> bool:
    """Serve by HTTPS, or as on one's own machine."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.DEBUG = not request.param
    settings.CSRF_COOKIE_SECURE = settings.SESSION_COOKIE_SECURE = request.param
    return request.param


@pytest.fixture
def browser(alice, secure) -> Browser:
    """Return a browser in which Alice is logged in, at the host name of one's own machine."""
    scheme = "https" if secure else "http"
    browser = Browser(headers={"Host": "localhost:8000", "X-Forwarded-Proto": scheme})
    browser.force_login(alice)
    return browser


def origin(secure: bool, host: str = "localhost:8000") -> dict[str, str]:
    """Return what a browser sends beside a form of a page at this host."""
    address = f"http{'s' if secure else ''}://{host}"
    return {"Origin": address, "Referer": f"{address}/login/flow"}


@pytest.mark.usefixtures("_middleware", "_secret")
def test_form_of_the_site(browser, secure):
    """A form that the site has sent is accepted."""
    page = browser.get("/login/flow")
    assert heading(page) == "Give an app access to your account?"
    browser.defaults |= headers_of(origin(secure))
    answer = browser.submit(page, "/login/flow", decision="grant")
    assert answer.status_code == 302, answer.content
    app_password = AppPassword.objects.get()
    page = browser.get("/talk/app-passwords/")
    answer = browser.submit(page, f"/talk/app-passwords/{app_password.pk}/revoke/")
    assert answer.status_code == 302
    assert not AppPassword.objects.exists()


@pytest.mark.usefixtures("_middleware", "_secret")
@pytest.mark.parametrize("host", ["evil.example", "localhost:8001", "localhost"])
def test_form_of_another_site(browser, secure, host):
    """Even a right token does not help a page of another origin."""
    page = browser.get("/login/flow")
    browser.defaults |= headers_of(origin(secure, host))
    answer = browser.submit(page, "/login/flow", decision="grant")
    assert answer.status_code == 403
    assert not AppPassword.objects.exists()


@pytest.mark.usefixtures("_middleware", "_secret")
def test_form_without_a_token(browser, secure, alice):
    """The origin alone does not help either."""
    app_password, _ = app_passwords.create(user=alice, name="phone")
    browser.get("/login/flow")
    browser.defaults |= headers_of(origin(secure))
    paths = ("/login/flow", "/talk/log-in-again/", f"/talk/app-passwords/{app_password.pk}/revoke/")
    for path in paths:
        assert browser.post(path, {"decision": "grant"}).status_code == 403, path
    assert AppPassword.objects.get() == app_password


def test_refusal_is_that_of_the_site(settings, browser):
    """Its own middleware comes first."""
    settings.MIDDLEWARE = [
        f"{__name__}.OwnMiddleware" if path == DJANGOS else path for path in settings.MIDDLEWARE
    ]
    assert browser.post("/login/flow", {"decision": "grant"})["X-Own"] == "yes"


def headers_of(values: dict[str, str]) -> dict[str, str]:
    """Return headers as the test client keeps its defaults."""
    return {f"HTTP_{name.upper()}": value for name, value in values.items()}
