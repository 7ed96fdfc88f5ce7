"""What takes a second process, or a server: hints, the cache, the site itself."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from talk_calls.doctor import cache, hints, server, site
from talk_calls.doctor.findings import error, skipped, warning, well
from tests.servers.ports import HOST, free_port

pytestmark = pytest.mark.django_db

NO_HINTS = (
    "Does what WAKEUP names run, and may the site's machine reach it? Calls work without, and "
    "news come up to half a second later."
)
SET_WAKEUP = "Set WAKEUP to Redis or PostgreSQL; news then come at once and cost no looking."
COUNTED = (
    "Wrong passwords are counted there, so each process allows as many again. Use Redis, Memcached "
    "or Django's DatabaseCache as the default cache."
)


@pytest.fixture
def talk(settings, monkeypatch, second_process):
    """Return a function that sets ``TALK_CALLS``, here and in the second process."""

    def set_here_and_there(**values):
        settings.TALK_CALLS = values
        monkeypatch.setenv("DOCTOR_TALK", json.dumps(values))

    return set_here_and_there


# --- hints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channel",
    [
        pytest.param("redis", marks=pytest.mark.redis),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_hints_that_come_through(request, talk, visit, channel):
    """A real second process tells, this one hears."""
    url = request.getfixturevalue("redis").url if channel == "redis" else channel
    talk(WAKEUP=url)
    [finding] = hints.examine(visit)
    name = {"redis": "Redis", "postgresql": "PostgreSQL"}[channel]
    assert finding.level == "ok"
    assert finding.says.startswith(f"A hint of another process came through {name} in ")


@pytest.mark.redis
def test_second_process_that_cannot_tell(request, settings, monkeypatch, second_process, visit):
    """This process hears and the other reaches nobody, as behind a firewall."""
    settings.TALK_CALLS = {"WAKEUP": request.getfixturevalue("redis").url}
    away = {"WAKEUP": f"redis://{HOST}:{free_port()}"}
    monkeypatch.setenv("DOCTOR_TALK", json.dumps(away))
    assert hints.examine(visit) == [
        error("A hint of another process never came through Redis.", NO_HINTS)
    ]


def test_broker_that_is_away(settings, visit):
    """Its address is not repeated, as there may be a password in it."""
    settings.TALK_CALLS = {"WAKEUP": f"redis://:hush@{HOST}:{free_port()}"}
    assert hints.examine(visit) == [
        error("Hints cannot be heard through Redis: ConnectionError.", NO_HINTS)
    ]


def test_no_hints(settings, monkeypatch, visit):
    """One process needs none, several do."""
    settings.TALK_CALLS = {}
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    says = "No WAKEUP is set: each process asks the database twice in a second."
    assert hints.examine(visit) == [skipped(says, SET_WAKEUP)]
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    says = (
        "No WAKEUP is set, and WEB_CONCURRENCY says 4 processes. Each asks the database twice in "
        "a second."
    )
    assert hints.examine(visit) == [warning(says, SET_WAKEUP)]


# --- cache ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_cache_of_each_process(settings, visit, backend):
    """Known without trying."""
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    name = backend.rpartition(".")[2]
    says = f"The default cache, {name}, is not shared between processes."
    [finding] = cache.examine(visit)
    assert (finding.level, finding.says) == ("warning", says)


def files(folder):
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    return {"default": {"BACKEND": backend, "LOCATION": str(folder)}}


def test_cache_that_is_shared(settings, monkeypatch, tmp_path, second_process, visit):
    """What this process sets, a second one reads; nothing stays behind."""
    settings.CACHES = files(tmp_path)
    monkeypatch.setenv("DOCTOR_CACHE", str(tmp_path))
    assert cache.examine(visit) == [well("The default cache is shared between processes.")]
    assert list(tmp_path.iterdir()) == []


def test_cache_that_is_not_shared(settings, monkeypatch, tmp_path, second_process, visit):
    """Two machines with a folder each."""
    settings.CACHES = files(tmp_path / "here")
    monkeypatch.setenv("DOCTOR_CACHE", str(tmp_path / "there"))
    says = "What one process puts into the default cache, another does not see."
    assert cache.examine(visit) == [warning(says, COUNTED)]


def test_cache_that_keeps_nothing(settings, monkeypatch, tmp_path, visit):
    """A server that is away, and a client that hides it."""
    settings.CACHES = files(tmp_path)
    monkeypatch.setattr("django.core.cache.backends.filebased.FileBasedCache.set", lambda *a: None)
    assert cache.examine(visit) == [
        error(
            "The default cache keeps nothing.",
            "Wrong passwords are not counted meanwhile. Is the cache's server up?",
        )
    ]


# --- the server -------------------------------------------------------------------------------

SERVED = well("As far as the settings say, the site is not bound to WSGI; ASGI waits cheaply.")
URLS = "Are the URLs of talk_calls included at the root of the site, and does it serve there?"
PATHS = [
    "/status.php",
    "/ocs/v2.php/cloud/capabilities",
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings",
]


def test_site_that_is_not_asked(visit):
    """Without an address only the settings are."""
    assert server.examine(visit) == [
        SERVED,
        skipped(
            "Whether the site answers over HTTP was not tried.",
            "Say --url https://site.example to have the site asked over HTTP.",
        ),
    ]


def test_site_under_wsgi(settings, visit):
    """Waiting polls hold workers there."""
    settings.WSGI_APPLICATION = "site.wsgi.application"
    finding = server.examine(visit)[0]
    assert finding.level == "warning"
    assert finding.says == "The site names a WSGI_APPLICATION and no ASGI_APPLICATION."


def test_site_that_answers(live_server, visit):
    """Its three faces for newcomers."""
    there = replace(visit, url=f"{live_server.url}/", timeout=20)
    assert server.examine(there) == [SERVED, *(well(f"{path} answers.") for path in PATHS)]


def test_other_site(live_server, settings, visit):
    """Where nothing of ours is included."""
    settings.ROOT_URLCONF = "tests.doctor.nowhere"
    there = replace(visit, url=live_server.url, timeout=20)
    assert server.examine(there) == [
        SERVED,
        *(error(f"{path} answers with HTTP 404.", URLS) for path in PATHS),
    ]


def test_site_that_is_away(visit):
    """Nobody listens."""
    there = replace(visit, url=f"http://{HOST}:{free_port()}")
    assert server.examine(there) == [
        SERVED,
        *(
            error(f"{path} does not answer: [Errno 111] Connection refused.", URLS)
            for path in PATHS
        ),
    ]


# --- settings ---------------------------------------------------------------------------------

FINE = well("All system checks of talk_calls pass.")


def test_settings_in_order(settings, visit):
    """Nothing to say."""
    settings.SESSION_COOKIE_SECURE = True
    assert site.examine(visit) == [FINE]


def test_settings_that_are_wrong(settings, visit):
    """System checks are told with their hints; others' checks are not our business."""
    settings.SESSION_COOKIE_SECURE = True
    settings.DEBUG = True
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 100, "SESSION_KILL": 50}
    [first, debug] = site.examine(visit)
    assert (first.level, first.says.partition(":")[0]) == ("error", "talk_calls.E004")
    assert (debug.level, debug.says) == ("warning", "DEBUG is on.")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://site.example", ["The site is served over plain HTTP."]),
        ("https://site.example", [FINE.says]),
        ("http://localhost:8000", [FINE.says]),
        ("", ["Session cookies may travel over plain HTTP."]),
    ],
)
def test_https(settings, visit, url, says):
    """Browsers give no camera to a page without it, but on this very machine."""
    settings.SESSION_COOKIE_SECURE = False
    found = site.examine(replace(visit, url=url, now=visit.now + timedelta(0)))
    assert [each.says for each in found] == says
