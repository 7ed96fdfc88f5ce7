"""The figures of the statistics, compared with plain Python that counts second by second."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.reports.statistics import (
    DayFigures,
    Days,
    Scope,
    Statistics,
    Total,
    compute_statistics,
    first_day,
    last_days,
)
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
#: Noon of a day with open calls; clocks change on 2026-03-29 (23 hours) and 2026-10-25 (25 hours).
NOW = datetime(2026, 10, 27, 11, 0, tzinfo=UTC)
TIMEOUT = 30


@pytest.fixture(autouse=True)
def _berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override(BERLIN):
        yield


# --- the plain telling -------------------------------------------------------


def expected_statistics(scope: Scope, ends: dict[str, datetime]) -> Statistics:
    """Return the same as ``statistics``; ``ends`` are those of sessions that timed out."""
    now = scope.now
    days = [Plain(day) for day in scope.days]
    start, stop = days[0].start, days[-1].stop
    calls = [call for call in Call.objects.all() if _is_meant(call, scope)]
    legs = [
        leg for leg in CallLeg.objects.select_related("call", "user") if _leg_is_meant(leg, scope)
    ]
    spans = {
        leg.pk: _span(leg.joined_at, leg.left_at or ends.get(leg.session_key, now)) for leg in legs
    }
    call_spans = {}
    for call in calls:
        last = max(leg.left_at or ends.get(leg.session_key, now) for leg in call.legs.all())
        call_spans[call.pk] = _span(call.started_at, call.ended_at or last)
    for day in days:
        day.tell(calls, call_spans, legs, spans)
    inside = [leg for leg in legs if spans[leg.pk][0] < stop and spans[leg.pk][1] >= start]
    by_room, by_group = defaultdict(lambda: [0, 0, set()]), defaultdict(lambda: [0, set()])
    for call in calls:
        if seconds := _overlap(call_spans[call.pk], start, stop):
            by_room[call.conversation_id][0] += 1
            by_room[call.conversation_id][1] += seconds
    for leg in inside:
        by_room[leg.call.conversation_id][2].add(_person(leg))
        for group in leg.user.groups.all() if leg.user else ():
            by_group[group.name][0] += _overlap(spans[leg.pk], start, stop)
            by_group[group.name][1].add(leg.user_id)
    rooms = {room.pk: str(room) for room in Conversation.objects.all()}
    return Statistics(
        days=[day.result for day in days],
        participants=len({_person(leg) for leg in inside}),
        calls_ended=_counted(
            c.end_reason for c in calls if c.ended_at and start <= c.ended_at.timestamp() < stop
        ),
        legs_ended=_counted(
            g.reason for g in legs if g.left_at and start <= g.left_at.timestamp() < stop
        ),
        conversations=sorted(
            (
                Total(rooms.get(pk, "Deleted conversations"), n, seconds / 60, len(people), pk)
                for pk, (n, seconds, people) in by_room.items()
            ),
            key=lambda place: -place.minutes,
        ),
        groups=sorted(
            (
                Total(name, 0, seconds / 60, len(people))
                for name, (seconds, people) in by_group.items()
            ),
            key=lambda place: -place.minutes,
        ),
    )


class Plain:
    """One day."""

    def __init__(self, day: date) -> None:
        following = day + timedelta(days=1)
        self.day = day
        self.start = int(datetime(day.year, day.month, day.day, tzinfo=BERLIN).timestamp())
        self.stop = int(
            datetime(following.year, following.month, following.day, tzinfo=BERLIN).timestamp()
        )

    def tell(self, calls, call_spans, legs, spans) -> None:
        here = [leg for leg in legs if _overlap(spans[leg.pk], self.start, self.stop)]
        near = [spans[leg.pk] for leg in here]
        minutes = range(self.start, self.stop, 60)
        peak = max(
            sum(begun < minute <= last + 1 and minute // 60 <= last // 60 for begun, last in near)
            for minute in minutes
        )
        self.result = DayFigures(
            day=self.day,
            calls=sum(self.start <= call.started_at.timestamp() < self.stop for call in calls),
            call_minutes=sum(_overlap(span, self.start, self.stop) for span in call_spans.values())
            / 60,
            people_minutes=sum(_overlap(span, self.start, self.stop) for span in near) / 60,
            participants=len({_person(leg) for leg in here}),
            peak=max(peak, bool(here)),
        )


def _span(begun: datetime, end: datetime) -> tuple[int, int]:
    first = int(begun.timestamp())
    return first, max(first, int(end.timestamp()) - 1)


def _overlap(span: tuple[int, int], start: int, stop: int) -> int:
    return max(0, min(span[1] + 1, stop) - max(span[0], start))


def _person(leg: CallLeg) -> object:
    return leg.user_id or (leg.actor_type, leg.actor_id)


def _counted(reasons) -> dict[str, int]:
    return {LegReason(reason).label: n for reason, n in Counter(reasons).items()}


def _is_meant(call: Call, scope: Scope) -> bool:
    if scope.conversation and call.conversation_id != scope.conversation.pk:
        return False
    return not scope.group or any(_is_in(leg, scope.group) for leg in call.legs.all())


def _leg_is_meant(leg: CallLeg, scope: Scope) -> bool:
    if scope.conversation and leg.call.conversation_id != scope.conversation.pk:
        return False
    return not scope.group or _is_in(leg, scope.group)


def _is_in(leg: CallLeg, group: str) -> bool:
    return leg.user is not None and leg.user.groups.filter(name=group).exists()


# --- a small year ------------------------------------------------------------


@pytest.fixture
def ends() -> dict[str, datetime]:
    """Make a year with all special cases, and return the ends of open legs that timed out."""
    dice = random.Random(6)  # noqa: S311 -- seeded, and the telling knows no seed
    groups = [Group.objects.create(name=name) for name in ("sales", "support", "empty")]
    users = [UserFactory() for _ in range(8)]
    for index, user in enumerate(users[:6]):
        user.groups.add(groups[index % 2])
    users[0].groups.add(groups[1])
    rooms = [ConversationFactory(name=f"Room {number}") for number in range(4)]
    edges = [
        datetime(2026, 3, 28, 22, 50, tzinfo=UTC),  # 23:50, before the day of 23 hours
        datetime(2026, 3, 29, 21, 30, tzinfo=UTC),  # 23:30 at its end
        datetime(2026, 10, 24, 21, 58, tzinfo=UTC),  # 23:58, before the day of 25 hours
        datetime(2026, 10, 25, 22, 10, tzinfo=UTC),  # 23:10 at its end
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # in the hour that comes twice
    ]
    random_starts = [
        NOW - timedelta(days=dice.uniform(1.5, 300), seconds=dice.random()) for _ in range(60)
    ]
    for start in [*edges, *edges, *random_starts]:
        _a_call(dice, users, dice.choice(rooms), start)
    Call.objects.filter(pk__in=Call.objects.values("pk")[:3]).update(conversation=None)
    return _open_calls(users, rooms)


def _a_call(dice, users, room, start) -> None:
    length = dice.choice([0, 40, 500, 5000, 130_000])
    legs = []
    for number in range(dice.randint(1, 6)):
        user = dice.choice([*users, None])
        joined = dice.uniform(0, length)
        left = length if number == 0 else dice.uniform(joined, length)
        legs.append((user, start + timedelta(seconds=joined), start + timedelta(seconds=left)))
    reasons = list(LegReason)
    call = Call.objects.create(
        conversation=room,
        started_at=start,
        ended_at=max(left for *_, left in legs),
        end_reason=dice.choice(reasons),
    )
    for user, joined, left in legs:
        guest = f"guest{dice.randint(1, 3)}"
        CallLeg.objects.create(
            call=call,
            user=user,
            actor_type="users" if user else "guests",
            actor_id=user.username if user else guest,
            session_key=f"{dice.getrandbits(128):032x}",
            joined_at=joined,
            left_at=left,
            reason=dice.choice(reasons),
            flags=1,
        )


def _open_calls(users, rooms) -> dict[str, datetime]:
    """Make a call that is running since yesterday, with one timeout, and one that timed out."""
    ends = {}
    for room, pings in ((rooms[0], [1, 400]), (rooms[1], [100, 200])):
        call = Call.objects.create(conversation=room, started_at=NOW - timedelta(hours=20))
        for user, ping in zip(users[2:], pings, strict=False):
            attendee = AttendeeFactory(conversation=room, user=user)
            session = SessionFactory(
                attendee=attendee, in_call=7, last_ping=NOW - timedelta(seconds=ping)
            )
            CallLeg.objects.create(
                call=call,
                user=user,
                actor_type="users",
                actor_id=user.username,
                session_key=session.key,
                joined_at=call.started_at,
                flags=1,
            )
            if ping > TIMEOUT:
                ends[session.key] = session.times_out_at
    return ends


RANGES = {
    "year": Days(date(2025, 12, 1), date(2026, 10, 27)),
    "spring": Days(date(2026, 3, 29), date(2026, 3, 29)),
    "autumn": Days(date(2026, 10, 25), date(2026, 10, 25)),
    "week": Days(date(2026, 10, 21), date(2026, 10, 27)),
    "before everything": Days(date(2020, 1, 1), date(2020, 1, 2)),
}


@pytest.mark.parametrize("days", RANGES.values(), ids=list(RANGES))
@pytest.mark.parametrize("narrowed", ["", "conversation", "group", "both"])
def test_every_figure(ends, days, narrowed):
    """The database counts as Python does."""
    room = Conversation.objects.get(name="Room 1") if narrowed in {"conversation", "both"} else None
    group = "sales" if narrowed in {"group", "both"} else ""
    scope = Scope(days, NOW, room, group)
    assert compute_statistics(scope) == expected_statistics(scope, ends)


def test_a_day_of_23_hours_and_one_of_25(ends):
    """Days are as long as clocks make them."""
    lengths = {days.first: days.stop - days.start for days in (RANGES["spring"], RANGES["autumn"])}
    assert lengths == {date(2026, 3, 29): 23 * 3600, date(2026, 10, 25): 25 * 3600}


def test_nothing_at_all():
    """A site without calls has days, and nothing on them."""
    found = compute_statistics(Scope(last_days(2, now=NOW), NOW))
    assert found == Statistics(
        [DayFigures(date(2026, 10, 26)), DayFigures(date(2026, 10, 27))], 0, {}, {}, [], []
    )
    assert found.peak is None
    assert first_day(NOW) == date(2026, 10, 27)


MIDNIGHT = datetime(2026, 10, 20, 22, 0, tzinfo=UTC)  # the beginning of 21 October


@pytest.mark.parametrize(
    ("joined", "left"),
    [(-600, 0), (-600, 0.5), (-600, 1), (-600, 30), (-600, 90), (0, 0), (-0.5, 0), (0, 61)],
)
def test_a_day_is_the_same_by_itself_and_among_others(joined, left):
    """Whatever happens around the midnight at which it begins."""
    call = Call.objects.create(
        conversation=ConversationFactory(),
        started_at=MIDNIGHT + timedelta(seconds=joined),
        ended_at=MIDNIGHT + timedelta(seconds=left),
        end_reason="left",
    )
    for key in ("a", "b"):
        CallLeg.objects.create(
            call=call,
            user=UserFactory(),
            actor_type="users",
            session_key=key * 32,
            joined_at=call.started_at,
            left_at=call.ended_at,
            reason="left",
            flags=1,
        )
    before, first = date(2026, 10, 20), date(2026, 10, 21)
    for scope in (Scope(Days(first, first), NOW), Scope(Days(before, first), NOW)):
        assert compute_statistics(scope) == expected_statistics(scope, {})
    alone = compute_statistics(Scope(Days(first, first), NOW)).days
    assert alone == compute_statistics(Scope(Days(before, first), NOW)).days[1:]


def test_someone_on_two_devices(ends):
    """They are one participant, and count by device for minutes and for how many at a time."""
    CallLeg.objects.all().delete()
    Call.objects.all().delete()
    user = UserFactory()
    call = Call.objects.create(
        conversation=ConversationFactory(),
        started_at=NOW - timedelta(minutes=30),
        ended_at=NOW - timedelta(minutes=10),
        end_reason="left",
    )
    for key in ("a", "b"):
        CallLeg.objects.create(
            call=call,
            user=user,
            actor_type="users",
            actor_id="them",
            session_key=key * 32,
            joined_at=call.started_at,
            left_at=call.ended_at,
            reason="left",
            flags=1,
        )
    [day] = compute_statistics(Scope(last_days(1, now=NOW), NOW)).days
    assert day == DayFigures(date(2026, 10, 27), 1, 20.0, 40.0, participants=1, peak=2)


def test_it_costs_the_same_for_any_number_of_calls(ends):
    """A year of calls takes as many statements as none."""
    scope = Scope(RANGES["year"], NOW)
    with CaptureQueriesContext(connection) as many:
        compute_statistics(scope)
    CallLeg.objects.all().delete()
    Call.objects.exclude(pk=Call.objects.latest("pk").pk).delete()
    with CaptureQueriesContext(connection) as few:
        compute_statistics(scope)
    assert len(many) == len(few)
