"""What was counted of days that are over, so that statistics of a year need not read every leg.

These rows are derived: they can be deleted at any time, and are counted again from calls and legs
(``reports.statistics``). Whoever changes calls or legs of the past marks their days as stale.
Final days are the exception: their calls are deleted, or will be (``HISTORY_DAYS``), so nothing can
be counted again.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel, PrimaryQuerySet


class DaySummaryQuerySet(PrimaryMixin, models.QuerySet["DaySummary"]):
    """Finding days, and marking them."""

    def between(self, since: datetime, until: datetime | None) -> Self:
        """Keep days that have any second from ``since`` to ``until``, or after it if that is None.

        Seconds are rounded down and counted as a whole, as statistics do.
        """
        days = self.filter(stop__gt=int(since.timestamp()))
        return days if until is None else days.filter(start__lte=int(until.timestamp()))

    def mark_stale(self) -> int:
        """Count these days from calls and legs until they are summarised again; return how many.

        Final days stay as they are.
        """
        return self.filter(is_stale=False, is_final=False).update(is_stale=True)

    def not_final(self) -> Self:
        """Keep days that can be counted again, as all their calls are there."""
        return self.filter(is_final=False)

    def final(self) -> Self:
        """Keep days whose calls are deleted, or will be."""
        return self.filter(is_final=True)


class DaySummary(PrimaryModel):
    """The figures of one day of the site's time zone, counted when it was over.

    ``number`` counts days from 1970-01-01. ``start`` and ``stop`` are the first second of the day
    and of the next one in Unix time: a day with other borders, as after a change of ``TIME_ZONE``,
    is counted again. The figures are those of ``reports.statistics.DayFigures``, in seconds.
    ``calls_ended`` and ``legs_ended`` map reasons (``LegReason``) to how many ended for them. A
    final day keeps its figures for ever, and has no people.
    """

    number = models.IntegerField(primary_key=True)
    start = models.BigIntegerField()
    stop = models.BigIntegerField()
    is_stale = models.BooleanField(default=False)
    is_final = models.BooleanField(default=False, db_default=False)
    calls = models.PositiveIntegerField(default=0)
    call_seconds = models.PositiveBigIntegerField(default=0)
    people_seconds = models.PositiveBigIntegerField(default=0)
    participants = models.PositiveIntegerField(default=0)
    peak = models.PositiveIntegerField(default=0)
    calls_ended = models.JSONField(default=dict)
    legs_ended = models.JSONField(default=dict)

    objects = DaySummaryQuerySet.as_manager()

    class Meta:
        """No page of its own, so no permissions."""

        verbose_name = _("summary of a day")
        verbose_name_plural = _("summaries of days")
        default_permissions = ()

    def __str__(self) -> str:
        """Return the number of the day."""
        return str(self.number)


class PersonDay(PrimaryModel):
    """How long one person was in calls on one day, in seconds, each device by itself.

    ``name`` identifies somebody without an account, among them deleted users; it is empty for
    users. A user who is deleted is in no row any more, and the days are stale. The rows of a day
    are written by one statement (``reports.statistics.aggregates``).
    """

    day = PrimaryForeignKey(
        DaySummary, on_delete=models.CASCADE, related_name="people", db_index=False
    )
    user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="talk_days_in_calls",
    )
    name = models.CharField(max_length=300)
    seconds = models.PositiveIntegerField()

    objects = PrimaryQuerySet["PersonDay"].as_manager()

    class Meta:
        """Each user once a day."""

        verbose_name = _("day of a person")
        verbose_name_plural = _("days of people")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "user"], name="talk_day_user_once"),
        ]

    def __str__(self) -> str:
        """Return the number of the day."""
        return str(self.day_id)
