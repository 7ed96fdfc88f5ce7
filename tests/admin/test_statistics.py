"""The page of statistics: what may be asked, what it shows, and what it costs."""

import csv
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from talk_calls.admin.charts import Amount, ColumnChart, RowChart
from talk_calls.admin.charts.axes import round_amounts
from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg
from talk_calls.reports.statistics import change_text
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"
ZONE = settings.TIME_ZONE


@pytest.fixture
def operator(client):
    """Return the browser of somebody who may look at calls, and nothing else."""
    user = UserFactory(username="looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(user)
    return client


def page() -> str:
    return reverse("admin:talk_calls_call_statistics")


def make_call(user=None, **room):
    """Return a call of twenty minutes that ended an hour ago."""
    end = timezone.now() - timedelta(hours=1)
    call = Call.objects.create(
        conversation=ConversationFactory(**room),
        started_at=end - timedelta(minutes=20),
        ended_at=end,
        end_reason=LegReason.LEFT,
    )
    user = user or UserFactory()
    CallLeg.objects.create(
        call=call,
        user=user,
        actor_type="users",
        actor_id=user.username,
        session_key=f"{call.pk:032}",
        joined_at=call.started_at,
        left_at=end,
        reason=LegReason.LEFT,
        flags=1,
    )
    return call


def test_needs_the_permission_to_view_calls(client):
    """Staff without the permission are refused, others have to log in."""
    assert client.get(page()).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(page()).status_code == 403


def test_the_list_of_calls_leads_there(operator):
    """There is a link."""
    answer = operator.get(reverse("admin:talk_calls_call_changelist"))
    assert f'<a href="{page()}">Statistics</a>' in answer.content.decode()


def test_without_calls(operator):
    """Without calls the page states that there are none, and has no chart."""
    answer = operator.get(page())
    assert "Nobody was in a call in this time." in answer.content.decode()
    assert answer.context["figures"] == []


def test_names_are_escaped(operator):
    """A conversation may have any name, and a group too."""
    group = Group.objects.create(name=EVIL)
    user = UserFactory()
    user.groups.add(group)
    make_call(user, name=EVIL)
    html = operator.get(page(), {"days": 7}).content.decode()
    assert html.count("&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;") == 4
    assert EVIL not in html


def test_it_costs_the_same_for_any_number_of_calls(operator):
    """One call or many."""
    make_call()
    with CaptureQueriesContext(connection) as few:
        assert operator.get(page(), {"days": 7}).status_code == 200
    for _ in range(10):
        make_call()
    with CaptureQueriesContext(connection) as many:
        assert operator.get(page(), {"days": 7}).status_code == 200
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({"first": "2026-02-30", "last": "2026-03-01"}, {"first": ["Enter a valid date."]}),
        ({"first": "2026-03-01"}, {"last": ["This field is required."]}),
        (
            {"first": "2026-03-02", "last": "2026-03-01"},
            {"first": ["The first day is after the last one."]},
        ),
        (
            {"first": "2001-01-01", "last": "2026-01-01"},
            {"first": ["That is more than ten years."]},
        ),
        (
            {"first": "0001-01-01", "last": "0001-01-02"},
            {"first": ["Choose days between 1971 and 2999."]},
        ),
        (
            {"first": "9999-12-30", "last": "9999-12-31"},
            {"first": ["Choose days between 1971 and 2999."]},
        ),
        ({"token": "nosuch"}, {"token": ["There is no such conversation."]}),
        ({"days": "x" * 9}, {}),
        ({"days": "0"}, {}),
        ({"days": "9" * 30}, {}),
    ],
    ids=str,
)
def test_invalid_parameters(operator, asked, errors):
    """Errors are shown beside the field; an unknown number of days is replaced by the default."""
    answer = operator.get(page(), asked)
    assert answer.status_code == 200
    assert dict(answer.context["form"].errors) == errors


def test_narrowed(operator):
    """To one conversation, and to one group."""
    user = UserFactory()
    user.groups.add(Group.objects.create(name="staff"))
    first, _ = make_call(user), make_call()
    for asked in ({"token": first.conversation.token}, {"group": "staff"}):
        found = operator.get(page(), {"days": 7, **asked}).context["statistics"]
        assert [total.conversation_pk for total in found.conversations] == [first.conversation_id]


def test_the_first_day_is_that_of_the_first_call(operator):
    """A year is no longer than there is something to show."""
    make_call()
    days = operator.get(page(), {"days": 365}).context["statistics"].days
    assert days[0].calls == 1


def test_csv(operator):
    """A line for each day, with the same figures, as a spreadsheet of the reader's language."""
    call = make_call()
    answer = operator.get(page(), {"days": 7, "format": "csv"})
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    mine = [row for row in rows if row["Calls"] == "1"]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert mine[0][f"Day ({ZONE})"] == str(timezone.localdate(call.started_at))
    assert sum(float(row["Minutes of calls"]) for row in rows) == 20
    with translation.override("de"):
        german = operator.get(page(), {"days": 7, "format": "csv"}).content.decode()
    assert f"\ufeffTag ({ZONE});Anrufe;Minuten der Anrufe;" in german
    assert ";20,0;" in german


def test_json(operator):
    """The same for programs: names that no language changes, and exact minutes."""
    call = make_call()
    with translation.override("de"):
        facts = operator.get(page(), {"days": 7, "format": "json"}).json()
    [mine] = [day for day in facts["days"] if day["calls"]]
    assert facts["time_zone"] == ZONE
    assert mine["day"] == str(timezone.localdate(call.started_at))
    assert (mine["call_minutes"], mine["participants"], mine["peak"]) == (20.0, 1, 1)


def test_many_days_are_drawn_as_weeks(operator):
    """Bars stay wide enough to point at."""
    make_call()
    today = timezone.localdate()
    asked = {"first": today - timedelta(days=364), "last": today}
    shown = operator.get(page(), asked).context["figures"]
    assert shown[0].name == "Calls per week"
    assert 53 <= len(shown[0].rows) <= 54
    assert date.fromisoformat(shown[0].rows[1][0]).weekday() == 0


def test_the_time_before(operator):
    """Each number says in words how it differs from as many days before; charts have both."""
    call = make_call()
    for days in (7, 8, 10):
        earlier = make_call()
        for each in (earlier, *earlier.legs.all()):
            shift_back(each, timedelta(days=days))
    shift_back(make_call(), timedelta(days=20))
    answer = operator.get(page(), {"days": 7})
    shown = {headline.name: headline.change for headline in answer.context["headlines"]}
    assert shown == {
        "Calls": "-67 %, less than before (3)",
        "Minutes of calls": "-67 %, less than before (60)",
        "Minutes of people": "-67 %, less than before (60)",
        "Different people": "-67 %, less than before (3)",
        "Most at a time": "as before",
    }
    [figure, *_] = answer.context["figures"]
    assert figure.headings == ("Day", "Calls per day", "Before")
    days = [
        timezone.localdate(call.started_at) == date.fromisoformat(row[0]) for row in figure.rows
    ]
    assert [row[1] for row in figure.rows] == ["1" if same else "0" for same in days]
    assert sum(int(row[2]) for row in figure.rows) == 3
    assert "talk-before" in answer.content.decode()


def shift_back(row, by):
    """Move a call or a leg back."""
    for name in ("started_at", "joined_at", "ended_at", "left_at"):
        if hasattr(row, name):
            setattr(row, name, getattr(row, name) - by)
    row.save()


def test_nothing_to_compare_with(operator):
    """Days before the first call are not compared."""
    make_call()
    answer = operator.get(page(), {"days": 7})
    assert "Nothing to compare with" in answer.content.decode()
    assert {headline.change for headline in answer.context["headlines"]} == {""}
    assert "talk-before" not in answer.content.decode()


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (0, 0, "as before"),
        (5, 5, "as before"),
        (5, 0, "none before"),
        (0, 5, "-100 %, less than before (5)"),
        (1001, 1000, "nearly as before (1,000)"),
        (1120, 1000, "+12 %, more than before (1,000)"),
        (50_000, 10, "+499,900 %, more than before (10)"),
    ],
)
def test_changes_in_words(now, before, text):
    """With the number that it was."""
    assert change_text(now, before) == text


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (95, [0, 50, 100]),
        (1000, [0, 500, 1000]),
    ],
)
def test_axes_have_round_numbers(most, marks):
    """From nothing to at least the highest bar."""
    assert round_amounts(most) == marks


def test_charts_escape():
    """Whatever a bar is called."""
    for make in (ColumnChart, RowChart):
        html = make(EVIL, [Amount(EVIL, 1, EVIL)]).render()
        assert "<script" not in html
        assert html.count("&lt;script&gt;") == 3
