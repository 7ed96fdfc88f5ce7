"""Checks of the database: call records, calls without people, expired rows, migrations, clocks."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.health import (
    call_records,
    clocks,
    expired_rows,
    groups,
    migrations,
    timed_out_calls,
    user_ids,
)
from talk_calls.health.results import error, ok, skipped, warning
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, OutboxEvent, Session
from talk_calls.services import calls
from tests.factories import ConversationFactory, OutboxEventFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

REPAIR = (
    "Another program wrote to the tables. manage.py talk_end_call TOKEN repairs a conversation."
)
ORPHANS = (
    "Another program deleted rows. Delete these too, and let the database enforce foreign keys."
)
AGREE = [ok("Sessions, call legs and calls agree.")]


@pytest.fixture
def session():
    """Return somebody in a call."""
    session = SessionFactory(attendee__conversation=ConversationFactory(token="standup"))
    calls.join(session=session, flags=7, now=timezone.now())
    return session


# --- call_records -----------------------------------------------------------------------------


def test_records_that_agree(session, context):
    """A running call, one that ended, and one that timed out."""
    over = SessionFactory()
    calls.join(session=over, flags=7, now=timezone.now())
    calls.leave(session=over, now=timezone.now())
    gone = SessionFactory()
    calls.join(session=gone, flags=7, now=timezone.now())
    Session.objects.filter(pk=gone.pk).update(last_ping=timezone.now() - timedelta(hours=1))
    assert call_records.run(context) == AGREE


def test_call_that_was_ended_by_another_program(session, context):
    """Somebody ended the row of a call, and left sessions and call legs in it."""
    Call.objects.update(ended_at=timezone.now(), end_reason="left")
    assert call_records.run(context) == [
        error("1 sessions are in a call that is not open (standup).", REPAIR),
        error("1 call legs are open in a call that has ended (standup).", REPAIR),
    ]


def test_session_that_was_changed_by_another_program(session, context):
    """Somebody wrote the flags; the call leg stays open."""
    Session.objects.update(in_call=0)
    assert call_records.run(context) == [
        error("1 call legs are open, but their session is in no call (standup).", REPAIR)
    ]


def test_session_that_was_deleted_by_another_program(session, context):
    """Somebody deleted the row of a device that is in the call."""
    Session.objects.all().delete()
    assert call_records.run(context) == [
        error("1 call legs are open, but their session is in no call (standup).", REPAIR)
    ]


def test_session_without_a_stretch(session, context):
    """Somebody deleted history."""
    CallLeg.objects.all().delete()
    assert call_records.run(context) == [
        error("1 sessions are in a call without a call leg (standup).", REPAIR)
    ]


def test_session_elsewhere(session, context):
    """Somebody moved a device to another conversation."""
    CallLeg.objects.all().delete()
    Call.objects.all().delete()
    Session.objects.update(in_call=0, conversation=ConversationFactory())
    assert call_records.run(context) == [
        error("1 sessions are in another conversation than their attendee.", ORPHANS)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("deleted", "message"),
    [
        ("talk_calls_attendee", "1 sessions are without an attendee."),
        ("talk_calls_conversation", "1 attendees are without a conversation."),
    ],
)
def test_orphans(session, context, deleted, message):
    """Somebody deleted rows, and their database did not mind; PostgreSQL refuses that."""
    calls.leave(session=session, now=timezone.now())
    delete = f"DELETE FROM {deleted}"  # noqa: S608 -- a name of our own
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, pytest.raises(IntegrityError):
            cursor.execute(delete)
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(delete)
        found = call_records.run(context)
        cursor.execute("DELETE FROM talk_calls_session")
        cursor.execute("DELETE FROM talk_calls_attendee")
    assert found == [error(message, ORPHANS)]


def test_many_conversations_are_not_all_named(context):
    """The first five, in order."""
    for number in range(7):
        conversation = ConversationFactory(token=f"room{number}")
        SessionFactory(attendee__conversation=conversation, in_call=7)
    where = "room0, room1, room2, room3, room4…"
    assert call_records.run(context)[0] == error(
        f"7 sessions are in a call that is not open ({where}).", REPAIR
    )


@pytest.mark.parametrize("people", [1, 50])
def test_few_statements(people, context):
    """However many are in calls."""
    conversation = ConversationFactory()
    for _ in range(people):
        session = SessionFactory(attendee__conversation=conversation)
        calls.join(session=session, flags=7, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        assert call_records.run(context) == AGREE
    assert len(queries) == 6


# --- timed_out_calls and expired_rows ---------------------------------------------------------


def time_out(session, **ago):
    Session.objects.filter(pk=session.pk).update(last_ping=timezone.now() - timedelta(**ago))


def test_call_with_people(session, context):
    """An open call with people is fine."""
    assert timed_out_calls.run(context) == [ok("No open call is without people.")]


def test_call_that_just_timed_out(session, context):
    """Within the tolerance there is nothing to do."""
    time_out(session, minutes=3)
    assert timed_out_calls.run(context) == [
        ok(
            "1 open calls are without people, the oldest for 2 minutes. The next request or "
            "talk_sweep ends them."
        )
    ]


def test_call_that_timed_out_long_ago(session, context):
    """Beyond the tolerance talk_sweep does not run."""
    time_out(session, hours=2, seconds=45)
    assert timed_out_calls.run(context) == [
        warning(
            "1 open calls are without people, the oldest for 120 minutes.",
            "Run manage.py talk_sweep every minute (--loop 60). Clients see no such call.",
        )
    ]


def test_nothing_expired(session, context):
    """A site that is swept."""
    assert expired_rows.run(context) == [ok("0 expired rows wait for the sweeper, and no events.")]


def test_history_that_should_be_deleted(context, settings):
    """A site that says how long it keeps history learns that it does not."""
    end = context.now - timedelta(days=40)
    Call.objects.create(
        conversation=ConversationFactory(), started_at=end, ended_at=end, end_reason="left"
    )
    nothing = [ok("0 expired rows wait for the sweeper, and no events.")]
    assert expired_rows.run(context) == nothing
    settings.TALK_CALLS = {"HISTORY_DAYS": 38}
    assert expired_rows.run(context) == nothing
    settings.TALK_CALLS = {"HISTORY_DAYS": 30}
    [result] = expired_rows.run(context)
    assert result.message.startswith("Calls are kept for ")


def test_many_expired_rows(context, monkeypatch):
    """Many expired rows, and events of a process that ended before it sent them."""
    monkeypatch.setattr(expired_rows, "MANY", 2)
    past = timezone.now() - timedelta(hours=1)
    SessionFactory.create_batch(3, last_ping=past)
    OutboxEventFactory(created_at=past)
    assert expired_rows.run(context) == [
        error(
            "1 events of calls were not sent to the site.",
            "manage.py talk_sweep sends them; run it every minute, best with --loop 60.",
        ),
        warning(
            "3 expired rows wait for the sweeper.",
            "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it.",
        ),
    ]
    assert (Session.objects.count(), OutboxEvent.objects.count()) == (3, 1)


def test_a_device_that_expired_long_ago(context):
    """One row is enough to see that nobody sweeps."""
    SessionFactory(last_ping=timezone.now() - timedelta(hours=3))
    assert expired_rows.run(context) == [
        warning(
            "An expired device waits for the sweeper for 2 h.",
            "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it.",
        )
    ]


# --- migrations and clocks --------------------------------------------------------------------


def test_migrations(context, settings, monkeypatch):
    """All applied, or the missing ones by name."""
    settings.MIGRATION_MODULES = {}  # where --no-migrations made the tables it hides all of them
    applied = dict(MigrationLoader(None).disk_migrations)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: dict(applied))
    assert migrations.run(context) == [ok("All migrations are applied.")]
    last = max(each for each in applied if each[0] == "talk_calls")
    del applied[last]
    assert migrations.run(context) == [
        error(f"1 migrations are not applied: {last[1]}.", "Run manage.py migrate.")
    ]


def test_database_without_a_clock(context):
    """SQLite goes by this machine's."""
    with patch.object(connection, "vendor", "sqlite"):
        assert clocks.run(context) == [
            skipped("This database has no clock of its own; all processes must be on one machine.")
        ]


@pytest.mark.postgresql
def test_clocks_that_agree(context):
    """Both stand on one machine here."""
    skew, uncertainty = clocks.measure()
    assert abs(skew) <= clocks.TOLERANCE + uncertainty
    [result] = clocks.run(context)
    assert result.level == "ok"


@pytest.mark.parametrize("ahead", [-40, 40])
def test_clocks_that_differ(context, monkeypatch, ahead):
    """Calls go by the database's clock, so it is no error, unless the site set another one."""
    skew, uncertainty = timedelta(seconds=ahead), timedelta(milliseconds=0.4)
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(clocks, "measure", lambda: (skew, uncertainty))
    message = "The database's clock and this machine's differ by 40.000 s (± 0.4 ms)."
    monkeypatch.setattr(clock, "database_now", lambda: timezone.now() + skew)
    assert clocks.run(context) == [
        warning(
            message,
            "Calls use the database's clock, so they are right; let NTP set both clocks.",
        )
    ]
    monkeypatch.setattr(clock, "database_now", timezone.now)
    assert clocks.run(context) == [
        error(
            f"{message} Pings are timed by django.utils.timezone.now.",
            "Let NTP set both clocks, or take CLOCK out of TALK_CALLS "
            "(talk_calls.host.clock.database_now).",
        )
    ]


# --- user_ids ---------------------------------------------------------------------------------


def test_user_ids_that_are_addresses(settings, context):
    """A site that writes addresses into user names is told which field to choose instead."""
    fine = [ok("No user id is an e-mail address.")]
    UserFactory(username="ann@home")
    assert user_ids.run(context) == fine
    UserFactory(username="ben@example.org")
    assert user_ids.run(context) == [
        warning(
            "User ids are e-mail addresses, and every guest of a call reads them.",
            "Set USER_ID of TALK_CALLS to another field: 'id'.",
        )
    ]
    settings.TALK_CALLS = {"USER_ID": "id"}
    assert user_ids.run(context) == fine


# --- groups -----------------------------------------------------------------------------------


def test_groups_that_settings_name(settings, context):
    """A name that no group has would leave everybody without calls, and nobody told why."""
    fine = [ok("All groups that settings name exist.")]
    assert groups.run(context) == fine
    Group.objects.create(name="Staff")
    settings.TALK_CALLS = {"START_CALLS_GROUPS": ["Staff"]}
    assert groups.run(context) == fine
    settings.TALK_CALLS = {"START_CALLS_GROUPS": ["Staff", "Teachrs"]}
    assert groups.run(context) == [
        warning(
            "TALK_CALLS['START_CALLS_GROUPS'] names 'Teachrs', which is no group here.",
            "Write the name as the directory (DIRECTORY) has it; letter case counts.",
        )
    ]
