"""System checks: wrong settings of a site, and the hints that help."""

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import checks
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.urls import include, path

from talk_calls.checks.databases import check_routers
from talk_calls.checks.logins import check_account_passwords
from talk_calls.conf import DEFAULTS
from talk_calls.host.policy import HostPolicy

# Django 6.1 runs the models' checks against a database, and they ask it for its features.
pytestmark = pytest.mark.django_db

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
USERS = "django.contrib.auth.middleware.AuthenticationMiddleware"
KNOWN_KEYS = f"Known keys: {', '.join(DEFAULTS)}."
DIRECTORY_HINT = "Name a subclass of talk_calls.host.directory.DjangoDirectory by its dotted path."
CHOICES = "Choose one of 'everyone', 'users', 'moderators', 'no one'."


class OwnSessions(SessionMiddleware):
    """A site's own kind of sessions."""


class OwnCache(LocMemCache):
    """A site's own kind of cache, one per process nevertheless."""


class NoDirectory:
    """A directory without the required methods."""

    def find_user(self, user_id):
        return None


class OldPolicy(HostPolicy):
    """A policy with a hook that lacks an argument."""

    def may_see(self, viewer):
        return True


class MisspeltPolicy(HostPolicy):
    """A policy with a hook that would never be asked."""

    def may_start_calls(self, user, conversation):
        return False


class GuessedPolicy(HostPolicy):
    """A policy with a hook that there is not."""

    def may_dance(self, user):
        return False


class OwnPolicy(HostPolicy):
    """A policy that is fine."""

    def may_see(self, one, other=None):
        return True

    @staticmethod
    def may_create(user, kind):
        return True

    @classmethod
    def may_moderate(cls, *arguments):
        return True


def ours(*, deploy: bool = False) -> list[tuple]:
    """Return id, message and hint of the app's messages in Django's own run of the checks."""
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=deploy)
        if message.id.startswith("talk_calls.")
    ]
    levels = {"E": checks.ERROR, "W": checks.WARNING}
    assert all(message.level == levels[message.id[11]] for message in found)
    return [
        (message.id.removeprefix("talk_calls."), message.msg, message.hint) for message in found
    ]


def test_nothing_to_say():
    """The smallest site is fine as it is."""
    assert ours() == []


@pytest.mark.parametrize("value", [None, [], "SESSION_TIMEOUT", 30, [("SESSION_TIMEOUT", 30)]])
def test_no_dict(settings, value):
    """E001: the settings are a dict."""
    settings.TALK_CALLS = value
    hint = 'Write TALK_CALLS = {"SESSION_TIMEOUT": 30} or leave it out.'
    assert ours() == [("E001", "TALK_CALLS is not a dict.", hint)]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("SESSION_TIMOUT", "Did you mean 'SESSION_TIMEOUT'?"),
        ("session_kill", "Did you mean 'SESSION_KILL'?"),
        ("START_CALL", "Did you mean 'START_CALLS'?"),
        (
            "XYZ",
            KNOWN_KEYS,
        ),
        (
            7,
            KNOWN_KEYS,
        ),
    ],
)
def test_unknown_key(settings, key, hint):
    """E002: an unknown key is an error, and the nearest one is named."""
    settings.TALK_CALLS = {key: 30}
    assert ours() == [("E002", f"TALK_CALLS has no key {key!r}.", hint)]


@pytest.mark.parametrize("key", ["MAX_BODY", "MAILBOX_MESSAGES", "MAILBOX_BYTES"])
@pytest.mark.parametrize("value", ["30", 30.5, True, 0, -1, None, [30]], ids=repr)
def test_bounds(settings, key, value):
    """E003: bounds are positive whole numbers."""
    settings.TALK_CALLS = {key: value}
    message = f"TALK_CALLS[{key!r}] is {value!r}, not a positive whole number."
    assert ours() == [("E003", message, f"The default is {DEFAULTS[key]}.")]


@pytest.mark.parametrize(
    "key",
    ["MAX_PARTICIPANTS", "GUESTS_PER_MINUTE", "CONVERSATIONS_PER_MINUTE", "SEARCHES_PER_MINUTE"],
)
@pytest.mark.parametrize("value", ["30", 30.5, True, -1, None, [30]], ids=repr)
def test_limits(settings, key, value):
    """E003: limits are whole numbers, of which 0 is none."""
    settings.TALK_CALLS = {key: value}
    message = f"TALK_CALLS[{key!r}] is {value!r}, not a whole number."
    assert ours() == [("E003", message, f"The default is {DEFAULTS[key]}; 0 is no limit.")]
    settings.TALK_CALLS = {key: 0}
    assert ours() == []


@pytest.mark.parametrize("value", ["3", 3.5, True, -1, None], ids=repr)
def test_length(settings, value):
    """E003: a number of characters is a whole number."""
    settings.TALK_CALLS = {"SEARCH_MIN_LENGTH": value}
    message = f"TALK_CALLS['SEARCH_MIN_LENGTH'] is {value!r}, not a whole number."
    assert ours() == [("E003", message, "The default is 0; 0 finds people without a term.")]
    settings.TALK_CALLS = {"SEARCH_MIN_LENGTH": 255}
    assert ours() == []


@pytest.mark.parametrize(
    "value", [None, 7, [], "site", {"site": "7"}, {"site": -1}, {"sites": 7}, {7: 7}], ids=repr
)
def test_mails(settings, value):
    """E003: limits of mails are numbers by what the mails have in common."""
    settings.TALK_CALLS = {"MAILS_PER_HOUR": value}
    message = f"TALK_CALLS['MAILS_PER_HOUR'] is {value!r}, not a dict of whole numbers."
    keys = "'conversation', 'user', 'address', 'recipient', 'site'"
    assert ours() == [("E003", message, f"Its keys are {keys}; 0 is no limit.")]
    settings.TALK_CALLS = {"MAILS_PER_HOUR": {"site": 0}}
    assert ours() == []


@pytest.mark.parametrize("key", ["SESSION_TIMEOUT", "SESSION_KILL"])
@pytest.mark.parametrize("value", ["30", 30.5, 30.0, True, 0, -1, None, [30]], ids=repr)
def test_seconds(settings, key, value):
    """E003: times are positive whole seconds."""
    settings.TALK_CALLS = {key: value}
    message = f"TALK_CALLS[{key!r}] is {value!r}, not a positive number of whole seconds."
    default = {"SESSION_TIMEOUT": 30, "SESSION_KILL": 100}[key]
    assert ours() == [("E003", message, f"The default is {default}.")]


@pytest.mark.parametrize("value", ["30", 1.5, True, 0, -1, 36_501, [30]], ids=repr)
def test_history_days(settings, value):
    """E003: 0 would delete all history, and looks like no limit."""
    settings.TALK_CALLS = {"HISTORY_DAYS": value}
    message = f"TALK_CALLS['HISTORY_DAYS'] is {value!r}, not a number of days from 1 to 36500."
    assert ours() == [("E003", message, "None keeps history for ever.")]


@pytest.mark.parametrize("value", [None, 1, 365, 36_500], ids=repr)
def test_right_history_days(settings, value):
    """None is for ever."""
    settings.TALK_CALLS = {"HISTORY_DAYS": value}
    assert ours() == []


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("moderator", f"Did you mean 'moderators'? {CHOICES}"),
        ("noone", f"Did you mean 'no one'? {CHOICES}"),
        ("XYZ", CHOICES),
        (1, CHOICES),
        (None, None),
        (["users"], None),
    ],
    ids=repr,
)
def test_start_calls(settings, value, hint):
    """E003: ``START_CALLS`` is one of four values."""
    settings.TALK_CALLS = {"START_CALLS": value}
    (found,) = ours()
    assert found[:2] == ("E003", f"TALK_CALLS['START_CALLS'] is {value!r}.")
    assert found[2].endswith(CHOICES)
    assert hint is None or found[2] == hint


@pytest.mark.parametrize("value", ["Staff", None, {"Staff"}, ["Staff", ""], [7]], ids=repr)
def test_start_calls_groups(settings, value):
    """E003: groups are a list of names."""
    settings.TALK_CALLS = {"START_CALLS_GROUPS": value}
    message = f"TALK_CALLS['START_CALLS_GROUPS'] is {value!r}, not a list of names of groups."
    assert ours() == [("E003", message, "Write ['Staff', 'Teachers'], or [] for everybody.")]


@pytest.mark.parametrize("value", [[], ["Staff"], ("Staff", "Pupils")], ids=repr)
def test_good_start_calls_groups(settings, value):
    """None, one and several, however they are listed."""
    settings.TALK_CALLS = {"START_CALLS_GROUPS": value}
    assert ours() == []


@pytest.mark.parametrize(
    "value", ["https://talk.example/", "/call/", "javascript:{token}", None, 7], ids=repr
)
def test_call_page(settings, value):
    """E003: the link in mails leads to a conversation."""
    settings.TALK_CALLS = {"CALL_PAGE": value}
    message = f"TALK_CALLS['CALL_PAGE'] is {value!r}, not an address with {{token}} in it."
    hint = "The default is '/call/{token}'; '' mails no invitations."
    assert ours() == [("E003", message, hint)]


@pytest.mark.parametrize(
    "value", ["no-such-name", "calls/", "//elsewhere.example/", "javascript:alert(1)", None, 7]
)
def test_call_home(settings, value):
    """E003: the way home is a page of the site, or one with http."""
    settings.TALK_CALLS = {"CALL_HOME": value}
    message = f"TALK_CALLS['CALL_HOME'] is {value!r}, which leads nowhere."
    hint = "Name a URL of the site, or write a path such as '/calls/' or an https:// address."
    assert ours() == [("E003", message, hint)]


@pytest.mark.parametrize(
    "value", ["", "/", "/calls/", "https://intranet.example", "talk_web:people-in-calls"]
)
def test_good_call_home(settings, value):
    """A path, an address and a name are all right."""
    settings.TALK_CALLS = {"CALL_HOME": value}
    assert ours() == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "https://app.example.org",
        ["app.example.org"],
        ["self"],
        ["*"],
        ["https:"],
        ["https://*"],
        ["https://app.example.org/"],
        ["https://app.example.org; script-src *"],
        ["https://app.example.org\n"],
        ["'self'", 7],
    ],
    ids=repr,
)
def test_frame_ancestors(settings, value):
    """E030: only sites that are named may show the call page."""
    settings.TALK_CALLS = {"FRAME_ANCESTORS": value}
    [(code, message, hint)] = ours()
    assert code == "E030"
    assert message.startswith(f"TALK_CALLS['FRAME_ANCESTORS'] is {value!r}, not a list of sites")
    assert "'https://app.example.org'" in hint


def test_good_frame_ancestors(settings):
    """Sites have a scheme, and perhaps a port; all names below one may be meant."""
    sites = ("'self'", "https://*.example.org", "http://localhost:*", "https://[::1]:8000")
    settings.TALK_CALLS = {"FRAME_ANCESTORS": sites}
    assert ours() == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"SESSION_TIMEOUT": 100}, "after 100 s, before they time out (100 s)."),
        ({"SESSION_KILL": 30}, "after 30 s, before they time out (30 s)."),
        ({"SESSION_TIMEOUT": 60, "SESSION_KILL": 50}, "after 50 s, before they time out (60 s)."),
    ],
)
def test_contradiction(settings, values, reason):
    """E004: sessions time out before they are swept away, defaults counted in."""
    settings.TALK_CALLS = values
    hint = "Make SESSION_KILL larger than SESSION_TIMEOUT; Talk uses 100 and 30."
    assert ours() == [("E004", f"TALK_CALLS sweeps sessions away {reason}", hint)]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("no.such.module", "cannot be imported"),
        ("tests.test_checks.Missing", "cannot be imported"),
        ("DjangoDirectory", "cannot be imported"),
        ("", "cannot be imported"),
        (None, "cannot be imported"),
        (7, "cannot be imported"),
        (NoDirectory, "cannot be imported"),
        (
            "tests.test_checks.NoDirectory",
            "lacks may_use_talk, user_id, user_id_path, email_path, group_name_path, display_name, "
            "email, group_ids, find_users, find_group, group_members, members_among",
        ),
    ],
    ids=repr,
)
def test_directory(settings, value, fault):
    """E005: the directory can be imported and has every method."""
    settings.TALK_CALLS = {"DIRECTORY": value}
    message = f"TALK_CALLS['DIRECTORY'] is {value!r}, which {fault}."
    assert ours() == [("E005", message, DIRECTORY_HINT)]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("email", "holds e-mail addresses"),
        ("first_name", "is not unique"),
        ("last_login", "may be null"),
        ("groups", "is a relation"),
        ("nickname", "is no field of auth.User"),
        ("", None),
        ("username", None),
        ("id", None),
        ("pk", None),
        (None, "is no field"),
        (7, "is no field"),
    ],
    ids=repr,
)
def test_user_id(settings, value, fault):
    """E011: user ids are in a field that has one for every user, which all may see."""
    settings.TALK_CALLS = {"USER_ID": value}
    hint = (
        "Every participant sees it, and it names one account for ever. "
        "Choose one of 'id', 'username', or leave it out for 'username'."
    )
    message = f"TALK_CALLS['USER_ID'] is {value!r}, which {fault}."
    assert ours() == ([("E011", message, hint)] if fault else [])


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("no.such.Policy", "cannot be imported"),
        (None, "cannot be imported"),
        ("tests.test_checks.ours", "is no class"),
        (
            "tests.test_checks.NoDirectory",
            "lacks may_create, may_make_public, may_make_listable, may_invite, may_invite_group, "
            "may_invite_email, may_be_invited, may_see, may_see_group, may_start_call, "
            "may_moderate",
        ),
        ("tests.test_checks.OldPolicy", "has may_see with other arguments than (viewer, user)"),
        (
            "tests.test_checks.MisspeltPolicy",
            "has may_start_calls, which is no hook (did you mean may_start_call?)",
        ),
        ("tests.test_checks.GuessedPolicy", "has may_dance, which is no hook"),
    ],
    ids=repr,
)
def test_policy(settings, value, fault):
    """E013: the policy can be imported, and all its hooks can be asked."""
    settings.TALK_CALLS = {"POLICY": value}
    hint = "Name a subclass of talk_calls.host.policy.HostPolicy by its dotted path."
    assert ours() == [("E013", f"TALK_CALLS['POLICY'] is {value!r}, which {fault}.", hint)]


def test_policy_may_name_its_arguments_as_it_likes(settings):
    """Hooks are called by position, and may be static."""
    settings.TALK_CALLS = {"POLICY": "tests.test_checks.OwnPolicy"}
    assert ours() == []


@pytest.mark.parametrize("key", ["SERVER_VERSION", "TALK_VERSION"])
@pytest.mark.parametrize(
    "value",
    ["29", "29.0", "29.0.0.1", "v29.0.0", "29.0.0\n", "29.0.x", "٢٩.0.0", "", 29, 29.0, None],
    ids=ascii,
)
def test_versions(settings, key, value):
    """E003: versions are three numbers with dots between them."""
    settings.TALK_CALLS = {key: value}
    message = f"TALK_CALLS[{key!r}] is {value!r}, not three numbers with dots between them."
    default = {"SERVER_VERSION": "33.0.0", "TALK_VERSION": "23.0.2"}[key]
    assert ours() == [("E003", message, f"The default is {default!r}.")]


@pytest.mark.parametrize("missing", [[SESSIONS], [USERS], [SESSIONS, USERS]])
def test_middleware(settings, missing):
    """E006: sessions and logins need their middleware."""
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if path not in missing]
    hint = "Guests are known by their session cookie, and users by their login."
    assert ours() == [("E006", f"talk_calls needs {path} in MIDDLEWARE.", hint) for path in missing]


def test_middleware_of_ones_own(settings):
    """A subclass does."""
    own = "tests.test_checks.OwnSessions"
    settings.MIDDLEWARE = [own if path == SESSIONS else path for path in settings.MIDDLEWARE]
    assert ours() == []


@pytest.mark.parametrize(
    ("backend", "warned"),
    [
        ("django.core.cache.backends.locmem.LocMemCache", "LocMemCache"),
        ("django.core.cache.backends.dummy.DummyCache", "DummyCache"),
        ("tests.test_checks.OwnCache", "OwnCache"),
        ("django.core.cache.backends.db.DatabaseCache", None),
        ("django.core.cache.backends.filebased.FileBasedCache", None),
        ("django.core.cache.backends.redis.RedisCache", None),
    ],
)
def test_cache(settings, tmp_path, backend, warned):
    """W001: a cache of each process's own is reported by ``check --deploy`` only."""
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    message = f"The default cache, {warned}, is not shared between processes."
    hint = (
        "Wrong passwords are counted there, so each process allows as many again. "
        "Use Redis, Memcached or Django's DatabaseCache."
    )
    assert ours() == []
    assert ours(deploy=True) == ([("W001", message, hint)] if warned else [])


def test_everything_at_once(settings):
    """One run names all mistakes, so that nobody runs it five times."""
    settings.TALK_CALLS = {"XYZ": 1, "SESSION_TIMEOUT": "5", "DIRECTORY": "x", "START_CALLS": "x"}
    settings.MIDDLEWARE = []
    assert sorted(found[0] for found in ours()) == [
        *("E002", "E003", "E003", "E005", "E006", "E006"),
    ]


def test_check_command_fails(settings):
    """``manage.py check`` stops a site that is wrong."""
    settings.TALK_CALLS = {"SESSION_TIMOUT": 30}
    with pytest.raises(SystemCheckError, match=r"talk_calls\.E002"):
        call_command("check")


# --- databases ------------------------------------------------------------------------------------


class Split:
    """Sends sessions to a database of their own."""

    def db_for_write(self, model, **hints):
        return "sessions" if model.__name__ == "Session" else None


class WithoutUsers:
    """Sends the app to a database of its own, and leaves its users behind."""

    def db_for_write(self, model, **hints):
        return "calls" if model._meta.app_label == "talk_calls" else None


class Replica:
    """Writes everything in one place, and reads from another."""

    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "primary"


def test_routers_that_split_the_app(settings):
    """E008: a call is changed in one transaction, so its rows are in one database."""
    settings.DATABASE_ROUTERS = [f"{__name__}.Split"]
    models = (
        "Alias, AppPassword, Conversation, Call, LiveCall, CallLeg, SystemMessage, Attendee, "
        "AuditEntry, Ban, EndedSession, HPBConversation, HPBSession, LoginFlow, OutboxEvent, "
        "PendingEvent, SignalingMessage, SignalingKey, DaySummary, PersonDay, WebhookEndpoint, "
        "WebhookStream, WebhookDelivery"
    )
    places = f"'default': {models}; 'sessions': Session"
    message = f"DATABASE_ROUTERS split talk_calls over several databases ({places})."
    hint = (
        "Let db_for_write return the same database for every model of talk_calls: "
        "a change of a call is one transaction."
    )
    assert [(found.msg, found.hint, found.id) for found in check_routers(None)] == [
        (message, hint, "talk_calls.E008")
    ]


def test_routers_that_leave_the_users_behind(settings):
    """E009: an attendee refers to a user, which no foreign key does across databases."""
    settings.DATABASE_ROUTERS = [f"{__name__}.WithoutUsers"]
    message = "DATABASE_ROUTERS put talk_calls in 'calls' and auth.User in 'default'."
    hint = (
        "Let db_for_write return the same database for both: "
        "foreign keys to users cannot lead to another database."
    )
    assert [(found.msg, found.hint, found.id) for found in check_routers(None)] == [
        (message, hint, "talk_calls.E009")
    ]


class BrowserSessions:
    """Sends the sessions of Django to a database of their own."""

    def db_for_write(self, model, **hints):
        return "browsers" if model._meta.app_label == "sessions" else None


@pytest.mark.parametrize("router", [Replica, BrowserSessions])
def test_routers_that_are_fine(settings, router):
    """A site may have replicas; no row of ours refers to a session of Django."""
    settings.DATABASE_ROUTERS = [f"{__name__}.{router.__name__}"]
    assert check_routers(None) == []


# --- signaling ------------------------------------------------------------------------------------

STUN_HINT = 'Write ["stun.example.org:3478"], with ports and without "stun:".'


@pytest.mark.parametrize(
    "value", ["stun.example.org:3478", ["stun:a.example:1"], ["a.example"], [7], None], ids=repr
)
def test_stun_servers(settings, value):
    """E003: STUN servers are a list of hosts with ports."""
    settings.TALK_CALLS = {"STUN_SERVERS": value}
    message = f"TALK_CALLS['STUN_SERVERS'] is {value!r}, not a list of addresses."
    assert ours() == [("E003", message, STUN_HINT)]


SERVER = {"ADDRESS": "turn.example.org:3478", "SECRET": "hush"}


@pytest.mark.parametrize(
    "value",
    [
        SERVER,
        "turn.example.org:3478",
        [{"ADDRESS": "turn.example.org:3478"}],
        [{**SERVER, "SECRET": ""}],
        [{**SERVER, "ADDRESS": "turn:turn.example.org"}],
        [{**SERVER, "SCHEMES": "turn"}],
        [{**SERVER, "SCHEMES": []}],
        [{**SERVER, "PROTOCOLS": ["sctp"]}],
        [{**SERVER, "PORT": 3478}],
    ],
    ids=repr,
)
def test_turn_servers(settings, value):
    """E003: TURN servers have address and secret, and the secret is never printed."""
    settings.TALK_CALLS = {"TURN_SERVERS": value}
    ((code, message, hint),) = ours()
    assert code == "E003"
    assert message == "TALK_CALLS['TURN_SERVERS'] is not a list of servers with ADDRESS and SECRET."
    assert "hush" not in hint


@pytest.mark.parametrize(
    "values",
    [
        {"STUN_SERVERS": ["stun.example.org:3478", "10.0.0.1:3478", "[::1]:3478"]},
        {"STUN_SERVERS": (), "TURN_SERVERS": ()},
        {"TURN_SERVERS": [SERVER, {**SERVER, "SCHEMES": ["turns"], "PROTOCOLS": ("tcp",)}]},
        {"WAKEUP": "redis://:hush@localhost:6379/0"},
        {"WAKEUP": "valkey://localhost"},
        {"WAKEUP": "postgres://user:hush@localhost/db"},
    ],
    ids=repr,
)
def test_signaling_that_is_fine(settings, values):
    """What works is not complained about."""
    settings.TALK_CALLS = values
    assert ours() == []


@pytest.mark.parametrize(
    "value", ["redis", "amqp://hush@host", "localhost:6379", None, 7], ids=repr
)
def test_wakeup(settings, value):
    """E003: hints travel by Redis or PostgreSQL; passwords are never printed."""
    settings.TALK_CALLS = {"WAKEUP": value}
    ((code, message, hint),) = ours()
    assert (code, message) == (
        "E003",
        "TALK_CALLS['WAKEUP'] is no URL of a Redis or PostgreSQL server.",
    )
    assert "hush" not in hint


@pytest.mark.parametrize(
    ("value", "package"), [("redis://h", "redis"), ("postgres://h", "psycopg")]
)
def test_wakeup_without_its_package(settings, monkeypatch, value, package):
    """E007: an extra is missing, and the hint names it."""
    monkeypatch.setattr("talk_calls.checks.signaling.find_spec", lambda name: None)
    settings.TALK_CALLS = {"WAKEUP": value}
    extra = {"redis": "redis", "psycopg": "postgres"}[package]
    message = f"TALK_CALLS['WAKEUP'] needs the package {package}."
    assert ours() == [("E007", message, f"pip install 'talk-calls[{extra}]'")]


def test_wakeup_by_a_database_that_is_none(settings):
    """E007: the site's own database can only send hints if it is PostgreSQL."""
    settings.TALK_CALLS = {"WAKEUP": "postgresql"}
    message = "TALK_CALLS['WAKEUP'] is 'postgresql', and the app's database is another one."
    is_postgresql = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    expected = [] if is_postgresql else [("E007", message, "Say which: 'postgres://host/db'.")]
    assert ours() == expected


@pytest.mark.parametrize(
    ("asgi", "wsgi", "warned"),
    [(None, "x.wsgi", True), ("x.asgi", "x.wsgi", False), (None, None, False)],
)
def test_wsgi(settings, asgi, wsgi, warned):
    """W002: under WSGI polls hold workers; asked by ``check --deploy`` only."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    settings.ASGI_APPLICATION, settings.WSGI_APPLICATION = asgi, wsgi
    assert ours() == []
    assert [code for code, *_ in ours(deploy=True)] == (["W002"] if warned else [])


# Logins

OURS = "talk_calls.api.authentication.TalkAuthentication"
TOKENS = "rest_framework.authentication.TokenAuthentication"
NOT_CLASSES = "Name subclasses of rest_framework.authentication.BaseAuthentication by path."
PASSES_BY = (
    "HTTP Basic asks for nothing but the password: switch it off, as apps log in by your login "
    "page, or have accepts_password of LOGINS refuse whom you ask for more."
)


@pytest.mark.parametrize("value", [[OURS], (TOKENS, OURS), [OURS, TOKENS]])
def test_authentication_classes(settings, value):
    """Classes of the site may stand before and after ours."""
    settings.TALK_CALLS = {"AUTHENTICATION": value}
    assert ours() == []


@pytest.mark.parametrize("value", [None, OURS, 7, ["no.such"], [OURS, 7], ["logging.Handler"]])
def test_no_authentication_classes(settings, value):
    """E010: a list of paths of authentication classes."""
    settings.TALK_CALLS = {"AUTHENTICATION": value}
    message = f"TALK_CALLS['AUTHENTICATION'] is {value!r}, not a list of authentication classes."
    assert ours() == [("E010", message, NOT_CLASSES)]


@pytest.mark.parametrize("value", [[], [TOKENS]])
def test_no_class_for_app_passwords(settings, value):
    """E010: without ours no app can log in."""
    settings.TALK_CALLS = {"AUTHENTICATION": value}
    message = "TALK_CALLS['AUTHENTICATION'] has no class for app passwords."
    hint = f"Add {OURS}: Talk's apps log in with nothing else."
    assert ours() == [("E010", message, hint)]


@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_account_passwords_is_a_switch(settings, value):
    """E003: True or False."""
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": value}
    message = f"TALK_CALLS['ACCOUNT_PASSWORDS'] is {value!r}, and neither True nor False."
    assert ours()[0] == ("E003", message, "The default is False.")


@pytest.mark.parametrize("value", [None, -1, 1.5, "900", True])
def test_fresh_login_is_a_number(settings, value):
    """E003: seconds, of which 0 are any age."""
    settings.TALK_CALLS = {"FRESH_LOGIN": value}
    message = f"TALK_CALLS['FRESH_LOGIN'] is {value!r}, not a number of whole seconds."
    assert ours() == [("E003", message, "The default is 900; 0 is any age.")]


class NoLogins:
    """Lacks a method."""

    def accepts_password(self, user, request):
        return True

    def is_fresh(self, request):
        return True


def test_logins_without_a_method(settings):
    """E005: whatever we ask, the class has."""
    settings.TALK_CALLS = {"LOGINS": f"{__name__}.NoLogins"}
    message = f"TALK_CALLS['LOGINS'] is '{__name__}.NoLogins', which lacks fresh_login_url."
    hint = "Name a subclass of talk_calls.host.logins.DjangoLogins by its dotted path."
    assert ours() == [("E005", message, hint)]


def login_page(request):
    """Ask for more than a password, as any view of a site may."""


urlpatterns = [
    path("own/", login_page, name="own"),
    path("django/", LoginView.as_view(), name="django"),
    path("admin/", admin.site.urls),
    path("", include("talk_calls.urls")),
]


@pytest.mark.parametrize(
    ("login_url", "what"),
    [
        ("/django/", None),
        ("django", None),
        ("admin:login", None),
        ("/nowhere/", None),
        ("no-such-name", None),
        ("own", f"the login page {__name__}.login_page (LOGIN_URL)"),
        ("https://id.example.org/", "a login page of another site (LOGIN_URL)"),
    ],
)
@pytest.mark.parametrize("is_on", [True, False])
def test_account_passwords_beside_a_login_page(settings, login_url, what, is_on):
    """W003: a login page of the site may ask for more."""
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_URL = login_url
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": is_on}
    message = f"TALK_CALLS['ACCOUNT_PASSWORDS'] is on beside {what}."
    found = [each for each in ours() if each[0] == "W003"]
    assert found == ([("W003", message, PASSES_BY)] if is_on and what else [])


def test_account_passwords_beside_a_second_factor(settings, monkeypatch):
    """W003: so do apps for second factors and for logins elsewhere."""
    names = ("people", "django_otp", "allauth.socialaccount", "allauth.socialaccount.providers.x")
    installed = [SimpleNamespace(name=name) for name in names]
    monkeypatch.setattr("talk_calls.checks.logins.apps.get_app_configs", lambda: installed)
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": True}
    message = (
        "TALK_CALLS['ACCOUNT_PASSWORDS'] is on beside django_otp, "
        "allauth.socialaccount.providers.x in INSTALLED_APPS."
    )
    assert [
        (each.id, each.msg, each.hint) for each in check_account_passwords(app_configs=None)
    ] == [("talk_calls.W003", message, PASSES_BY)]
