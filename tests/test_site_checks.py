"""System checks of the site around the app: database, URLs, pages; each with a hint."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path, re_path

from talk_calls.checks.databases import check_vendor
from talk_calls.checks.pages import check_login_page, check_static_files, check_templates
from talk_calls.checks.site import check_middleware, check_proxies, check_time_zones
from talk_calls.checks.urls import check_urls

API = path("", include("talk_calls.urls"))
ACCOUNTS = path("", include("talk_calls.accounts.urls"))
CALL_PAGE = path("", include("talk_calls.call_page.urls"))


def page(request, **_):
    return HttpResponse()


CATCH_ALL = re_path(r"^((?:[\w.\-]+/?)*)$", page, name="wagtail_serve")
SLUG = path("call/<slug:slug>", page, name="phone")


@pytest.fixture
def urls(settings) -> Callable:
    """Return a function that gives the site these URLs."""

    def use(*patterns) -> None:
        settings.ROOT_URLCONF = type("URLs", (), {"urlpatterns": list(patterns)})

    return use


def found(check: Callable) -> list[tuple[str, str]]:
    """Return id and message of what a check finds; every message has a hint."""
    messages = check(None)
    assert all(message.hint for message in messages)
    return [(message.id.removeprefix("talk_calls."), message.msg) for message in messages]


# --- the database and time zones ------------------------------------------------------------------


@pytest.mark.parametrize(("vendor", "name"), [("mysql", "MariaDB"), ("oracle", "Oracle")])
def test_databases_that_cannot_do_it(monkeypatch, vendor, name):
    """E015: the rules rest on constraints that these do not have."""
    monkeypatch.setattr(connection, "vendor", vendor)
    monkeypatch.setattr(connection, "display_name", name)
    message = f"The database 'default' is {name}, which talk_calls cannot use."
    assert found(check_vendor) == [("E015", message)]


def test_databases_that_can():
    """The suite runs on both of them."""
    assert found(check_vendor) == []


def test_local_times(settings):
    """E016: an hour that comes twice would be told apart by nobody."""
    settings.USE_TZ = False
    assert found(check_time_zones) == [("E016", "USE_TZ is off.")]


def test_tuples_are_lists(settings):
    """Django takes both."""
    settings.MIDDLEWARE = tuple(settings.MIDDLEWARE)
    assert found(check_middleware) == []


# --- proxies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")),
        ("USE_X_FORWARDED_HOST", True),
        ("USE_X_FORWARDED_PORT", True),
    ],
)
def test_proxy_without_a_number(settings, name, value):
    """W008: the site says that there is a proxy; 0 says that the server sees to the address."""
    assert found(check_proxies) == []
    setattr(settings, name, value)
    message = f"{name} is set, so a proxy stands before the site, and NUM_PROXIES is not."
    assert found(check_proxies) == [("W008", message)]
    for number in (0, 1, 3):
        settings.REST_FRAMEWORK = {"NUM_PROXIES": number}
        assert found(check_proxies) == []


@pytest.mark.parametrize("value", [-1, "1", 1.5, True])
def test_proxies_that_are_no_number(settings, value):
    """W008: the address would be any of the header, or each request an error."""
    settings.REST_FRAMEWORK = {"NUM_PROXIES": value}
    message = f"NUM_PROXIES in REST_FRAMEWORK is {value!r}, not a number of proxies."
    assert found(check_proxies) == [("W008", message)]


# --- URLs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "patterns",
    [
        [API],
        [API, ACCOUNTS, CALL_PAGE],
        [CALL_PAGE, ACCOUNTS, API],
        [API, ACCOUNTS, CALL_PAGE, CATCH_ALL],
        [path("talk/", include([API, ACCOUNTS, CALL_PAGE])), CATCH_ALL],
        [path("", include("talk_calls.urls", namespace="calls"))],
        i18n_patterns(API, prefix_default_language=False),
        [*i18n_patterns(path("", page)), API],
        [*i18n_patterns(API), API],
    ],
    ids=range(9),
)
def test_urls_that_work(urls, patterns):
    """The order of our includes, a path before them, and what stands after them do not matter."""
    urls(*patterns)
    assert found(check_urls) == []


@pytest.mark.parametrize("patterns", [[], [ACCOUNTS, CALL_PAGE], [CATCH_ALL]], ids=range(3))
def test_no_api(urls, patterns):
    """W005: the app is installed, and its API cannot be asked."""
    urls(*patterns)
    message = "ROOT_URLCONF does not include talk_calls.urls, so there is no call API."
    assert found(check_urls) == [("W005", message)]


@pytest.mark.parametrize(
    "pattern",
    [
        path("", include(([API], "intranet"))),
        path("<slug:tenant>/", include("talk_calls.urls")),
    ],
    ids=["namespace", "argument"],
)
def test_other_names(urls, pattern):
    """E017: pages make their addresses by ``reverse()``."""
    urls(pattern)
    message = "talk_calls.urls is included where its routes have other names or more arguments."
    assert found(check_urls) == [("E017", message)]


def test_a_language_in_the_address(urls):
    """E018: no client knows of one."""
    urls(*i18n_patterns(API, ACCOUNTS))
    assert found(check_urls) == [
        ("E018", "talk_calls.urls is included inside of i18n_patterns."),
        ("E018", "talk_calls.accounts.urls is included inside of i18n_patterns."),
    ]


def test_behind_a_route_that_matches_anything(urls):
    """E019: Wagtail's pages, or a route of the site for some of our addresses, come before."""
    urls(API, CATCH_ALL, ACCOUNTS)
    route = r"'^((?:[\\w.\\-]+/?)*)$'"
    to = f"leads to wagtail_serve by the route {route}."
    message = f"talk_calls.accounts.urls is included, but /status.php {to}"
    assert found(check_urls) == [("E019", message)]
    urls(CATCH_ALL, API)
    message = f"talk_calls.urls is included, but /ocs/v2.php/apps/spreed/api/v4/room {to}"
    assert found(check_urls) == [("E019", message)]
    urls(SLUG, API, CALL_PAGE)
    to = "leads to phone by the route 'call/<slug:slug>'."
    message = f"talk_calls.call_page.urls is included, but /call/probe {to}"
    assert found(check_urls) == [("E019", message)]


@pytest.mark.parametrize("module", ["no.such.module", None])
@pytest.mark.parametrize(
    "check", [check_urls, check_templates, check_static_files, check_login_page]
)
def test_urls_that_cannot_be_imported(settings, module, check):
    """Django reports that itself."""
    settings.ROOT_URLCONF = module
    assert found(check) == []


# --- pages ----------------------------------------------------------------------------------------

ENGINE = "django.template.backends.django.DjangoTemplates"
LOADERS = ["django.template.loaders.app_directories.Loader"]


@pytest.mark.parametrize(
    "templates",
    [[], [{"BACKEND": ENGINE}], [{"BACKEND": "django.template.backends.dummy.TemplateStrings"}]],
    ids=["none", "without apps", "another engine"],
)
def test_pages_without_their_templates(settings, urls, templates):
    """E020: account pages and call page are templates of the app."""
    settings.TEMPLATES = templates
    urls(API, ACCOUNTS, CALL_PAGE)
    assert found(check_templates) == [
        (
            "E020",
            "talk_calls.accounts.urls is included, and no template engine finds "
            "talk_calls/accounts/consent.html.",
        ),
        (
            "E020",
            "talk_calls.call_page.urls is included, and no template engine finds "
            "talk_calls/call/page.html.",
        ),
    ]
    urls(API)
    assert found(check_templates) == []


@pytest.mark.parametrize(
    "options", [{"APP_DIRS": True}, {"OPTIONS": {"loaders": LOADERS}}], ids=["dirs", "loader"]
)
def test_pages_with_their_templates(settings, urls, options):
    """There are two ways to have templates of apps."""
    settings.TEMPLATES = [{"BACKEND": ENGINE, **options}]
    urls(API, ACCOUNTS, CALL_PAGE)
    assert found(check_templates) == []


def test_no_address_of_static_files(settings, urls):
    """E021: the call page would have no scripts."""
    settings.STATIC_URL = None
    urls(API, CALL_PAGE)
    message = "talk_calls.call_page.urls is included, and STATIC_URL is not set."
    assert found(check_static_files) == [("E021", message)]
    urls(API)
    assert found(check_static_files) == []


def test_no_staticfiles(settings, urls):
    """W006: the scripts are there, but who serves them?"""
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "staticfiles" not in app]
    urls(API, CALL_PAGE)
    message = (
        "talk_calls.call_page.urls is included, and django.contrib.staticfiles is not installed."
    )
    assert found(check_static_files) == [("W006", message)]
    urls(API, ACCOUNTS)
    assert found(check_static_files) == []


LOGIN = path("accounts/login/", page, name="login")


@pytest.mark.parametrize(
    ("login_url", "patterns"),
    [
        ("/accounts/login/", [LOGIN]),
        ("/accounts/login/?from=talk", [LOGIN]),
        ("/accounts/login", [LOGIN]),  # CommonMiddleware adds the slash
        ("login", [LOGIN]),
        ("/accounts/login/", i18n_patterns(LOGIN)),  # LocaleMiddleware adds the language
        ("login", i18n_patterns(LOGIN)),
        ("https://sso.example/login", []),
        ("/anything", [CATCH_ALL]),
    ],
)
def test_login_page(settings, urls, login_url, patterns):
    """It may be named in all the ways that Django takes."""
    settings.LOGIN_URL = login_url
    urls(API, ACCOUNTS, *patterns)
    assert found(check_login_page) == []


@pytest.mark.parametrize("login_url", ["/accounts/login/", "login", "no:such:name", "", "login/"])
def test_no_login_page(settings, urls, login_url):
    """W007: an app sends its user to log in, and the user finds nothing."""
    settings.LOGIN_URL = login_url
    urls(API, ACCOUNTS, path("elsewhere/", page))
    message = f"talk_calls.accounts.urls is included, and LOGIN_URL, {login_url!r}, leads nowhere."
    assert found(check_login_page) == [("W007", message)]
    urls(API)
    assert found(check_login_page) == []


# --- sites of their own ---------------------------------------------------------------------------

SITE = """
SECRET_KEY = "only for tests"
ROOT_URLCONF = "site_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "site_database", "NAME": ":memory:"}}
INSTALLED_APPS = (
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "talk_calls",
)
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
TALK_CALLS = {"STUN_SERVERS": ("stun.example.org:3478",), "TURN_SERVERS": ()}
"""

DATABASE = """
from django.db.backends.sqlite3 import base

class DatabaseWrapper(base.DatabaseWrapper):
    vendor = VENDOR
    display_name = "MySQL"
"""


def check(folder, vendor: str, urls: str, settings: str = "") -> subprocess.CompletedProcess:
    """Run ``manage.py check`` of a site with these URLs and this kind of database."""
    package = folder / "site_database"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "base.py").write_text(DATABASE.replace("VENDOR", repr(vendor)))
    (folder / "site_settings.py").write_text(SITE + settings)
    (folder / "site_urls.py").write_text(urls)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "site_settings"}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), os.getcwd()])
    command = [sys.executable, "-m", "django", "check"]
    return subprocess.run(  # noqa: S603 -- arguments of our own
        command, env=environment, capture_output=True, text=True, check=False
    )


URLS = """
from django.urls import include, path

urlpatterns = [path("", include("talk_calls.urls"))]
"""


def test_a_site_with_tuples(tmp_path):
    """Nothing is said about a small site that writes tuples for lists."""
    ran = check(tmp_path, "sqlite", URLS)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no issues" in ran.stdout


def test_a_site_where_much_is_wrong(tmp_path):
    """Everything is named at once."""
    pages = URLS.replace("]", ', path("", include("talk_calls.accounts.urls"))]')
    pages = pages.replace("]", ', path("", include("talk_calls.call_page.urls"))]')
    ran = check(tmp_path, "mysql", pages, settings="USE_TZ = False\nMIDDLEWARE = ()\n")
    assert ran.returncode == 1
    ids = {word.strip("():") for word in ran.stderr.split() if "talk_calls." in word[:12]}
    assert {each for each in ids if each[-4] in "EW"} == {
        f"talk_calls.{name}" for name in ("E006", "E015", "E016", "E020", "E021", "W007")
    }


def test_a_site_whose_urls_are_broken(tmp_path):
    """Django's error is what is seen, and not one of ours."""
    ran = check(tmp_path, "sqlite", "import no_such_module")
    assert ran.returncode == 1
    assert "No module named 'no_such_module'" in ran.stderr
    assert "talk_calls/checks" not in ran.stderr
