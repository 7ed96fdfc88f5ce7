"""The page of statistics: charts of some days, each with a table of the same figures."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from talk_calls.admin.base import TalkAdmin
from talk_calls.admin.charts import Amount, Chart, ColumnChart, RowChart
from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.models import Conversation
from talk_calls.reports.downloads import attachment
from talk_calls.reports.statistics import (
    DEFAULT_DAYS,
    DayFigures,
    Days,
    Scope,
    Statistics,
    Total,
    compute_statistics,
    days_csv,
    days_json,
    first_day,
    last_days,
)

#: Up to so many days are drawn as a column each; more are drawn as weeks.
MAX_COLUMNS = 92

#: Days of a page, at most.
MAX_DAYS = 10 * 366

#: Links to the last days: how many.
PRESETS = (7, 30, 90, 365)

#: Groups to choose from, at most.
_MAX_GROUPS = 500


class ScopeForm(forms.Form):
    """The days, and a conversation or a group."""

    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}))
    token = forms.CharField(label="Conversation (its token)", required=False, max_length=30)
    group = forms.ChoiceField(label="Group", required=False)

    def __init__(self, data: Mapping[str, object]) -> None:
        super().__init__(data)
        for field in ("first", "last"):
            self.fields[field].widget.format = "%Y-%m-%d"
        names = [(name, name) for name in _group_names()]
        group = self.fields["group"]
        if not names:
            del self.fields["group"]
        elif isinstance(group, forms.ChoiceField):
            group.choices = [("", "All"), *names]

    def clean_token(self) -> Conversation | None:
        """Return the conversation with this token, or None if the field is empty."""
        token = self.cleaned_data["token"].strip()
        if not token:
            return None
        conversation = Conversation.objects.filter(token=token).first()
        if conversation is None:
            raise forms.ValidationError("There is no such conversation.")
        return conversation

    def clean(self) -> None:
        """Refuse days in the wrong order, too many days, and days before 1971."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first or not last:
            return
        if first > last:
            self.add_error("first", "The first day is after the last one.")
        elif (last - first).days >= MAX_DAYS:
            self.add_error("first", "That is more than ten years.")
        elif not (date(1971, 1, 1) <= first and last < date(3000, 1, 1)):
            self.add_error("first", "Choose days between 1971 and 2999.")

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
        statistics = compute_statistics(form.scope()) if form.is_valid() else None
        if statistics and (file := _file(statistics, request.GET.get("format", ""))):
            return file
        query = request.GET.copy()
        query.pop("format", None)
        return self.page(
            request,
            "call/statistics.html",
            "Statistics",
            form=form,
            presets=PRESETS,
            statistics=statistics,
            figures=_figures(statistics) if statistics and statistics.participants else [],
            tables=_tables(statistics) if statistics else [],
            query=query.urlencode(),
        )


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


def _figures(statistics: Statistics) -> list[Figure]:
    is_weekly = len(statistics.days) > MAX_COLUMNS
    per = "week" if is_weekly else "day"
    of_participants = "Different people; of a week its fullest day." if is_weekly else ""
    return [
        _by_day(statistics, f"Calls per {per}", "Calls that began.", lambda day: day.calls, sum),
        _by_day(statistics, f"Minutes of calls per {per}", "", lambda day: day.call_minutes, sum),
        _by_day(
            statistics,
            f"Minutes of people per {per}",
            "Each device counts.",
            lambda day: day.people_minutes,
            sum,
        ),
        _by_day(
            statistics,
            "Participants on a day of the week" if is_weekly else "Participants per day",
            of_participants or "Different people.",
            lambda day: day.participants,
            max,
        ),
        _by_day(
            statistics,
            f"Most at a time per {per}",
            "Devices that were in calls at a full minute.",
            lambda day: day.peak,
            max,
        ),
        _by_reason("How calls ended", statistics.calls_ended),
        _by_reason("Why people left", statistics.legs_ended),
    ]


def _by_day(
    statistics: Statistics,
    name: str,
    note: str,
    figure: Callable[[DayFigures], float],
    aggregate: Callable[[Iterable[float]], float],
) -> Figure:
    """Return the chart of ``figure``, by day or as the ``aggregate`` of each week."""
    days = statistics.days
    is_weekly = len(days) > MAX_COLUMNS
    if is_weekly:
        weeks = groupby(days, key=lambda day: day.day - timedelta(days=day.day.weekday()))
        amounts = [(monday, aggregate(map(figure, week))) for monday, week in weeks]
    else:
        amounts = [(day.day, figure(day)) for day in days]
    columns = [Amount(f"{day:%d %b}", n, f"{day:%a %Y-%m-%d}: {n:,.0f}") for day, n in amounts]
    rows: list[tuple[str, ...]] = [(f"{day:%Y-%m-%d}", f"{n:,.0f}") for day, n in amounts]
    headings = ("Week of" if is_weekly else "Day", name)
    return Figure(name, note, ColumnChart(name, columns), headings, rows)


def _by_reason(name: str, counts: dict[str, int]) -> Figure:
    total = sum(counts.values())
    rows: list[tuple[str, ...]] = [
        (reason, f"{count:,}", f"{100 * count / total:.1f} %") for reason, count in counts.items()
    ]
    bars = [
        Amount(reason, counts[reason], f"{reason}: {count} ({share})")
        for reason, count, share in rows
    ]
    note = "" if bars else "None in this time."
    return Figure(name, note, RowChart(name, bars), ("Reason", "Count", "Share"), rows)


def _tables(statistics: Statistics) -> list[TotalsTable]:
    note = "Minutes of the people who are members today."
    return [
        TotalsTable("Conversations", "", statistics.conversations),
        TotalsTable("Groups", note, statistics.groups),
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
