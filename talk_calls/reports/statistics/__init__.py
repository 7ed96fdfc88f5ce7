"""What happened in calls over some days: how many, how long, how many people, how they ended.

Minutes of a call that goes past midnight belong to both days. People count once a day: users by
their account, others by the id that clients know them by. Minutes of people, and how many were in
calls at the same time, are counted by device. The database computes all of it, in as many
statements for a year as for a day.

Figures of days outlive their calls (``finalize``, ``HISTORY_DAYS``).
"""

from talk_calls.reports.statistics.comparison import change_text, scope_before
from talk_calls.reports.statistics.days import Days
from talk_calls.reports.statistics.exports import days_csv, days_json
from talk_calls.reports.statistics.figures import (
    DEFAULT_DAYS,
    DayFigures,
    Period,
    Statistics,
    Total,
    compute_period,
    compute_statistics,
    last_days,
)
from talk_calls.reports.statistics.final_days import FinalDays, final_days
from talk_calls.reports.statistics.finalizing import end_of, finalize, to_finalize
from talk_calls.reports.statistics.scope import Scope
from talk_calls.reports.statistics.summaries import first_day

__all__ = [
    "DEFAULT_DAYS",
    "DayFigures",
    "Days",
    "FinalDays",
    "Period",
    "Scope",
    "Statistics",
    "Total",
    "change_text",
    "compute_period",
    "compute_statistics",
    "days_csv",
    "days_json",
    "end_of",
    "final_days",
    "finalize",
    "first_day",
    "last_days",
    "scope_before",
    "to_finalize",
]
