"""Why sessions ended is kept for a day, in a table that stays small."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import LegReason, SessionEnd
from talk_calls.models import EndedSession, Session
from talk_calls.services import ended_sessions, participants, sweeper
from tests.factories import AttendeeFactory, SessionFactory

pytestmark = pytest.mark.django_db

WINDOW = "0" * 32


def end(window: str = WINDOW, **age: float) -> EndedSession:
    ended_at = timezone.now() - timedelta(**age)
    return EndedSession.objects.create(window=window, reason=SessionEnd.REMOVED, ended_at=ended_at)


def reason():
    now = timezone.now()
    return ended_sessions.reason_of(WINDOW, is_user=True, is_remembered=False, now=now)


@pytest.mark.parametrize(("hours", "told"), [(23, SessionEnd.REMOVED), (24, None)])
def test_reasons_are_told_for_a_day(hours, told):
    """A laptop that slept over night is told, and a tab of last week is not."""
    end(hours=hours)
    assert reason() == told


def test_reason_is_found_by_an_index():
    """However many sessions a conversation has, its token takes as long as one that is unknown."""
    attendee = AttendeeFactory()
    Session.objects.bulk_create(
        SessionFactory.build(
            attendee=attendee, conversation=attendee.conversation, window=f"{number:032}"
        )
        for number in range(300)
    )
    if connection.vendor == "postgresql":  # in a table of unknown size it may take any index
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Session._meta.db_table}")
    with CaptureQueriesContext(connection) as captured:
        reason()
    plans = []
    for query in captured:
        assert "conversation" not in query["sql"].partition("WHERE")[2]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{explain} {query['sql']}")
            plans.append(str(cursor.fetchall()))
    assert "talk_session_window" in plans[0]


def test_sweep_deletes_what_is_not_told_any_more():
    """The sweeper deletes it, and leaves the rest."""
    end("1" * 32, hours=24)
    kept = end(hours=23)
    sweeper.sweep()
    assert list(EndedSession.objects.all()) == [kept]


def test_table_stays_small_without_a_sweeper(django_capture_on_commit_callbacks):
    """Of those that end, one in twenty deletes what expired."""
    for number in range(50):
        end(f"{number:032}", hours=24)
    attendee = AttendeeFactory()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(20):
            session = SessionFactory(attendee=attendee, window=WINDOW)
            ended_sessions.note([session], LegReason.REMOVED, now=timezone.now())
    assert EndedSession.objects.count() == 1


@pytest.mark.parametrize(("windows", "statements"), [(0, 0), (1, 1), (50, 1)])
def test_ends_take_one_statement(django_assert_num_queries, windows, statements):
    """It is the same for one session and for all of a conversation; without windows it is none."""
    attendee = AttendeeFactory()
    sessions = [SessionFactory(attendee=attendee) for _ in range(2)]
    sessions += [SessionFactory(attendee=attendee, window=f"{each:032}") for each in range(windows)]
    with django_assert_num_queries(statements):
        ended_sessions.note(sessions, LegReason.REMOVED, now=timezone.now())
    assert EndedSession.objects.count() == windows


def test_windows_have_one_row_each():
    """Who comes in again and again does not fill the table; the last end counts."""
    attendee = AttendeeFactory()
    for ending in (LegReason.REPLACED, LegReason.REPLACED, LegReason.REMOVED):
        # A window whose browser lost its cookie has two sessions.
        both = [SessionFactory(attendee=attendee, window=WINDOW) for _ in range(2)]
        ended_sessions.note(both, ending, now=timezone.now())
    assert EndedSession.objects.get().reason == SessionEnd.REMOVED


def test_what_is_rolled_back_did_not_end(monkeypatch):
    """The end is stored in the transaction of the change."""
    session = SessionFactory(window=WINDOW)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("talk_calls.services.locked_conversation.delete_closed", fail)
    with pytest.raises(RuntimeError):
        participants.remove(attendee=session.attendee)
    assert Session.objects.get() == session
    assert not EndedSession.objects.exists()
