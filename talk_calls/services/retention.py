"""Deleting what happened longer ago than the site keeps it (``HISTORY_DAYS``).

That is calls with their legs, messages of the chat, and entries of the audit trail. All of a day is
deleted at once, by the site's time zone. Each batch is a short transaction that passes over rows
which another sweeper deletes; one that is killed loses nothing, and the next one goes on.

Calls are deleted only of days whose figures are final (``reports.statistics.finalize``), so that
statistics stay. A call that goes on is never deleted, and neither is one that a later call resumed
(``Call.resumes``), as long as that is there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.db import locks, transactions
from talk_calls.db.retries import retried
from talk_calls.models import AuditEntry, Call, CallLeg, SystemMessage
from talk_calls.models.audit import AuditQuerySet
from talk_calls.models.system_messages import SystemMessageQuerySet
from talk_calls.services.deletion_mark import delete_closed

#: Calls, messages or entries that one transaction deletes at most.
BATCH = 500

#: Legs that one transaction deletes at most, unless a single call has more.
LEGS = 5000

#: Called with the number of rows that are done, and of all rows; legs are part of their calls.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows were deleted, or would be."""

    calls: int = 0
    legs: int = 0
    messages: int = 0
    entries: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        """Return the sum of two."""
        return Deleted(
            self.calls + other.calls,
            self.legs + other.legs,
            self.messages + other.messages,
            self.entries + other.entries,
        )

    @property
    def steps(self) -> int:
        """Return how many steps of ``Progress`` these are."""
        return self.calls + self.messages + self.entries


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far back history is kept: what happened before ``first_day`` is deleted.

    Of calls these are only those that ended before ``calls`` too, which is when the last final day
    ended; with None there are no final days, and no call is deleted.
    """

    first_day: date
    calls: datetime | None

    @property
    def moment(self) -> datetime:
        """Return when the first day began, in the site's time zone."""
        return timezone.make_aware(datetime.combine(self.first_day, time.min))

    def old_calls(self) -> QuerySet[Call]:
        """Return the calls that may be deleted."""
        if self.calls is None:
            return Call.objects.none()
        later = Call.objects.filter(resumes=OuterRef("pk"))
        return Call.objects.filter(~Exists(later), ended_at__lt=min(self.calls, self.moment))

    def old_messages(self) -> SystemMessageQuerySet:
        """Return the messages of what happened before."""
        return SystemMessage.objects.filter(at__lt=self.moment)

    def old_entries(self) -> AuditQuerySet:
        """Return the entries of the audit trail from before."""
        return AuditEntry.objects.before(self.moment)


def first_day_kept(now: datetime) -> date | None:
    """Return the first day that is kept, in the site's time zone; None if all are."""
    days = conf.history_days
    return None if days is None else timezone.localdate(now) - timedelta(days=days)


def days_late(now: datetime) -> int:
    """Return for how many days calls are there that should be deleted; one query, or none."""
    first_day = first_day_kept(now)
    if first_day is None:
        return 0
    ends = Call.objects.filter(ended_at__isnull=False).order_by("ended_at")
    oldest = ends.values_list("ended_at", flat=True).first()
    return max(0, (first_day - timezone.localdate(oldest)).days) if oldest else 0


def preview(horizon: Horizon) -> Deleted:
    """Return what ``delete`` would delete, but for calls that others resumed."""
    calls = horizon.old_calls()
    return Deleted(
        calls=calls.count(),
        legs=CallLeg.objects.filter(call__in=calls.order_by().values("pk")).count(),
        messages=horizon.old_messages().count(),
        entries=horizon.old_entries().count(),
    )


def delete(horizon: Horizon, *, progress: Progress = lambda done, total: None) -> Deleted:
    """Delete what is beyond the horizon, the oldest first; return what was deleted."""
    total = (
        horizon.old_calls().count() + horizon.old_messages().count() + horizon.old_entries().count()
    )
    done = Deleted()
    for delete_batch in (_delete_calls, _delete_messages, _delete_entries):
        while (batch := delete_batch(horizon)).steps:
            done += batch
            progress(min(done.steps, total), total)
    return done


@retried
@transactions.atomic()
def _delete_calls(horizon: Horizon) -> Deleted:
    """Delete some calls with all their legs."""
    oldest = locks.free(horizon.old_calls().order_by("ended_at"))
    keys = list(oldest.values_list("pk", flat=True)[:BATCH])
    legs = CallLeg.objects.filter(call__in=keys).order_by()
    counts = dict(legs.values_list("call").annotate(n=Count("pk")))
    sums = accumulate(counts.get(key, 0) for key in keys)
    few = [key for key, so_far in zip(keys, sums, strict=True) if so_far <= LEGS] or keys[:1]
    delete_closed(Call.objects.filter(pk__in=few))
    return Deleted(calls=len(few), legs=sum(counts.get(key, 0) for key in few))


@retried
@transactions.atomic()
def _delete_messages(horizon: Horizon) -> Deleted:
    oldest = locks.free(horizon.old_messages().order_by("at"))
    keys = list(oldest.values_list("pk", flat=True)[:BATCH])
    SystemMessage.objects.filter(pk__in=keys).delete()
    return Deleted(messages=len(keys))


@retried
@transactions.atomic()
def _delete_entries(horizon: Horizon) -> Deleted:
    oldest = locks.free(horizon.old_entries().order_by("at", "pk"))
    keys = list(oldest.values_list("pk", flat=True)[:BATCH])
    return Deleted(entries=AuditEntry.objects.filter(pk__in=keys).delete_old())
