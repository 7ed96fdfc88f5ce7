"""``last_ping`` is written every few seconds for every device, so writing it must be cheap."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from talk_calls.models import Session
from talk_calls.services import sessions
from tests.factories import AttendeeFactory


def test_last_ping_is_in_no_index_of_the_model():
    """No index or constraint names ``last_ping``, as a column or in a condition."""
    meta = Session._meta
    assert "last_ping" not in str([index.deconstruct() for index in meta.indexes])
    assert "last_ping" not in str([each.deconstruct() for each in meta.constraints])
    field = meta.get_field("last_ping")
    assert (field.db_index, field.unique) == (False, False)
    assert meta.unique_together == ()


@pytest.mark.django_db
def test_last_ping_is_in_no_index_of_the_table():
    """No index in the database covers the column."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Session._meta.db_table)
    indexes = {name: each["columns"] for name, each in found.items() if each["index"]}
    assert "talk_session_in_call" in indexes
    assert [name for name, columns in indexes.items() if "last_ping" in columns] == []


@pytest.mark.postgresql
@pytest.mark.django_db
def test_last_ping_is_in_no_index_definition():
    """PostgreSQL's own text of the indexes does not mention it, conditions included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s", [Session._meta.db_table]
        )
        definitions = [row[0] for row in cursor.fetchall()]
    assert len(definitions) == 6, definitions
    assert [text for text in definitions if "last_ping" in text] == []


@pytest.fixture
def half_full_pages(transactional_db):
    """Do what the migration does; with --no-migrations the table was made without it."""
    migration = import_module("talk_calls.migrations.0003_ping_in_place")
    with connection.schema_editor() as editor:
        migration.free(None, editor)


@pytest.mark.postgresql
@pytest.mark.usefixtures("half_full_pages")
def test_pings_update_rows_in_place():
    """Most pings of many sessions in call are HOT updates, which write no index.

    All of them on a quiet server. Here other tests have transactions open, for which PostgreSQL
    keeps old versions of rows in their pages; with full pages it would be one in ten all the same.
    """
    assert max(_share_in_place() for _ in range(4)) >= 0.5


def _share_in_place() -> float:
    """Ping 400 sessions five times, 200 to a statement, and return how many updates were HOT.

    Into a fresh table: rows that other tests rolled back still take room.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Session._meta.db_table}")
    attendee, now = AttendeeFactory(), timezone.now()
    people = Session.objects.bulk_create(
        Session(
            session_id=f"{number:0512}",
            attendee=attendee,
            conversation=attendee.conversation,
            in_call=7,
            last_ping=now,
        )
        for number in range(400)
    )
    before = _updates()
    for seconds in range(15, 90, 15):
        moment = now + timedelta(seconds=seconds)
        for half in (people[:200], people[200:]):
            assert sessions.ping(half, now=moment) == 200
            for session in half:
                session.last_ping = moment
    after = _updates()
    assert after[0] - before[0] == 5 * 400
    return (after[1] - before[1]) / (after[0] - before[0])


def _updates() -> tuple[int, int]:
    """Return all updates and HOT updates of the table so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = %s",
            [Session._meta.db_table],
        )
        return cursor.fetchone()
