"""The page of statistics: charts of some days, each with a table of the same figures."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from talk_calls.admin.base import TalkAdmin
from talk_calls.admin.charts import Amount, Chart, ColumnChart, RowChart
from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.models import Conversation
from talk_calls.reports.downloads import attachment
from talk_calls.reports.formatting import EMPTY_VALUE, day_text, number_text
from talk_calls.reports.statistics import (
    DEFAULT_DAYS,
    DayFigures,
    Days,
    Period,
    Scope,
    Statistics,
    Total,
    change_text,
    compute_period,
    compute_statistics,
    days_csv,
    days_json,
    first_day,
    last_days,
    scope_before,
)

#: Up to so many days are drawn as a column each; more are drawn as weeks.
MAX_COLUMNS = 92

#: Days of a page, at most.
MAX_DAYS = 10 * 366

#: Links to the last days: how many.
DAYS_OF_A_YEAR = 365
PRESETS = (7, 30, 90, DAYS_OF_A_YEAR)

#: Groups to choose from, at most.
_MAX_GROUPS = 500


class ScopeForm(forms.Form):
    """The days, and a conversation or a group."""

    first = forms.DateField(widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(widget=forms.DateInput({"type": "date"}))
    token = forms.CharField(required=False, max_length=30)
    group = forms.ChoiceField(required=False)

    def __init__(self, data: Mapping[str, object]) -> None:
        super().__init__(data)
        for field in ("first", "last"):
            self.fields[field].widget.format = "%Y-%m-%d"
        labels = {
            "first": _("From"),
            "last": _("To"),
            "token": _("Conversation (its token)"),
            "group": _("Group"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        names = [(name, name) for name in _group_names()]
        group = self.fields["group"]
        if not names:
            del self.fields["group"]
        elif isinstance(group, forms.ChoiceField):
            group.choices = [("", _("All")), *names]

    def clean_token(self) -> Conversation | None:
        """Return the conversation with this token, or None if the field is empty."""
        token = self.cleaned_data["token"].strip()
        if not token:
            return None
        conversation = Conversation.objects.filter(token=token).first()
        if conversation is None:
            raise forms.ValidationError(_("There is no such conversation."))
        return conversation

    def clean(self) -> None:
        """Refuse days in the wrong order, too many days, and days before 1971."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first or not last:
            return
        if first > last:
            self.add_error("first", _("The first day is after the last one."))
        elif (last - first).days >= MAX_DAYS:
            self.add_error("first", _("That is more than ten years."))
        elif not (date(1971, 1, 1) <= first and last < date(3000, 1, 1)):
            self.add_error("first", _("Choose days between 1971 and 2999."))

    def scope(self) -> Scope:
        """Return the scope that a valid form asks for."""
        values = self.cleaned_data
        days = Days(values["first"], values["last"])
        return Scope(days, clock.now(), values["token"], values.get("group", ""))


@dataclass(frozen=True)
class Figure:
    """A chart, and a table with the same facts."""

    name: str
    note: str
    chart: Chart
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Headline:
    """A number of the whole time; ``change`` is how it differs from the time before, or empty."""

    name: str
    value: str
    note: str
    change: str


@dataclass(frozen=True)
class TotalsTable:
    """A table of conversations or groups; groups have no calls of their own."""

    name: str
    note: str
    totals: list[Total]

    @property
    def has_calls(self) -> bool:
        """Return whether to show the column of calls."""
        return any(total.calls for total in self.totals)


class StatisticsMixin(TalkAdmin):
    """Adds the page to the admin of calls."""

    def statistics(self, request: HttpRequest) -> HttpResponse:
        """Show the figures, or return a file of each day with ``format=csv`` or ``json``."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ScopeForm(_form_data(request))
        scope = form.scope() if form.is_valid() else None
        statistics = compute_statistics(scope) if scope else None
        if statistics and (file := _file(statistics, request.GET.get("format", ""))):
            return file
        query = request.GET.copy()
        query.pop("format", None)
        earlier = scope_before(scope) if scope else None
        before = compute_period(earlier) if earlier else None
        return self.page(
            request,
            "call/statistics.html",
            _("Statistics"),
            form=form,
            presets=[(days, _preset(days)) for days in PRESETS],
            statistics=statistics,
            headlines=_headlines(statistics, before) if statistics else [],
            comparison=_comparison(earlier),
            kept_since=_kept_since(statistics),
            figures=_figures(statistics, before) if statistics and _anybody(statistics) else [],
            tables=_tables(statistics) if statistics else [],
            query=query.urlencode(),
        )


def _preset(days: int) -> str:
    return _("A year") if days == DAYS_OF_A_YEAR else _("{days} days").format(days=days)


def _form_data(request: HttpRequest) -> dict[str, object]:
    """Return the data of the form.

    Without dates it asks for the last ``days``, but for none before the first call.
    """
    data: dict[str, object] = {
        name: request.GET.get(name, "") for name in ("first", "last", "token", "group")
    }
    if data["first"] or data["last"]:
        return data
    now = clock.now()
    text = request.GET.get("days", "")[:9]  # Python reads no number of thousands of digits
    count = int(text) if text.isdecimal() else 0
    days = last_days(min(count, MAX_DAYS) or DEFAULT_DAYS, now=now)
    return data | {"first": max(days.first, min(first_day(now), days.last)), "last": days.last}


def _group_names() -> list[str]:
    path = conf.directory.group_name_path()
    if not path:
        return []
    users = get_user_model()._default_manager.using(transactions.alias())
    users = users.filter(**{f"{path}__isnull": False})
    names = users.order_by(path).values_list(path, flat=True).distinct()
    return list(names[:_MAX_GROUPS])


def _headlines(now: Period, before: Period | None) -> list[Headline]:
    """Return the numbers of the whole time, each with how it differs from the time before."""
    peak = now.peak
    on = _("on {day}").format(day=f"{peak.day:%Y-%m-%d}") if peak else ""
    rows: tuple[tuple[str, Callable[[Period], float | None], str], ...] = (
        (_("Calls"), lambda period: period.calls, ""),
        (_("Minutes of calls"), lambda period: period.call_minutes, ""),
        (_("Minutes of people"), lambda period: period.people_minutes, ""),
        (_("Different people"), lambda period: period.participants, ""),
        (_("Most at a time"), lambda period: period.peak.peak if period.peak else 0, on),
    )
    return [
        _headline(name, number(now), number(before) if before else None, note)
        for name, number, note in rows
    ]


def _headline(name: str, now: float | None, before: float | None, note: str) -> Headline:
    """Return a number, which is None if nobody knows it; so is the one before, or there is none."""
    if now is None:
        return Headline(name, EMPTY_VALUE, note, "")
    change = "" if before is None else change_text(round(now), round(before))
    return Headline(name, number_text(now), note, change)


def _anybody(period: Period) -> bool:
    return any(day.participants for day in period.days)


def _kept_since(period: Period | None) -> str:
    """Return a sentence about days whose calls are deleted; empty if there are none."""
    if period is None or period.kept_since is None:
        return ""
    return _(
        "Calls before {day} are deleted. The sums of their days are kept; figures of people, "
        "conversations and groups begin on that day."
    ).format(day=f"{period.kept_since:%Y-%m-%d}")


def _comparison(before: Scope | None) -> str:
    """Return what the numbers are compared with, as a sentence."""
    if before is None:
        return _("Nothing to compare with: the history does not go back as many days more.")
    first, last = before.days.first, before.days.last
    return _("Compared with as many days before, {first} to {last}.").format(
        first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}"
    )


@dataclass(frozen=True)
class _Series:
    """A figure of each day; ``aggregate`` makes one of those of a week."""

    name: str
    note: str
    figure: Callable[[DayFigures], float]
    aggregate: Callable[[Iterable[float]], float]


def _figures(statistics: Statistics, before: Period | None) -> list[Figure]:
    weekly = _is_weekly(statistics)
    return [
        *(_by_day(statistics, before, series) for series in _series(weekly=weekly)),
        _by_reason(_("How calls ended"), statistics.calls_ended),
        _by_reason(_("Why people left"), statistics.legs_ended),
    ]


def _is_weekly(period: Period) -> bool:
    return len(period.days) > MAX_COLUMNS


def _series(*, weekly: bool) -> list[_Series]:
    return [
        _Series(
            _("Calls per week") if weekly else _("Calls per day"),
            _("Calls that began."),
            lambda day: day.calls,
            sum,
        ),
        _Series(
            _("Minutes of calls per week") if weekly else _("Minutes of calls per day"),
            "",
            lambda day: day.call_minutes,
            sum,
        ),
        _Series(
            _("Minutes of people per week") if weekly else _("Minutes of people per day"),
            _("Each device counts."),
            lambda day: day.people_minutes,
            sum,
        ),
        _Series(
            _("Participants on a day of the week") if weekly else _("Participants per day"),
            _("Different people; of a week its fullest day.") if weekly else _("Different people."),
            lambda day: day.participants,
            max,
        ),
        _Series(
            _("Most at a time per week") if weekly else _("Most at a time per day"),
            _("Devices that were in calls at a full minute."),
            lambda day: day.peak,
            max,
        ),
    ]


def _by_day(statistics: Statistics, before: Period | None, series: _Series) -> Figure:
    """Return the chart of a figure, by day or by week.

    Days of the time before stand where the day as many days later does.
    """
    weekly = _is_weekly(statistics)
    starts = [_monday(day.day) if weekly else day.day for day in statistics.days]
    amounts = _grouped(starts, statistics, series)
    earlier = _grouped(starts, before, series) if before else {}
    columns = []
    rows: list[tuple[str, ...]] = []
    for day, amount in amounts.items():
        texts = [number_text(amount)]
        title = f"{date_format(day, 'D Y-m-d')}: {texts[0]}"
        if before:
            texts.append(number_text(earlier[day]))
            title = _("{title} (before: {amount})").format(title=title, amount=texts[1])
        columns.append(Amount(day_text(day), amount, title))
        rows.append((f"{day:%Y-%m-%d}", *texts))
    headings = [_("Week of") if weekly else _("Day"), series.name]
    note = series.note
    if before:
        note = f"{note} {_('The dashed line is the time before.')}".strip()
        headings.append(_("Before"))
    chart = ColumnChart(series.name, columns, list(earlier.values()))
    return Figure(series.name, note, chart, tuple(headings), rows)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _grouped(starts: list[date], period: Period, series: _Series) -> dict[date, float]:
    """Return the figure of all days with the same start, which are side by side."""
    numbers = zip(starts, map(series.figure, period.days), strict=True)
    groups = groupby(numbers, key=itemgetter(0))
    return {
        start: series.aggregate([number for _start, number in group]) for start, group in groups
    }


def _by_reason(name: str, counts: dict[str, int]) -> Figure:
    total = sum(counts.values())
    rows: list[tuple[str, ...]] = [
        (reason, number_text(count), f"{number_format(100 * count / total, 1)} %")
        for reason, count in counts.items()
    ]
    bars = [
        Amount(reason, counts[reason], f"{reason}: {count} ({share})")
        for reason, count, share in rows
    ]
    note = "" if bars else _("None in this time.")
    headings = (_("Reason"), _("Count"), _("Share"))
    return Figure(name, note, RowChart(name, bars), headings, rows)


def _tables(statistics: Statistics) -> list[TotalsTable]:
    note = _("Minutes of the people who are members today.")
    return [
        TotalsTable(_("Conversations with the most minutes"), "", statistics.conversations),
        TotalsTable(_("Groups with the most minutes"), note, statistics.groups),
    ]


def _file(statistics: Statistics, ending: str) -> HttpResponse | None:
    """Return the figures of each day as a file, or None if no file ends so."""
    name = f"calls-{statistics.days[0].day}-{statistics.days[-1].day}.{ending}"
    match ending:
        case "csv":
            return attachment(days_csv(statistics), "text/csv", name=name)
        case "json":
            return attachment(days_json(statistics), "application/json", name=name)
        case _:
            return None
