"""The page of statistics: figures of some days as charts, each with a table below."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from talk_calls.admin import charts
from talk_calls.admin.charts import Value
from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.models import Conversation
from talk_calls.reports.days import Days
from talk_calls.reports.downloads import as_csv, attachment
from talk_calls.reports.spans import Scope
from talk_calls.reports.statistics import (
    USUAL_DAYS,
    Day,
    Place,
    Statistics,
    first_day,
    last_days,
    statistics,
)

#: Days of which each has a bar of its own; of more, weeks have.
MOST_BARS = 92

#: Days that can be looked at at once.
MOST_DAYS = 10 * 366

#: Choices of a range, in days.
PRESETS = (7, 30, 90, 365)

#: Groups that can be chosen from.
_MOST_GROUPS = 500


class ScopeForm(forms.Form):
    """From which day to which, and of what."""

    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}))
    token = forms.CharField(label="Conversation (its token)", required=False, max_length=30)
    group = forms.ChoiceField(label="Group", required=False)

    def __init__(self, data: Any) -> None:
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
        """Return the conversation."""
        token = self.cleaned_data["token"].strip()
        if not token:
            return None
        found = Conversation.objects.filter(token=token).first()
        if found is None:
            raise forms.ValidationError("There is no such conversation.")
        return found

    def clean(self) -> None:
        """Refuse days that are not in order, too many, or before computers counted."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first or not last:
            return
        if first > last:
            self.add_error("first", "The first day is after the last one.")
        elif (last - first).days >= MOST_DAYS:
            self.add_error("first", "That is more than ten years.")
        elif not (date(1971, 1, 1) <= first and last < date(3000, 1, 1)):
            self.add_error("first", "No calls were made then.")

    def scope(self) -> Scope:
        """Return what was asked for; only of a form that is valid."""
        values = self.cleaned_data
        days = Days(values["first"], values["last"])
        return Scope(days, clock.now(), values["token"], values.get("group", ""))


class Chart(NamedTuple):
    """A picture, and the table with the same facts."""

    name: str
    note: str
    picture: SafeString
    headings: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class StatisticsPage:
    """The page, for the admin of calls."""

    def statistics(self, request: HttpRequest) -> HttpResponse:
        """Show the figures, or send those of each day as CSV with ``format=csv``."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        form = ScopeForm(_asked(request))
        found = statistics(form.scope()) if form.is_valid() else None
        if found and request.GET.get("format") == "csv":
            return _csv(found)
        query = request.GET.copy()
        query["format"] = "csv"
        page: HttpResponse = self.page(  # type: ignore[attr-defined]
            request,
            "call/statistics.html",
            "Statistics",
            form=form,
            presets=PRESETS,
            found=found,
            charts=_charts(found) if found and found.participants else [],
            places=_places(found) if found else [],
            csv_query=query.urlencode(),
        )
        return page


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return the form's data; without dates the last days, no more than there were calls."""
    asked = {name: request.GET.get(name, "") for name in ("first", "last", "token", "group")}
    if asked["first"] or asked["last"]:
        return asked
    now = clock.now()
    count = request.GET.get("days", "")
    days = last_days(
        min(int(count), MOST_DAYS) if count.isdecimal() and int(count) else USUAL_DAYS, now=now
    )
    return {**asked, "first": max(days.first, min(first_day(now), days.last)), "last": days.last}


def _group_names() -> list[str]:
    path = conf.directory.group_name_path()
    if not path:
        return []
    users = get_user_model()._default_manager.filter(**{f"{path}__isnull": False})
    names = users.order_by(path).values_list(path, flat=True).distinct()
    return list(names[:_MOST_GROUPS])


def _charts(found: Statistics) -> list[Chart]:
    weekly = len(found.days) > MOST_BARS
    per = "week" if weekly else "day"
    of_a_day = " on a day of the week" if weekly else ""
    return [
        _by_day(found, f"Calls per {per}", "Calls that began.", lambda day: day.calls, sum),
        _by_day(found, f"Minutes of calls per {per}", "", lambda day: day.call_minutes, sum),
        _by_day(
            found,
            f"Minutes of people per {per}",
            "Each device counts.",
            lambda day: day.people_minutes,
            sum,
        ),
        _by_day(
            found,
            f"Participants{of_a_day or ' per day'}",
            "Different people; of a week its fullest day." if weekly else "Different people.",
            lambda day: day.participants,
            max,
        ),
        _by_day(
            found,
            f"Most at a time per {per}",
            "Devices that were in calls at a full minute.",
            lambda day: day.peak,
            max,
        ),
        _reasons("How calls ended", found.calls_ended),
        _reasons("Why people left", found.legs_ended),
    ]


def _by_day(
    found: Statistics,
    name: str,
    note: str,
    figure: Callable[[Day], float],
    together: Callable[[Iterable[float]], float],
) -> Chart:
    if len(found.days) > MOST_BARS:
        weeks = groupby(found.days, key=lambda day: day.day - timedelta(days=day.day.weekday()))
        amounts = [(monday, together(map(figure, days))) for monday, days in weeks]
    else:
        amounts = [(day.day, figure(day)) for day in found.days]
    of = "Week of" if len(found.days) > MOST_BARS else "Day"
    values = [Value(f"{day:%d %b}", n, f"{day:%a %Y-%m-%d}: {n:,.0f}") for day, n in amounts]
    table: list[tuple[Any, ...]] = [(f"{day:%Y-%m-%d}", f"{n:,.0f}") for day, n in amounts]
    return Chart(name, note, charts.columns(name, values), (of, name), table)


def _reasons(name: str, counts: dict[str, int]) -> Chart:
    total = sum(counts.values())
    table: list[tuple[Any, ...]] = [
        (reason, f"{count:,}", f"{100 * count / total:.1f} %") for reason, count in counts.items()
    ]
    values = [Value(row[0], counts[row[0]], f"{row[0]}: {row[1]} ({row[2]})") for row in table]
    note = "" if values else "None in this time."
    return Chart(name, note, charts.rows(name, values), ("Reason", "Count", "Share"), table)


def _places(found: Statistics) -> list[dict[str, Any]]:
    return [
        _table("Conversations", found.conversations),
        _table("Groups", found.groups, "Minutes of the people who are members today."),
    ]


def _table(name: str, places: list[Place], note: str = "") -> dict[str, Any]:
    has_calls = any(place.calls for place in places)
    return {"name": name, "note": note, "places": places, "has_calls": has_calls}


def _csv(found: Statistics) -> HttpResponse:
    rows = (
        (
            day.day,
            day.calls,
            f"{day.call_minutes:.1f}",
            f"{day.people_minutes:.1f}",
            day.participants,
            day.peak,
        )
        for day in found.days
    )
    first, last = found.days[0].day, found.days[-1].day
    name = f"calls-{first}-{last}.csv"
    return attachment(as_csv(Day.__slots__, rows), "text/csv", name=name)
