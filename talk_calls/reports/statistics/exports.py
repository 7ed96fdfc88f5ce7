"""The figures of each day as a file: exact for programs, and as people read it in a spreadsheet."""

import json
from dataclasses import asdict

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from talk_calls.reports.downloads import as_csv
from talk_calls.reports.formatting import with_zone
from talk_calls.reports.statistics.figures import Statistics


def days_csv(statistics: Statistics) -> str:
    """Return a line for each day, in the active language; the order of columns does not change."""
    headings = [
        with_zone(_("Day")),
        _("Calls"),
        _("Minutes of calls"),
        _("Minutes of people"),
        _("Participants"),
        _("Most at a time"),
    ]
    rows = (
        (
            day.day,
            day.calls,
            day.call_minutes,
            day.people_minutes,
            day.participants,
            day.peak,
        )
        for day in statistics.days
    )
    return as_csv(headings, rows)


def days_json(statistics: Statistics) -> str:
    """Return ``time_zone``, and ``days`` with the fields of ``DayFigures``; minutes are exact."""
    facts = {
        "time_zone": str(timezone.get_current_timezone()),
        "days": [asdict(day) for day in statistics.days],
    }
    return json.dumps(facts, cls=DjangoJSONEncoder, indent=2)
