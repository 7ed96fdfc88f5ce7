"""A number beside the one of the period before, in words."""

from dataclasses import replace
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from talk_calls.reports.statistics.days import Days
from talk_calls.reports.statistics.scope import Scope
from talk_calls.reports.statistics.summaries import first_day, first_kept_day


def scope_before(scope: Scope) -> Scope | None:
    """Return the same of as many days before, or None if they began before the first call.

    Two statements. Days on which nobody could call yet are nothing to compare with; nor are those,
    for a conversation or a group, whose calls are deleted.
    """
    days = timedelta(days=len(scope.days))
    before = Days(scope.days.first - days, scope.days.last - days)
    is_part = scope.conversation is not None or bool(scope.group)
    begins = first_kept_day(scope.now) if is_part else first_day(scope.now)
    return replace(scope, days=before) if begins <= before.first else None


def change_text(now: float, before: float) -> str:
    """Return how a number differs from the one before, in percent, and that number."""
    values = {"before": number_format(before, 0, force_grouping=True)}
    if now == before:
        return _("as before")
    if not before:
        return _("none before")
    percent = round(100 * (now - before) / before)
    values["percent"] = number_format(abs(percent), 0, force_grouping=True)
    if percent == 0:
        return _("nearly as before ({before})").format(**values)
    if percent > 0:
        return _("+{percent} %, more than before ({before})").format(**values)
    return _("-{percent} %, less than before ({before})").format(**values)
