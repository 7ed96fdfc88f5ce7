"""Login flow v2: an app polls for its password while its user grants it in a browser."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_script_prefix
from django.utils import timezone

from talk_calls.models import AppPassword, LoginFlow
from tests.accounts.browser import GUARDED, Browser, guards, heading, path_of, text
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

ASK = "Give an app access to your account?"
GONE = "This link is no longer valid"
PENDING = (404, [])


FORM_DATA = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc\r\n--x--\r\n'


class App:
    """An app on a phone, which has nothing but the address of the site."""

    def __init__(self, prefix: str = "", user_agent: str = "Talk on a phone") -> None:
        self.client = Client(headers={"User-Agent": user_agent})
        answer = self.client.post(f"{prefix}/login/v2")
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
        assert not answer.cookies
        self.started = answer.json()

    @property
    def page(self) -> str:
        """Return the path that the app opens in a browser."""
        return path_of(self.started["login"])

    def poll(self, token: str | None = None) -> tuple[int, object]:
        """Ask for the password."""
        form = {"token": self.started["poll"]["token"] if token is None else token}
        answer = self.client.post(path_of(self.started["poll"]["endpoint"]), form)
        assert answer["Cache-Control"] == "no-store"
        return answer.status_code, answer.json()


@pytest.fixture
def browser(alice) -> Browser:
    """Return a browser in which Alice is logged in."""
    browser = Browser()
    browser.force_login(alice)
    return browser


@pytest.fixture
def _any_age(settings) -> None:
    """Let a user grant with a login of any age."""
    settings.TALK_CALLS = {"FRESH_LOGIN": 0}


def decide(browser: Browser, app: App, decision: str = "grant"):
    """Open the app's page and press a button."""
    return browser.submit(browser.get(app.page), app.page, decision=decision)


# All of it


def test_from_the_first_request_to_the_last(prefix, alice):
    """An app is let in by a user who logs in for it, and locked out when they revoke it."""
    app, browser = App(prefix), Browser()
    assert app.poll() == PENDING

    to_login = browser.get(app.page)
    assert (to_login.status_code, to_login["Location"]) == (
        302,
        f"/accounts/login/?next={app.page}",
    )
    form = browser.get(to_login["Location"])
    asked = {"username": "alice@home", "password": "alice@home", "next": app.page}
    back = browser.submit(form, "/accounts/login/", **asked)
    assert (back.status_code, back["Location"]) == (302, app.page)

    question = browser.get(app.page)
    assert (question.status_code, heading(question)) == (200, ASK)
    assert app.poll() == PENDING
    granted = browser.submit(question, app.page, decision="grant")
    assert (granted.status_code, heading(granted)) == (200, "The app has access now")

    status, got = app.poll()
    assert status == 200
    password = got["appPassword"]
    assert got == {
        "server": "http://testserver",
        "loginName": "alice@home",
        "appPassword": password,
    }
    assert re.fullmatch(r"([A-Z0-9]{5}-){4}[A-Z0-9]{5}", password)
    assert app.poll() == PENDING

    device = OCSClient(service="cloud", username=got["loginName"], password=password)
    assert device.get("user").data["id"] == "alice@home"

    own = browser.get("/talk/app-passwords/")
    assert "Talk on a phone" in text(own)
    [revoke] = re.findall(r'href="(\S+/revoke/)"', text(own))
    assert browser.submit(browser.get(revoke), revoke)["Location"] == "/talk/app-passwords/"
    assert device.get("user").http == 401


# The start


def test_start(prefix):
    """The addresses are absolute, and below the one that the app asked."""
    started = App(prefix).started
    here = f"http://testserver{prefix}/login/v2"
    assert started == {
        "poll": {"token": started["poll"]["token"], "endpoint": f"{here}/poll"},
        "login": started["login"],
    }
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", started["poll"]["token"])
    assert re.fullmatch(rf"{re.escape(here)}/flow/[A-Za-z0-9_-][A-Za-z0-9_.-]+", started["login"])


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Content-Type": "text/plain"}]
)
def test_start_needs_nothing(prefix, headers):
    """A login starts without header, cookie or token."""
    client = Client(enforce_csrf_checks=True, headers=headers)
    assert client.generic("POST", f"{prefix}/login/v2", b"\xff{").status_code == 200


def test_start_stores_nothing():
    """However often anybody starts, no table grows, and a start that is older still works."""
    with CaptureQueriesContext(connection) as queries:
        apps = [App() for _ in range(50)]
    assert len(queries) == 0
    assert len({app.started["poll"]["token"] for app in apps}) == 50


def test_tokens_are_independent(browser):
    """The address of the page contains nothing with which one can poll."""
    app = App()
    decide(browser, app)
    login_token = app.page.rsplit("/", 1)[1]
    digest, *_ = Signer(sep=".", salt="talk_calls.services.login_flows").unsign_object(login_token)
    for guess in (login_token, digest, *login_token.split(".")):
        assert app.poll(guess) == PENDING
    assert app.poll()[0] == 200


# The page


def test_page(browser):
    """The page names app, site and user, states what is granted, and has the protecting headers."""
    page = browser.get(App(user_agent='<b>Talk</b> & "more"').page)
    assert (page.status_code, heading(page)) == (200, ASK)
    assert "<strong><bdi>&lt;b&gt;Talk&lt;/b&gt; &amp; &quot;more&quot;</bdi></strong>" in text(
        page
    )
    assert "access to http://testserver." in text(page)
    assert "<strong><bdi>Alice &lt;Ünder&gt;</bdi></strong> (<bdi>alice@home</bdi>)" in text(page)
    assert "app password" in text(page)
    for decision in ("grant", "deny"):
        assert f'name="decision" value="{decision}"' in text(page)
    assert guards(page) == GUARDED
    assert "<script" not in text(page)
    assert "src=" not in text(page)
    assert "<b>" not in text(page)


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("", "Unnamed app"),
        ("   ", "Unnamed app"),
        ("x" * 5000, "x" * 100),
        ("a\tb\x00c", "a bc"),
        ("\u202eevil", "evil"),
    ],
    ids=ascii,
)
def test_name_of_the_app(browser, user_agent, shown):
    """The name of an app is shortened to what can be stored and shown; it may be missing."""
    app = App(user_agent=user_agent)
    assert f"<strong><bdi>{shown}</bdi></strong>" in text(browser.get(app.page))
    decide(browser, app)
    assert app.poll()[0] == 200
    assert AppPassword.objects.get().name == shown


def test_talk_on_a_phone_is_recognised(browser):
    """Who grants access reads which app on which system asks, and so does who revokes it later."""
    app = App(user_agent="Mozilla/5.0 (Android) Nextcloud-Talk v20.1.0")
    assert "<strong><bdi>Talk for Android</bdi></strong>" in text(browser.get(app.page))
    decide(browser, app)
    assert app.poll()[0] == 200
    assert str(AppPassword.objects.get()) == "Talk for Android"
    assert "Talk for Android</bdi>" in text(browser.get("/talk/app-passwords/"))


def test_every_answer_is_guarded(browser):
    """No answer of a login is cached, framed, or sent as referrer to another site."""
    app = App()
    page = browser.get(app.page)
    denied = browser.submit(page, app.page, decision="deny")
    granted = browser.submit(page, app.page, decision="grant")
    gone = browser.get("/login/v2/flow/nonsense")
    neither = browser.submit(page, app.page, decision="perhaps")
    to_login = Browser().get(app.page)
    answers = [page, denied, granted, gone, neither, to_login]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 400, 302]
    assert [guards(answer) for answer in answers] == [GUARDED] * 6


def test_deny(browser, prefix):
    """Denying creates nothing and shows a page that confirms it."""
    app = App(prefix)
    page = decide(browser, app, "deny")
    assert (page.status_code, heading(page)) == (200, "The app was denied access")
    assert app.poll() == PENDING
    assert not LoginFlow.objects.exists()


@pytest.mark.parametrize("decision", ["", "GRANT", "yes", "grant\0"])
def test_no_decision(browser, decision):
    """Anything but the two is refused."""
    app = App()
    assert decide(browser, app, decision).status_code == 400
    assert app.poll() == PENDING


def test_grant_needs_the_form(browser):
    """Another site cannot press the button."""
    app = App()
    browser.get(app.page)
    for form in ({"decision": "grant"}, {"decision": "grant", "csrfmiddlewaretoken": "x" * 64}):
        assert browser.post(app.page, form).status_code == 403
    assert browser.get(f"{app.page}?decision=grant").status_code == 200
    assert app.poll() == PENDING


def test_grant_needs_a_login():
    """Nobody grants nothing."""
    app = App()
    answer = Client().post(app.page, {"decision": "grant"})
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={app.page}")
    assert app.poll() == PENDING


def test_invalid_links(browser):
    """A link that was changed, made up, or signed for something else is like an expired one."""
    login_token = App().page.rsplit("/", 1)[1]
    payload, signature = login_token.rsplit(".", 1)
    changed = "A" if signature[0] != "A" else "B"
    for token in (
        "nonsense",
        ".",
        "a.b",
        payload,
        f"{payload}.",
        f"{payload}.{changed}{signature[1:]}",
        f"x{login_token}",
        Signer(sep=".", salt="something else").sign_object(["0" * 64, "Talk", 2e9]),
        "\0",
        "ä" * 1000,
    ):
        page = browser.get(f"/login/v2/flow/{token}")
        assert (page.status_code, heading(page)) == (404, GONE), token


# Time, and who is first


@pytest.mark.parametrize(
    ("opened", "granted", "polled", "expected"),
    [
        (0, 0, 1199, (200, 200, 200)),
        (1199, 1199, 1199, (200, 200, 200)),
        (0, 0, 1200, (200, 200, 404)),
        (0, 1200, 1200, (200, 404, 404)),
        (1200, 1200, 1200, (404, 404, 404)),
    ],
)
@pytest.mark.usefixtures("_any_age")
def test_a_login_lasts_twenty_minutes(alice, opened, granted, polled, expected):
    """A login lasts 20 minutes from its start; after that it is answered like an unknown one."""
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        browser = Client()
        browser.force_login(alice)
        app = App()
        clock.move_to(start + timedelta(seconds=opened))
        statuses = [browser.get(app.page).status_code]
        clock.move_to(start + timedelta(seconds=granted))
        statuses.append(browser.post(app.page, {"decision": "grant"}).status_code)
        clock.move_to(start + timedelta(seconds=polled))
        status, answer = app.poll()
        assert (*statuses, status) == expected
        assert status == 200 or answer == []


@pytest.mark.usefixtures("_any_age")
def test_old_grants_are_cleared_away(alice):
    """The next grant deletes what is too old, so the table holds twenty minutes at most."""
    start = timezone.now()
    browser = Client()
    browser.force_login(alice)
    with time_machine.travel(start, tick=False) as clock:
        for minute in (0, 10, 20, 31):
            clock.move_to(start + timedelta(minutes=minute))
            browser.post(App().page, {"decision": "grant"})
    assert LoginFlow.objects.count() == 2


def test_granted_twice_is_one_password(browser):
    """Granting twice, or going back, creates no second app password."""
    app = App()
    decide(browser, app)
    assert heading(decide(browser, app)) == "The app has access now"
    assert app.poll()[0] == 200
    page = decide(browser, app)
    assert (page.status_code, heading(page)) == (404, GONE)
    assert app.poll() == PENDING
    assert AppPassword.objects.count() == 1


def test_first_grant_wins(browser):
    """If two users grant the same login, the first counts; the second reads that it was used."""
    app, other = App(), Browser()
    other.force_login(UserFactory(username="bob"))
    question = other.get(app.page)
    decide(browser, app)
    page = other.submit(question, app.page, decision="grant")
    assert (page.status_code, heading(page)) == (404, GONE)
    assert app.poll()[1]["loginName"] == "alice@home"


# Polling


@pytest.mark.parametrize("redeemed", [False, True])
def test_polling_costs_one_statement(browser, redeemed):
    """An app asks four times a second, some also afterwards: one query by a unique index."""
    app = App()
    if redeemed:
        decide(browser, app)
        assert app.poll()[0] == 200
    with CaptureQueriesContext(connection) as queries:
        assert app.poll() == PENDING
    assert len(queries) == 1
    assert "digest" in queries[0]["sql"]


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "\0", "ä", "[]", " "], ids=ascii)
def test_wrong_tokens_look_like_pending_ones(browser, token):
    """Polling with an unknown token is answered like polling with a pending one."""
    app = App()
    decide(browser, app)
    assert app.poll(token) == PENDING
    assert app.poll()[0] == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"token", "application/x-www-form-urlencoded"),
        (b"token=%ff%fe", "application/x-www-form-urlencoded"),
        (b"token=%ed%a0%80", "application/x-www-form-urlencoded"),
        (b'{"token": 1}', "application/json"),
        (b"token=x", "application/x-www-form-urlencoded; charset=base64"),
        (FORM_DATA, "multipart/form-data; boundary=x; charset=base64"),
        (b"\xff", "multipart/form-data; boundary=x"),
        (b"\xff", "multipart/form-data"),
    ],
)
def test_bodies_that_make_no_sense(prefix, body, content_type):
    """A body that cannot be read is a clear refusal, and never our error."""
    client = Client(enforce_csrf_checks=True)
    answer = client.generic("POST", f"{prefix}/login/v2/poll", body, content_type)
    assert answer.status_code in (400, 404)


def test_account_that_is_switched_off_gets_no_password(browser, alice):
    """A grant is void once its user may not log in any more."""
    app = App()
    decide(browser, app)
    User.objects.update(is_active=False)
    assert app.poll() == PENDING
    assert not AppPassword.objects.exists()


def test_account_that_is_deleted_gets_no_password(browser, alice):
    """The grant goes with its user."""
    app = App()
    decide(browser, app)
    alice.delete()
    assert app.poll() == PENDING
    assert not LoginFlow.objects.exists()


def test_account_that_is_switched_off_grants_nothing(settings, alice):
    """Also where a site lets such accounts keep their session."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    browser, app = Client(), App()
    browser.force_login(alice)
    User.objects.update(is_active=False)
    assert browser.get(app.page).status_code == 403
    assert browser.post(app.page, {"decision": "grant"}).status_code == 403
    assert not LoginFlow.objects.exists()


def test_nothing_secret_is_stored(browser):
    """Neither token and no password lies in the database, before or after the app came."""
    app = App()
    decide(browser, app)
    tokens = [app.started["poll"]["token"], app.page.rsplit("/", 1)[1]]
    for secret in [*tokens, app.poll()[1]["appPassword"]]:
        rows = [*LoginFlow.objects.values(), *AppPassword.objects.values()]
        assert rows
        assert secret not in json.dumps(rows, default=str)


@override_script_prefix("/talk/")
def test_site_below_a_path(alice):
    """If the site is mounted below a path, all addresses in answers are too."""
    client = Client(SCRIPT_NAME="/talk")
    started = client.post("/index.php/login/v2").json()
    here = "http://testserver/talk/index.php/login/v2"
    assert started["poll"]["endpoint"] == f"{here}/poll"
    assert started["login"].startswith(f"{here}/flow/")
    browser = Client(SCRIPT_NAME="/talk")
    browser.force_login(alice)
    page = started["login"].removeprefix("http://testserver/talk")
    assert browser.post(page, {"decision": "grant"}).status_code == 200
    got = client.post("/index.php/login/v2/poll", {"token": started["poll"]["token"]}).json()
    assert got["server"] == "http://testserver/talk"
