"""How many of something may be made in a time: the count itself, in every kind of cache."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.db import connection
from rest_framework.exceptions import Throttled

from talk_calls.api.throttling import rates
from tests.api.throttling.test_guesses import BACKENDS

#: The start of a minute that is no hour.
MINUTE = 1_800_000_060

KINDS = [*BACKENDS, pytest.param("redis", marks=pytest.mark.redis)]


@pytest.fixture
def kind(request) -> str:
    return request.param


@pytest.fixture
def cache_of_kind(kind, request, settings, tmp_path) -> dict[str, str]:
    """Count in one kind of cache."""
    if kind == "redis":
        url = request.getfixturevalue("redis").url
        chosen = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    else:
        chosen = {"LOCATION": str(tmp_path), "OPTIONS": {"MAX_ENTRIES": 10_000}} | BACKENDS[kind]
    settings.CACHES = {"default": chosen}
    if kind == "database":
        request.getfixturevalue("db")
        call_command("createcachetable")
    cache.clear()
    return chosen


def passes(most: int = 5, *, name: str = "x", amount: int = 1, seconds: int = 3600) -> bool:
    """Count something once; return whether that is allowed."""
    try:
        rates._count(name, most, seconds, refusal="Too many.", amount=amount)
    except Throttled:
        return False
    return True


minutely = partial(passes, seconds=60)


@pytest.mark.parametrize("kind", KINDS, indirect=True)
@pytest.mark.usefixtures("cache_of_kind")
@pytest.mark.parametrize("most", [1, 5, 60])
def test_limit(kind, most):
    """So many pass in a minute and no more, for each name; the next minute begins anew."""
    # A server such as Redis has a clock of its own.
    with time_machine.travel(MINUTE, tick=False) as clock:
        assert [minutely(most) for _ in range(most + 3)] == [True] * most + [False] * 3
        assert minutely(most, name="y")
        clock.shift(59.9)
        assert not minutely(most)
        clock.shift(0.2)
        assert minutely(most)


@pytest.mark.parametrize("kind", KINDS, indirect=True)
@pytest.mark.usefixtures("cache_of_kind")
def test_several_are_all_or_nothing(kind):
    """Those for which there is no room are not counted."""
    assert passes(10, amount=6)
    assert not passes(10, amount=5)
    assert passes(10, amount=4)
    assert not passes(10)


@pytest.mark.parametrize("kind", KINDS, indirect=True)
@pytest.mark.usefixtures("cache_of_kind")
def test_more_than_the_limit_never_pass(kind):
    assert not passes(10, amount=11)
    assert passes(10, amount=10)


def test_waiting_time():
    """The refusal tells when the minute or the hour is over."""
    with time_machine.travel(MINUTE + 20.5, tick=False):
        assert minutely(1)
        with pytest.raises(Throttled) as refusal:
            rates._count("x", 1, 60, refusal="Too many.")
        assert refusal.value.wait == 40
        assert passes(1)
        with pytest.raises(Throttled) as refusal:
            rates._count("x", 1, 3600, refusal="Too many.")
        assert refusal.value.wait == 3600 - 60 - 20


def test_no_limit(monkeypatch):
    """With 0 nothing is counted, and no mail is nothing to count."""
    monkeypatch.setattr(rates, "caches", None)
    assert all(passes(0) for _ in range(100))
    assert passes(1, amount=0)


# At the same time


def at_once(most: int, times: int = 24) -> int:
    """Count in many threads at once; return how many passed."""
    start = Barrier(8)

    def run(_: int) -> int:
        start.wait(10)
        try:
            return sum(passes(most) for _ in range(times))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, range(8)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kind",
    [
        "memory",
        pytest.param("database", marks=pytest.mark.postgresql),
        pytest.param("redis", marks=pytest.mark.redis),
    ],
    indirect=True,
)
@pytest.mark.usefixtures("cache_of_kind")
@pytest.mark.parametrize("most", [3, 100])
def test_at_once(kind, most):
    """The limit is exact where the cache adds keys or numbers atomically."""
    assert at_once(most) == most


PROCESS = """
import sys
import django
from django.conf import settings

settings.CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": sys.argv[1],
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}}
django.setup()
from rest_framework.exceptions import Throttled
from talk_calls.api.throttling import rates

print("ready", flush=True)
sys.stdin.readline()
passed = 0
for number in range(80):
    try:
        rates._count("x", 100, 3600, refusal="Too many.")
        passed += 1
    except Throttled:
        pass
print(passed)
"""


def test_processes_with_files(tmp_path):
    """A file cache lets some more pass when four processes do nothing else, and none less."""
    command = [sys.executable, "-c", PROCESS, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    started = [subprocess.Popen(command, env=settings, **pipes) for _ in range(4)]  # noqa: S603
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    passed = sum(int(process.communicate(timeout=60)[0]) for process in started)
    assert 100 <= passed <= 125


# What it costs


class Counting(LocMemCache):
    """A cache that notes what is asked."""

    asked: list[str] = []

    def get(self, *args, **kwargs):
        self.asked.append("get")
        return super().get(*args, **kwargs)

    def add(self, *args, **kwargs):
        self.asked.append("add")
        return super().add(*args, **kwargs)

    def incr(self, *args, **kwargs):
        self.asked.append("incr")
        return super().incr(*args, **kwargs)


def test_cost(settings):
    """A limit of a thousand costs three requests to the cache at most, and a refusal one."""
    backend = "tests.api.throttling.test_rates.Counting"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "counting"}}
    Counting.asked.clear()
    for _ in range(1000):
        assert passes(1000)
    assert len(Counting.asked) <= 3000
    assert len(cache._cache) == 1
    Counting.asked.clear()
    assert not passes(1000)
    assert Counting.asked == ["get"]


@pytest.mark.parametrize("kind", ["database"], indirect=True)
@pytest.mark.usefixtures("cache_of_kind")
def test_cost_of_places(kind, django_assert_max_num_queries):
    """A refusal costs one look-up, where each place is a key."""
    assert [passes(20) for _ in range(21)][-1] is False
    with django_assert_max_num_queries(1):
        assert not passes(20)


def test_cache_holds_no_secret():
    """Neither addresses nor mail addresses lie about in the cache, and memcached takes the keys."""
    assert passes(name="carol@example.org")
    [key] = cache._cache
    assert "carol" not in key
    assert len(key) < 250
    assert key.isascii()


# Without a cache


@pytest.mark.parametrize("kind", ["BrokenCache", "Tableless", "dummy"])
def test_cache_that_is_away(settings, kind, caplog):
    """Everything passes, with a warning."""
    backend = f"tests.api.throttling.test_guesses.{kind}"
    if kind == "dummy":
        backend = "django.core.cache.backends.dummy.DummyCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "away"}}
    assert all(passes(1) for _ in range(3))
    warned = [record for record in caplog.records if record.name == rates.__name__]
    assert bool(warned) == (kind != "dummy")
    assert not any("carol" in record.getMessage() for record in warned)
