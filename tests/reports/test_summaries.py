"""Days that were summarised say what counting says, whatever happened since."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import ERASED_ID_PREFIX, LegReason
from talk_calls.models import Call, CallLeg, Conversation, DaySummary, PersonDay
from talk_calls.reports.statistics import Days, Scope, compute_statistics, summaries
from talk_calls.services import locking
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
#: Noon, a few days after the clocks changed.
NOW = datetime(2026, 10, 27, 11, 0, tzinfo=UTC)
TODAY = date(2026, 10, 27)
HISTORY = 40


@pytest.fixture(autouse=True)
def _berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override(BERLIN):
        yield


def make_history(dice: random.Random) -> None:
    """Make calls of forty days, some past midnight, of users and guests, and one that goes on."""
    users = [UserFactory() for _ in range(5)]
    rooms = [ConversationFactory() for _ in range(3)]
    for _ in range(30):
        start = NOW - timedelta(days=dice.uniform(1, HISTORY), seconds=dice.random())
        length = dice.choice([0, 50, 900, 4000, 30_000, 200_000])
        end = min(start + timedelta(seconds=length), NOW - timedelta(hours=1))
        call = Call.objects.create(
            conversation=dice.choice(rooms),
            started_at=start,
            ended_at=end,
            end_reason=dice.choice(list(LegReason)),
        )
        for number in range(dice.randint(1, 4)):
            share = sorted([dice.random(), dice.random()]) if number else [0, 1]
            joined, left = (start + (end - start) * each for each in share)
            make_leg(dice, call, dice.choice([*users, None]), joined, left)
    midnight = datetime(2026, 10, 20, 22, 0, tzinfo=UTC)
    for seconds in (-60, -1, 0):
        start = midnight + timedelta(seconds=seconds)
        call = (
            Call.objects.create(
                conversation=rooms[0], started_at=start, ended_at=midnight, end_reason="left"
            )
            if seconds
            else Call.objects.create(
                conversation=rooms[0], started_at=midnight, ended_at=midnight, end_reason="left"
            )
        )
        make_leg(dice, call, users[0], start, midnight)


def make_leg(dice, call, user, joined, left) -> CallLeg:
    return CallLeg.objects.create(
        call=call,
        user=user,
        actor_type="users" if user else "guests",
        actor_id=user.username if user else f"guest{dice.randint(1, 3)}",
        session_key=f"{dice.getrandbits(128):032x}",
        joined_at=joined,
        left_at=left,
        reason=dice.choice(list(LegReason)),
        flags=1,
    )


def make_open_call(*, since: datetime, ping: datetime):
    """Return somebody who is in a call since then, and pinged last at ``ping``."""
    room = ConversationFactory()
    attendee = AttendeeFactory(conversation=room, user=UserFactory())
    session = SessionFactory(attendee=attendee, in_call=7, last_ping=ping)
    call = Call.objects.create(conversation=room, started_at=since)
    CallLeg.objects.create(
        call=call,
        user=attendee.user,
        actor_type="users",
        actor_id=attendee.user.username,
        session_key=session.key,
        joined_at=since,
        flags=1,
    )
    return session


def scopes(dice: random.Random, now: datetime = NOW) -> list[Scope]:
    """Return everything, some days in it, and a day."""
    found = [Scope(Days(TODAY - timedelta(days=HISTORY + 5), TODAY), now)]
    for _ in range(3):
        first = TODAY - timedelta(days=dice.randint(1, HISTORY))
        last = first + timedelta(days=dice.randint(0, (TODAY - first).days))
        found.append(Scope(Days(first, last), now))
    return found


def assert_agree(some: list[Scope]) -> None:
    """Compare what summaries say with counting."""
    with_summaries = [compute_statistics(scope) for scope in some]
    kept = list(DaySummary.objects.filter(is_stale=False))
    DaySummary.objects.update(is_stale=True)
    assert with_summaries == [compute_statistics(scope) for scope in some]
    DaySummary.objects.filter(number__in=[day.number for day in kept]).update(is_stale=False)


@pytest.mark.parametrize("seed", range(6))
def test_summaries_agree_with_counting(seed):
    """On random histories, before and after conversations, users and calls are deleted."""
    dice = random.Random(seed)  # noqa: S311 -- seeded
    make_history(dice)
    make_open_call(since=NOW - timedelta(days=dice.uniform(0, 3)), ping=NOW)
    some = scopes(dice)
    assert summaries.catch_up(now=NOW) > HISTORY / 2
    assert PersonDay.objects.exists()
    assert_agree(some)
    for change in (delete_user, delete_conversation, delete_call, rename_guest):
        change(dice)
        assert_agree(some)
    summaries.catch_up(now=NOW)
    assert not DaySummary.objects.filter(is_stale=True).exists()
    assert_agree(some)


def delete_user(dice) -> None:
    users = get_user_model().objects.filter(talk_days_in_calls__isnull=False).distinct()
    dice.choice(list(users.order_by("pk"))).delete()


def delete_conversation(dice) -> None:
    rooms = Conversation.objects.filter(calls__ended_at__isnull=False).distinct()
    dice.choice(list(rooms.order_by("pk"))).delete()


def delete_call(dice) -> None:
    dice.choice(list(Call.objects.filter(ended_at__isnull=False).order_by("pk"))).delete()


def rename_guest(dice) -> None:
    """Erase a guest's id as whoever erases people does: with the days of their legs."""
    legs = CallLeg.objects.filter(actor_type="guests", actor_id="guest1")
    for leg in legs:
        DaySummary.objects.between(leg.joined_at, leg.left_at).mark_stale()
    legs.update(actor_id="guest2")


def test_summaries_are_used():
    """A day with a summary is not counted."""
    make_history(random.Random(1))  # noqa: S311 -- seeded
    summaries.catch_up(now=NOW)
    DaySummary.objects.filter(calls__gt=0).update(calls=1000)
    [scope, *_] = scopes(random.Random(1))  # noqa: S311 -- seeded
    assert compute_statistics(scope).calls > 1000


def test_a_timeout_that_is_stored_late():
    """A day is open as long as somebody who joined on it or before is in a call."""
    make_history(random.Random(2))  # noqa: S311 -- seeded
    since = NOW - timedelta(days=5)
    session = make_open_call(since=since, ping=since + timedelta(hours=30))
    summaries.catch_up(now=NOW)
    assert summaries.due(NOW) == []
    assert not DaySummary.objects.filter(stop__gt=since.timestamp()).exists()
    assert_agree(scopes(random.Random(2)))  # noqa: S311 -- seeded
    locking.apply_timeouts(session.conversation_id, now=NOW)
    assert CallLeg.objects.get(session_key=session.key).left_at < NOW
    assert summaries.catch_up(now=NOW) == 5
    assert_agree(scopes(random.Random(2)))  # noqa: S311 -- seeded


def test_a_day_is_summarised_an_hour_after_it_ended():
    """Clocks of servers differ."""
    make_history(random.Random(3))  # noqa: S311 -- seeded
    midnight = datetime(2026, 10, 26, 23, 0, tzinfo=UTC)
    yesterday = date(2026, 10, 26)
    assert yesterday not in summaries.due(midnight + timedelta(minutes=59))
    assert summaries.due(midnight + timedelta(minutes=60))[0] == yesterday


def test_another_time_zone(settings):
    """Days with other borders are counted, and summarised again."""
    dice = random.Random(4)  # noqa: S311 -- seeded
    make_history(dice)
    days = summaries.catch_up(now=NOW)
    settings.TIME_ZONE = "America/New_York"
    with timezone.override(ZoneInfo("America/New_York")):
        some = scopes(dice)
        assert_agree(some)
        assert summaries.catch_up(now=NOW) >= days - 1
        assert_agree(some)


def test_a_deleted_user_keeps_the_sums():
    """Their rows name nobody from then on, as the legs do, and no day has to be counted again."""
    dice = random.Random(5)  # noqa: S311 -- seeded
    make_history(dice)
    summaries.catch_up(now=NOW)
    user = get_user_model().objects.filter(talk_days_in_calls__isnull=False).first()
    days = PersonDay.objects.filter(user=user).count()
    user.delete()
    [name] = (
        CallLeg.objects.filter(actor_id__startswith=ERASED_ID_PREFIX)
        .values_list("actor_id", flat=True)
        .order_by()
        .distinct()
    )
    assert PersonDay.objects.filter(user=None, name=f"users/{name}").count() == days
    assert not DaySummary.objects.filter(is_stale=True).exists()
    assert_agree(scopes(dice))


def test_dropped_and_rebuilt():
    """They can be deleted at any time, and come back the same."""
    make_history(random.Random(6))  # noqa: S311 -- seeded
    assert summaries.catch_up(now=NOW, limit=3) == 3
    steps = []
    summaries.catch_up(now=NOW, progress=lambda *step: steps.append(step))
    assert steps[-1][0] == steps[-1][1]
    before = list(DaySummary.objects.order_by("number").values())
    assert summaries.delete_all() == len(before)
    assert not PersonDay.objects.exists()
    assert summaries.catch_up(now=NOW) == len(before)
    assert list(DaySummary.objects.order_by("number").values()) == before
    assert summaries.catch_up(now=NOW) == 0


def test_statements():
    """Statistics take as many statements with summaries as without them."""
    dice = random.Random(7)  # noqa: S311 -- seeded
    make_history(dice)
    [scope, *_] = scopes(dice)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            compute_statistics(scope)
        counts.append(len(queries))
        summaries.catch_up(now=NOW)
    assert counts[0] == counts[1]


def test_without_calls():
    """A site without calls has nothing to summarise."""
    assert summaries.catch_up(now=NOW) == 0
    Call.objects.create(conversation=ConversationFactory(), started_at=NOW)
    assert summaries.catch_up(now=NOW) == 0
