"""Checks that need a second process or a server: hints, the cache, the site itself."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from talk_calls.health import cache, server, wakeup
from talk_calls.health import settings as settings_check
from talk_calls.health.results import error, ok, skipped, warning
from tests.servers.ports import HOST, free_port

pytestmark = pytest.mark.django_db

NO_HINTS = (
    "Is the server that WAKEUP names up, and can this machine reach it? Calls work without it, but "
    "changes arrive up to half a second later."
)
SET_WAKEUP = "Set WAKEUP to Redis or PostgreSQL: changes then arrive at once, without queries."
COUNTED = (
    "Wrong passwords are counted there, so each process allows as many again. Use Redis, Memcached "
    "or Django's DatabaseCache as the default cache."
)


@pytest.fixture
def talk(settings, monkeypatch, second_process):
    """Return a function that sets ``TALK_CALLS``, here and in the second process."""

    def set_here_and_there(**values):
        settings.TALK_CALLS = values
        monkeypatch.setenv("HEALTH_TALK", json.dumps(values))

    return set_here_and_there


# --- wakeup ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channel",
    [
        pytest.param("redis", marks=pytest.mark.redis),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_hints_that_come_through(request, talk, context, channel):
    """A real second process publishes, this one receives."""
    url = request.getfixturevalue("redis").url if channel == "redis" else channel
    talk(WAKEUP=url)
    [result] = wakeup.run(context)
    name = {"redis": "Redis", "postgresql": "PostgreSQL"}[channel]
    assert result.level == "ok"
    assert result.message.startswith(f"A hint of a second process came through {name} in ")


@pytest.mark.redis
def test_second_process_that_cannot_publish(
    request, settings, monkeypatch, second_process, context
):
    """This process receives, the other cannot connect, as behind a firewall."""
    settings.TALK_CALLS = {"WAKEUP": request.getfixturevalue("redis").url}
    away = {"WAKEUP": f"redis://{HOST}:{free_port()}"}
    monkeypatch.setenv("HEALTH_TALK", json.dumps(away))
    assert wakeup.run(context) == [
        error("A hint of a second process was not received through Redis.", NO_HINTS)
    ]


def test_broker_that_is_away(settings, context):
    """The message leaves out its address, which may contain a password."""
    settings.TALK_CALLS = {"WAKEUP": f"redis://:hush@{HOST}:{free_port()}"}
    assert wakeup.run(context) == [
        error("Hints cannot be received through Redis: ConnectionError.", NO_HINTS)
    ]


def test_no_hints(settings, monkeypatch, context):
    """One process needs none, several do."""
    settings.TALK_CALLS = {}
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    message = "WAKEUP is not set: each process queries the database twice a second."
    assert wakeup.run(context) == [skipped(message, SET_WAKEUP)]
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    message = (
        "WAKEUP is not set, and WEB_CONCURRENCY is 4. Each process queries the database twice a "
        "second."
    )
    assert wakeup.run(context) == [warning(message, SET_WAKEUP)]


# --- cache ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_cache_of_each_process(settings, context, backend):
    """Known without trying."""
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    name = backend.rpartition(".")[2]
    message = f"The default cache, {name}, is not shared between processes."
    [result] = cache.run(context)
    assert (result.level, result.message) == ("warning", message)


def files(folder):
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    return {"default": {"BACKEND": backend, "LOCATION": str(folder)}}


def test_cache_that_is_shared(settings, monkeypatch, tmp_path, second_process, context):
    """What this process sets, a second one reads; nothing stays behind."""
    settings.CACHES = files(tmp_path)
    monkeypatch.setenv("HEALTH_CACHE", str(tmp_path))
    assert cache.run(context) == [ok("The default cache is shared between processes.")]
    assert list(tmp_path.iterdir()) == []


def test_cache_that_is_not_shared(settings, monkeypatch, tmp_path, second_process, context):
    """Two machines with a folder each."""
    settings.CACHES = files(tmp_path / "here")
    monkeypatch.setenv("HEALTH_CACHE", str(tmp_path / "there"))
    message = "A second process does not see what this one puts into the cache."
    assert cache.run(context) == [warning(message, COUNTED)]


def test_cache_that_keeps_nothing(settings, monkeypatch, tmp_path, context):
    """A server that is away, and a client that hides it."""
    settings.CACHES = files(tmp_path)
    monkeypatch.setattr("django.core.cache.backends.filebased.FileBasedCache.set", lambda *a: None)
    assert cache.run(context) == [
        error(
            "The default cache does not store values.",
            "Wrong passwords are not counted meanwhile. Is the cache's server up?",
        )
    ]


# --- the server -------------------------------------------------------------------------------

SERVED = ok("The settings do not bind the site to WSGI, so it can wait without workers.")
URLS = "Are the URLs of talk_calls included at the root of the site, and does it serve there?"
PATHS = [
    "/status.php",
    "/ocs/v2.php/cloud/capabilities",
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings",
]


def test_site_that_is_not_asked(context):
    """Without an address only the settings are."""
    assert server.run(context) == [
        SERVED,
        skipped(
            "The site was not requested over HTTP.",
            "Pass --url https://site.example to have the site requested over HTTP.",
        ),
    ]


def test_site_under_wsgi(settings, context):
    """Waiting polls hold workers there."""
    settings.WSGI_APPLICATION = "site.wsgi.application"
    result = server.run(context)[0]
    assert result.level == "warning"
    assert result.message == "The site names a WSGI_APPLICATION and no ASGI_APPLICATION."


def test_site_that_answers(live_server, context):
    """All three paths."""
    there = replace(context, url=f"{live_server.url}/", timeout=20)
    assert server.run(there) == [SERVED, *(ok(f"{path} answers.") for path in PATHS)]


def test_other_site(live_server, settings, context):
    """Where nothing of ours is included."""
    settings.ROOT_URLCONF = "tests.health.empty_urls"
    there = replace(context, url=live_server.url, timeout=20)
    assert server.run(there) == [
        SERVED,
        *(error(f"{path} answers with HTTP 404.", URLS) for path in PATHS),
    ]


def test_site_that_is_away(context):
    """Nobody listens."""
    there = replace(context, url=f"http://{HOST}:{free_port()}")
    assert server.run(there) == [
        SERVED,
        *(
            error(f"{path} does not answer: [Errno 111] Connection refused.", URLS)
            for path in PATHS
        ),
    ]


# --- settings ---------------------------------------------------------------------------------

FINE = ok("All system checks of talk_calls pass.")


def test_settings_in_order(settings, context):
    """Valid settings are ok."""
    settings.SESSION_COOKIE_SECURE = True
    assert settings_check.run(context) == [FINE]


def test_settings_that_are_wrong(settings, context):
    """System checks of this app are reported with their hints, those of others are not."""
    settings.SESSION_COOKIE_SECURE = True
    settings.DEBUG = True
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 100, "SESSION_KILL": 50}
    [first, debug] = settings_check.run(context)
    assert (first.level, first.message.partition(":")[0]) == ("error", "talk_calls.E004")
    assert (debug.level, debug.message) == ("warning", "DEBUG is on.")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://site.example", ["The site is served over plain HTTP."]),
        ("https://site.example", [FINE.message]),
        ("http://localhost:8000", [FINE.message]),
        ("", ["Session cookies may travel over plain HTTP."]),
    ],
)
def test_https(settings, context, url, message):
    """Browsers give no camera to a page without it, but on this very machine."""
    settings.SESSION_COOKIE_SECURE = False
    found = settings_check.run(replace(context, url=url, now=context.now + timedelta(0)))
    assert [each.message for each in found] == message
