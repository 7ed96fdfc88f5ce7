"""Statistics of days whose calls are deleted: what they say of a day stays to the unit."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import Call, CallLeg, Conversation, DaySummary, PersonDay
from talk_calls.reports.statistics import (
    Days,
    Scope,
    compute_period,
    compute_statistics,
    final_days,
    finalize,
    finalizing,
    first_day,
    scope_before,
    summaries,
    to_finalize,
)
from talk_calls.services import retention
from talk_calls.services.retention import Horizon
from tests.reports import test_summaries as histories
from tests.reports.test_summaries import BERLIN, HISTORY, NOW, TODAY, make_history

pytestmark = pytest.mark.django_db

KEPT = 15
FIRST_KEPT = TODAY - timedelta(days=KEPT)


@pytest.fixture(autouse=True)
def _berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override(BERLIN):
        yield


def delete_old(days: int = KEPT) -> retention.Deleted:
    """Do what the sweeper does."""
    before = TODAY - timedelta(days=days)
    finalize(before, now=NOW)
    return retention.delete(Horizon(before, final_days().end))


def figures(scopes: list[Scope]) -> list[tuple]:
    """Return what must stay the same."""
    found = [compute_statistics(scope) for scope in scopes]
    return [(each.days, each.calls_ended, each.legs_ended, each.peak) for each in found]


def scopes(dice: random.Random) -> list[Scope]:
    """Return everything, ranges on both sides of the horizon and across it, and single days."""
    found = histories.scopes(dice)
    found.append(Scope(Days(TODAY - timedelta(days=40), FIRST_KEPT - timedelta(days=1)), NOW))
    found.append(Scope(Days(TODAY - timedelta(days=30), FIRST_KEPT), NOW))
    found.append(Scope(Days(FIRST_KEPT, TODAY), NOW))
    found.append(Scope(Days(FIRST_KEPT - timedelta(days=1), FIRST_KEPT - timedelta(days=1)), NOW))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_figures_stay(seed):
    """On random histories, and after whatever follows: sums, peaks and reasons of each day."""
    dice = random.Random(seed)  # noqa: S311 -- seeded
    make_history(dice)
    some = scopes(dice)
    before, began = figures(some), first_day(NOW)
    counted = [compute_statistics(scope).participants for scope in some]
    summaries.catch_up(now=NOW)
    deleted = delete_old()
    assert deleted.calls
    assert deleted.legs
    assert not Call.objects.filter(ended_at__lt=final_days().end).exists()
    assert not PersonDay.objects.filter(day__is_final=True).exists()
    assert figures(some) == before
    assert first_day(NOW) == began
    after = [compute_statistics(scope).participants for scope in some]
    for count, known in zip(counted, after, strict=True):
        assert known in (count, None)
    assert after[-1] == counted[-1]  # of a single day
    summaries.delete_all()
    assert figures(some) == before
    summaries.catch_up(now=NOW, limit=None)
    assert figures(some) == before
    assert not delete_old().steps
    delete_old(5)
    assert figures(some) == before


@pytest.mark.parametrize("seed", range(3))
def test_changes_of_what_is_kept(seed):
    """Deleting a user or a call changes no final day, and the others as if all were there."""
    dice = random.Random(seed)  # noqa: S311 -- seeded
    make_history(dice)
    some = scopes(dice)
    summaries.catch_up(now=NOW)
    delete_old()
    past = Scope(Days(TODAY - timedelta(days=HISTORY + 5), FIRST_KEPT - timedelta(days=1)), NOW)
    before = figures([past])
    for user in get_user_model().objects.all():
        user.delete()
    calls = Call.objects.filter(ended_at__isnull=False).order_by("started_at")
    calls[0].delete()
    DaySummary.objects.between(NOW - timedelta(days=HISTORY + 5), NOW).mark_stale()
    assert figures([past]) == before
    stale = figures(some)
    summaries.catch_up(now=NOW)
    assert figures(some) == stale
    assert figures([past]) == before


def test_a_day_without_summary_keeps_its_calls():
    """Neither it nor the days after it are final, whatever the setting says."""
    make_history(random.Random(1))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW)
    stale = DaySummary.objects.filter(calls__gt=0).order_by("number")[2]
    DaySummary.objects.filter(pk=stale.pk).mark_stale()
    deleted = delete_old()
    assert final_days().end == datetime.fromtimestamp(stale.start, UTC)
    assert not CallLeg.objects.filter(call__ended_at__lt=final_days().end).exists()
    assert deleted.calls < 10
    assert Call.objects.filter(ended_at__lt=timezone.make_aware(datetime(2026, 10, 12))).exists()
    summaries.catch_up(now=NOW)
    delete_old()
    assert final_days().next == FIRST_KEPT


def mark_stale(days) -> None:
    days.mark_stale()


def delete(days) -> None:
    """Delete summaries, as ``talk_statistics --rebuild`` does."""
    PersonDay.objects.filter(day__in=list(days.values_list("number", flat=True))).delete()
    days.delete()


@pytest.mark.parametrize("change", [mark_stale, delete])
@pytest.mark.parametrize("position", [2, 9])
def test_a_summary_that_is_lost_meanwhile(change, position, monkeypatch):
    """No day after it is final, not even in the next batch, so its calls are still there."""
    make_history(random.Random(1))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW, limit=None)
    numbers = to_finalize(FIRST_KEPT, now=NOW)
    assert len(numbers) > 2 * finalizing._BATCH
    monkeypatch.setattr(finalizing, "to_finalize", lambda *args, **kwargs: numbers)
    change(DaySummary.objects.filter(number=numbers[position]))
    assert finalize(FIRST_KEPT, now=NOW) == position
    final = DaySummary.objects.filter(is_final=True).values_list("number", flat=True)
    assert sorted(final) == numbers[:position]


def test_nothing_is_summarised():
    """Then nothing is deleted."""
    make_history(random.Random(1))  # noqa: S311 -- seeded
    assert not delete_old().steps
    assert to_finalize(FIRST_KEPT, now=NOW) == []


def test_a_slow_sweeper_counts_no_final_day():
    """One that looked before another deleted the calls would count days without them."""
    make_history(random.Random(2))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW)
    delete_old()
    before = list(DaySummary.objects.order_by("number").values())
    last = final_days().last
    summaries._summarise(Days(last - timedelta(days=2), last), NOW)
    assert list(DaySummary.objects.order_by("number").values()) == before


def test_marked_while_it_is_finalized():
    """A day that somebody marks after the sweeper looked is not final, nor are those after it."""
    make_history(random.Random(2))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW)
    numbers = to_finalize(FIRST_KEPT, now=NOW)
    DaySummary.objects.filter(number=numbers[3]).mark_stale()
    assert finalize(FIRST_KEPT, now=NOW) == 3
    assert DaySummary.objects.final().count() == 3


def test_conversations_and_groups_begin_with_what_is_kept():
    """Their figures are those of calls that are there, and nothing is compared with less."""
    make_history(random.Random(3))  # noqa: S311 -- seeded
    room = Conversation.objects.order_by("pk").first()
    everything = Scope(Days(TODAY - timedelta(days=HISTORY + 5), TODAY), NOW, room)
    since = replace(everything, days=Days(FIRST_KEPT, TODAY))
    before = compute_statistics(since)
    summaries.catch_up(now=NOW)
    delete_old()
    after = compute_statistics(everything)
    assert [day for day in after.days if day.day >= FIRST_KEPT] == before.days
    assert not any(day.calls or day.people_minutes for day in after.days if day.day < FIRST_KEPT)
    assert after.kept_since == FIRST_KEPT
    assert (after.conversations, after.calls_ended) == (before.conversations, before.calls_ended)
    assert compute_statistics(since).kept_since is None
    assert scope_before(since) is None
    assert scope_before(replace(since, conversation=None)) is not None
    past = replace(everything, days=Days(everything.days.first, FIRST_KEPT - timedelta(days=1)))
    assert compute_period(past).participants == 0


def test_another_time_zone(settings):
    """Final days keep the borders that they had."""
    make_history(random.Random(4))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW)
    delete_old()
    past = Scope(Days(TODAY - timedelta(days=HISTORY), FIRST_KEPT - timedelta(days=2)), NOW)
    before = figures([past])
    settings.TIME_ZONE = "America/New_York"
    with timezone.override(ZoneInfo("America/New_York")):
        assert figures([past]) == before
        summaries.catch_up(now=NOW)
        summaries.delete_all()
        summaries.catch_up(now=NOW, limit=None)
        assert figures([past]) == before
        delete_old()


def test_a_history_that_ended():
    """Nobody calls any more: what was is shown for ever, and sweeps find nothing to do."""
    make_history(random.Random(5))  # noqa: S311 -- seeded
    everything = Scope(Days(TODAY - timedelta(days=HISTORY + 5), TODAY), NOW)
    before = figures([everything])
    summaries.catch_up(now=NOW)
    delete_old(0)
    assert not Call.objects.exists()
    assert figures([everything]) == before
    assert summaries.due(NOW + timedelta(days=30)) == []
    assert to_finalize(TODAY + timedelta(days=20), now=NOW + timedelta(days=30)) == []


def test_statements():
    """Days of a long past cost no statement more, and no call of theirs is read."""
    make_history(random.Random(6))  # noqa: S311 -- seeded
    everything = Scope(Days(TODAY - timedelta(days=HISTORY + 5), TODAY), NOW)
    summaries.catch_up(now=NOW)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            compute_statistics(everything)
        counts.append(len(queries))
        delete_old()
    assert counts[0] == counts[1]
