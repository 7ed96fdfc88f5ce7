"""Sites with Django's ``LoginRequiredMiddleware``: our public views stay public."""

import pytest
from django.test import Client

from talk_calls import urls
from talk_calls.accounts import urls as accounts
from talk_calls.call_page import urls as call_page
from tests.architecture.test_routes import ACCOUNT_ROUTES, ENDPOINTS, routes
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db

#: The pages that are for users only.
FOR_USERS = {"login-flow", "login-direct", "log-in-again", "app-passwords", "revoke"}


@pytest.fixture(autouse=True)
def _login_required(settings) -> None:
    middleware = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]


def views() -> dict[str, list]:
    """Return the views of the three includes by the names of their routes."""
    found: dict[str, list] = {}
    for include in (urls, accounts, call_page):
        for _, _, pattern in routes(include.urlpatterns):
            found.setdefault(pattern.name, []).append(pattern.callback)
    return found


def test_every_public_view_is_exempt():
    """A new view without ``login_not_required`` fails here, unless it is for users only."""
    behind_login = {
        name
        for name, callbacks in views().items()
        if any(getattr(callback, "login_required", True) for callback in callbacks)
    }
    assert behind_login == FOR_USERS
    assert len(views()) > 40


def test_guests_are_redirected_from_pages_for_users_only():
    """All routes are asked without a login."""
    token = ConversationFactory().token
    asked = [("get", "call", f"call/{token}")]
    asked += [(each.method, each.name, each.path) for each in ACCOUNT_ROUTES]
    for endpoint in ENDPOINTS:
        path = endpoint.path.format(token=token)
        for version in endpoint.versions:
            where = f"ocs/v2.php/apps/spreed/api/{version}/{path}"
            asked.append((endpoint.method, endpoint.route, where))
    guest = Client(headers={"OCS-APIRequest": "true"})
    redirected = {
        name
        for method, name, path in asked
        if guest.generic(method.upper(), f"/{path}").status_code == 302
    }
    assert redirected == FOR_USERS


def test_poll_of_a_guest():
    """The asynchronous view of polls is exempt as well."""
    headers = {"OCS-APIRequest": "true"}
    path = f"/ocs/v2.php/apps/spreed/api/v3/signaling/{ConversationFactory().token}?format=json"
    answer = Client(headers=headers).get(path)
    assert (answer.status_code, answer.json()["ocs"]["meta"]["statuscode"]) == (404, 404)
