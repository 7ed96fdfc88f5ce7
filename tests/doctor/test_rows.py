"""Rows: what contradicts, what lies open, what waits, whether tables and clocks fit."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.doctor import clocks, ghosts, leftovers, migrations, records
from talk_calls.doctor.findings import error, skipped, warning, well
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, PendingEvent, Session
from talk_calls.services import calls
from tests.factories import ConversationFactory, SessionFactory

pytestmark = pytest.mark.django_db

MEND = "Somebody wrote rows past talk_calls. manage.py talk_end_call TOKEN sets one right."
LOST = "Somebody deleted rows past Django; delete these, and let foreign keys be enforced."
IN_STEP = [well("Sessions, stretches and calls tell the same story.")]


@pytest.fixture
def session():
    """Return somebody in a call."""
    session = SessionFactory(attendee__conversation=ConversationFactory(token="standup"))
    calls.join(session=session, flags=7, now=timezone.now())
    return session


# --- records ----------------------------------------------------------------------------------


def test_records_that_agree(session, visit):
    """A running call, one that ended, and one that everybody vanished from."""
    over = SessionFactory()
    calls.join(session=over, flags=7, now=timezone.now())
    calls.leave(session=over, now=timezone.now())
    gone = SessionFactory()
    calls.join(session=gone, flags=7, now=timezone.now())
    Session.objects.filter(pk=gone.pk).update(last_ping=timezone.now() - timedelta(hours=1))
    assert records.examine(visit) == IN_STEP


def test_call_that_was_closed_past_us(session, visit):
    """Somebody ended the row of a call, and left people and their stretches in it."""
    Call.objects.update(ended_at=timezone.now(), end_reason="left")
    assert records.examine(visit) == [
        error("1 sessions are in a call that is not open (standup).", MEND),
        error("1 stretches are open in a call that has ended (standup).", MEND),
    ]


def test_session_that_was_taken_out_past_us(session, visit):
    """Somebody wrote the flags; the stretch goes on for ever."""
    Session.objects.update(in_call=0)
    assert records.examine(visit) == [
        error("1 stretches are open and their session is in no call (standup).", MEND)
    ]


def test_session_that_was_deleted_past_us(session, visit):
    """Somebody deleted the row of a device that is in the call."""
    Session.objects.all().delete()
    assert records.examine(visit) == [
        error("1 stretches are open and their session is in no call (standup).", MEND)
    ]


def test_session_without_a_stretch(session, visit):
    """Somebody deleted history."""
    CallLeg.objects.all().delete()
    assert records.examine(visit) == [
        error("1 sessions are in a call without a stretch (standup).", MEND)
    ]


def test_session_elsewhere(session, visit):
    """Somebody moved a device to another conversation."""
    CallLeg.objects.all().delete()
    Call.objects.all().delete()
    Session.objects.update(in_call=0, conversation=ConversationFactory())
    assert records.examine(visit) == [
        error("1 sessions are in another conversation than their attendee.", LOST)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("deleted", "said"),
    [
        ("talk_calls_attendee", "1 sessions are without an attendee."),
        ("talk_calls_conversation", "1 attendees are without a conversation."),
    ],
)
def test_orphans(session, visit, deleted, said):
    """Somebody deleted rows, and their database did not mind; PostgreSQL refuses that."""
    calls.leave(session=session, now=timezone.now())
    delete = f"DELETE FROM {deleted}"  # noqa: S608 -- a name of our own
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, pytest.raises(IntegrityError):
            cursor.execute(delete)
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(delete)
        found = records.examine(visit)
        cursor.execute("DELETE FROM talk_calls_session")
        cursor.execute("DELETE FROM talk_calls_attendee")
    assert found == [error(said, LOST)]


def test_many_conversations_are_not_all_named(visit):
    """The first five, in order."""
    for number in range(7):
        conversation = ConversationFactory(token=f"room{number}")
        SessionFactory(attendee__conversation=conversation, in_call=7)
    where = "room0, room1, room2, room3, room4…"
    assert records.examine(visit)[0] == error(
        f"7 sessions are in a call that is not open ({where}).", MEND
    )


@pytest.mark.parametrize("people", [1, 50])
def test_few_statements(people, visit):
    """However many are in calls."""
    conversation = ConversationFactory()
    for _ in range(people):
        session = SessionFactory(attendee__conversation=conversation)
        calls.join(session=session, flags=7, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        assert records.examine(visit) == IN_STEP
    assert len(queries) == 6


# --- ghosts and leftovers ---------------------------------------------------------------------


def vanish(session, **ago):
    Session.objects.filter(pk=session.pk).update(last_ping=timezone.now() - timedelta(**ago))


def test_no_ghosts(session, visit):
    """A call with people is none."""
    assert ghosts.examine(visit) == [well("No open call is without people.")]


def test_fresh_ghost(session, visit):
    """Within the bound it is as it should be: nobody has looked yet."""
    vanish(session, minutes=3)
    assert ghosts.examine(visit) == [
        well(
            "1 open calls are without people, the oldest for 2 minutes. They end when anybody "
            "looks or the sweeper comes."
        )
    ]


def test_old_ghost(session, visit):
    """Beyond the bound nobody sweeps."""
    vanish(session, hours=2, seconds=45)
    assert ghosts.examine(visit) == [
        warning(
            "1 open calls are without people, the oldest for 120 minutes.",
            "Run manage.py talk_sweep every minute (--loop 60). Clients see no such call.",
        )
    ]


def test_nothing_left_over(session, visit):
    """A site that is swept."""
    assert leftovers.examine(visit) == [well("0 dead rows wait for the sweeper, and no events.")]


def test_much_left_over(visit, monkeypatch):
    """A site that nobody sweeps, and a process that died before it told its event."""
    monkeypatch.setattr(leftovers, "MANY", 2)
    past = timezone.now() - timedelta(hours=1)
    SessionFactory.create_batch(3, last_ping=past)
    PendingEvent.objects.create(conversation_id=1, kind="CallStarted", payload={}, created_at=past)
    assert leftovers.examine(visit) == [
        error(
            "1 events of calls were not told to the site.",
            "manage.py talk_sweep tells them; run it every minute, best with --loop 60.",
        ),
        warning(
            "3 dead rows wait for the sweeper.",
            "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it.",
        ),
    ]
    assert (Session.objects.count(), PendingEvent.objects.count()) == (3, 1)


# --- migrations and clocks --------------------------------------------------------------------


def test_migrations(visit, settings, monkeypatch):
    """All applied, or the missing ones by name."""
    settings.MIGRATION_MODULES = {}  # where --no-migrations made the tables it hides all of them
    applied = dict(MigrationLoader(None).disk_migrations)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: dict(applied))
    assert migrations.examine(visit) == [well("All migrations are applied.")]
    last = max(each for each in applied if each[0] == "talk_calls")
    del applied[last]
    assert migrations.examine(visit) == [
        error(f"1 migrations are not applied: {last[1]}.", "Run manage.py migrate.")
    ]


def test_database_without_a_clock(visit):
    """SQLite goes by this machine's."""
    with patch.object(connection, "vendor", "sqlite"):
        assert clocks.examine(visit) == [
            skipped("This database has no clock of its own; all processes must be on one machine.")
        ]


@pytest.mark.postgresql
def test_clocks_that_agree(visit):
    """Both stand on one machine here."""
    skew, doubt = clocks.measure()
    assert abs(skew) <= clocks.TOLERABLE + doubt
    [finding] = clocks.examine(visit)
    assert finding.level == "ok"


@pytest.mark.parametrize("ahead", [-40, 40])
def test_clocks_that_differ(visit, monkeypatch, ahead):
    """Calls go by the database's clock, so it is no error, unless the site set another one."""
    skew, doubt = timedelta(seconds=ahead), timedelta(milliseconds=0.4)
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(clocks, "measure", lambda: (skew, doubt))
    told = "The database's clock and this machine's differ by 40.000 s (± 0.4 ms)."
    monkeypatch.setattr(clock, "database_now", lambda: timezone.now() + skew)
    assert clocks.examine(visit) == [
        warning(
            told,
            "Calls go by the database's clock, so they are right; let NTP set both clocks.",
        )
    ]
    monkeypatch.setattr(clock, "database_now", timezone.now)
    assert clocks.examine(visit) == [
        error(
            f"{told} Pings go by django.utils.timezone.now.",
            "Let NTP set both clocks, or take CLOCK out of TALK_CALLS "
            "(talk_calls.host.clock.database_now).",
        )
    ]
