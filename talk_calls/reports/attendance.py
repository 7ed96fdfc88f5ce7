"""Who was in a call, when, and for how long."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from talk_calls.db import transactions
from talk_calls.host.actors import HostUser
from talk_calls.models import Call
from talk_calls.reports.timeline import TimelineLeg, build_timeline


@dataclass(frozen=True, slots=True)
class Attendance:
    """The presence of one person in one call.

    ``user`` is None for a guest, and for a user who was deleted since. ``name`` is that of the
    time. ``joined_at`` is when the person first came in, ``left_at`` when they last left, or None
    while they are in. ``duration`` is how long they were in altogether: breaks do not count, and
    the time on two devices counts once.
    """

    user: HostUser | None
    name: str
    joined_at: datetime
    left_at: datetime | None
    duration: timedelta


def attendance(call: Call, now: datetime) -> list[Attendance]:
    """Return who was in the call, in the order of coming in; at most three queries."""
    legs_of: dict[tuple[str, str], list[TimelineLeg]] = defaultdict(list)
    for leg in build_timeline(call, now).legs:
        legs_of[leg.person].append(leg)
    pks = {leg.user_pk for legs in legs_of.values() for leg in legs if leg.user_pk is not None}
    users = get_user_model()._base_manager.using(transactions.alias()).in_bulk(pks) if pks else {}
    return [_attendance(legs, users.get(legs[0].user_pk), now) for legs in legs_of.values()]


def _attendance(legs: list[TimelineLeg], user: HostUser | None, now: datetime) -> Attendance:
    ends = [leg.left_at for leg in legs]
    return Attendance(
        user=user,
        name=legs[-1].who,
        joined_at=legs[0].joined_at,
        left_at=None if None in ends else max(end for end in ends if end),
        duration=_together((leg.joined_at, leg.left_at or now) for leg in legs),
    )


def _together(stays: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Return how long at least one of the stays lasted, each from start to end."""
    total, until = timedelta(), None
    for start, end in sorted(stays):
        begin = start if until is None else max(start, until)
        if end > begin:
            total += end - begin
            until = end
    return total
