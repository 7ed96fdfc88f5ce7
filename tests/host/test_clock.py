"""One clock for all servers (docs/reliability.md)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.host import clock

database_now = clock.database_now


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(clock, "_latest", None)
    monkeypatch.setattr(clock, "database_now", database_now)


@pytest.fixture
def asked(monkeypatch):
    """Stand in for the database's clock, an hour ahead; return how often it was asked."""
    calls: list[float] = []

    def _read(connection):
        calls.append(clock._tick())
        return clock._Reading(timezone.now() + timedelta(hours=1), clock._tick(), 0.001)

    monkeypatch.setattr(clock, "_read", _read)
    monkeypatch.setattr(connection, "vendor", "postgresql")
    return calls


def test_the_setting_is_asked(settings):
    """Tests and unusual sites bring their own clock."""
    moment = timezone.now() - timedelta(days=1)
    settings.TALK_CALLS = {"CLOCK": f"{__name__}.yesterday"}
    assert abs(clock.now() - moment) < timedelta(minutes=1)
    settings.TALK_CALLS = {}
    assert conf.clock is clock.database_now


def yesterday():
    return timezone.now() - timedelta(days=1)


@pytest.mark.django_db
def test_the_databases_time_counts(asked):
    """A process whose machine has a wrong clock returns the database's time, and asks once."""
    times = [clock.database_now() for _ in range(100)]
    assert abs(times[0] - timezone.now() - timedelta(hours=1)) < timedelta(seconds=5)
    assert times == sorted(times)
    assert len(asked) == 1


@pytest.mark.django_db
def test_setting_this_machines_clock_changes_nothing(asked, time_machine):
    """It counts on from the last answer with a clock that nobody sets."""
    before = clock.database_now()
    time_machine.move_to(before + timedelta(days=1))
    assert abs(clock.database_now() - before) < timedelta(seconds=5)
    assert len(asked) == 1


@pytest.mark.django_db
def test_it_is_asked_again_in_time(asked, monkeypatch):
    """Clocks drift; after ten minutes the database is asked again."""
    clock.database_now()
    start = clock._tick()
    monkeypatch.setattr(clock, "_tick", lambda: start + clock.MAX_AGE + 1)
    clock.database_now()
    assert len(asked) == 2


@pytest.mark.django_db
def test_a_slow_answer_is_not_trusted(monkeypatch):
    """A process that was stopped while it asked would be off by as long as that."""
    now = timezone.now()
    readings = iter(
        [
            clock._Reading(now + timedelta(seconds=40), 0, 60.0),
            clock._Reading(now, 0, 0.001),
        ]
    )
    monkeypatch.setattr(clock, "_read", lambda connection: next(readings))
    assert clock._ask(connection).time == now


@pytest.mark.django_db
def test_a_new_connection_asks(asked, monkeypatch):
    """It may lead to another database server; but not each of many new ones."""
    clock._on_new_connection(connection)
    clock._on_new_connection(connection)
    assert len(asked) == 1
    start = clock._tick()
    monkeypatch.setattr(clock, "_tick", lambda: start + clock.MIN_AGE + 1)
    clock._on_new_connection(connection)
    assert len(asked) == 2


@pytest.mark.postgresql
@pytest.mark.django_db
def test_it_is_postgresqls_own_time():
    """The returned time is within milliseconds of PostgreSQL's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    assert abs(clock.database_now() - theirs) < timedelta(seconds=1)


@pytest.mark.django_db
def test_sqlite_has_no_clock_of_its_own(monkeypatch):
    """There the time is this machine's, which is the only one there is."""
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setattr(clock, "_read", None)
    assert abs(clock.database_now() - timezone.now()) < timedelta(seconds=1)
