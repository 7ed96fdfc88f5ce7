"""``manage.py talk_simulate`` as operators and scripts run it."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command, get_commands
from django.utils import timezone

from talk_calls.constants import LegReason
from talk_calls.contrib.simulation import simulated
from talk_calls.contrib.simulation.live.conversations import temporary_conversations
from talk_calls.models import Attendee, Call, CallLeg, Conversation
from talk_calls.services import conversations
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.management.processes import CommandSite
from tests.patience import until_so
from tests.servers import web

SMALL = ("--calls=60", "--people=30", "--conversations=8", "--groups=3", "--days=90", "--seed=4")
MODELS = (User, Group, Conversation, Attendee, Call, CallLeg)


def counts():
    return [model.objects.count() for model in MODELS]


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


@pytest.fixture
def year(db, capsys):
    """Make a small year; return the output of the command."""
    call_command("talk_simulate", "year", *SMALL, "--json")
    return json.loads(capsys.readouterr().out)


def test_counts_of_rows(year):
    """It reports how many rows there are."""
    assert year.pop("seconds") > 0
    assert year.pop("rows_per_second") > 0
    through = User.groups.through.objects.count()
    assert year == {
        "seed": 4,
        "users": 30,
        "memberships": through,
        "conversations": 8,
        "attendees": Attendee.objects.count(),
        "calls": 60,
        "legs": CallLeg.objects.count(),
    }


def test_a_table_for_people(db, capsys):
    """Without --json the output is a table, and a sentence about the next steps."""
    call_command("talk_simulate", "year", *SMALL)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Made", "Rows"]
    assert re.fullmatch(
        r"[\d,]+ rows in [\d.]+ s, [\d,]+ rows/s. --seed 4 makes the same again; "
        r"talk_simulate clean removes it.",
        lines[-1],
    )


def test_history_keeps_the_rules_of_the_data_model(year):
    """A call ends with its last leg and has no gap; one at a time; nothing is open or to come."""
    now = timezone.now()
    for call in Call.objects.all():
        legs = list(call.legs.order_by("joined_at"))
        assert legs[0].joined_at == call.started_at
        assert max(leg.left_at for leg in legs) == call.ended_at < now
        reach = call.started_at
        for leg in legs:
            assert leg.joined_at <= reach
            reach = max(reach, leg.left_at)
        last = {leg.reason for leg in legs if leg.left_at == call.ended_at}
        assert call.end_reason in last
        assert bool(call.ended_by_id) == (call.end_reason != LegReason.TIMEOUT)
    for room in Conversation.objects.all():
        for before, after in pairwise(room.calls.order_by("started_at")):
            assert before.ended_at < after.started_at
    for before, after in pairwise(CallLeg.objects.order_by("session_key", "joined_at")):
        assert before.session_key != after.session_key or before.left_at <= after.joined_at


def test_everybody_may_be_in_the_call(year):
    """Members are attendees, one-to-ones have two owners, guests call in public ones only."""
    for room in Conversation.objects.filter(pair_key__isnull=False):
        assert [each.participant_type for each in room.attendees.all()] == [1, 1]
    for leg in CallLeg.objects.select_related("call__conversation"):
        room = leg.call.conversation
        if leg.user_id:
            assert room.attendees.filter(user=leg.user_id).exists()
        else:
            assert room.is_public
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_the_same_seed_makes_the_same(year, monkeypatch, capsys):
    """Equal seeds make equal rows, except for tokens."""

    def made():
        rows = CallLeg.objects.order_by("pk").values_list("actor_id", "session_key", "reason")
        return Counter(rows)

    first = made()
    call_command("talk_simulate", "clean")
    call_command("talk_simulate", "year", *SMALL)
    assert made() == first


def test_clean_removes_what_was_made_and_nothing_else(db, capsys):
    """Rows with similar names stay; history of a conversation deleted meanwhile goes too."""
    UserFactory(username="sim-ulator")
    Group.objects.create(name="staff")
    room = ConversationFactory(name="sim-ilar")
    attendee = AttendeeFactory(conversation=room)
    before = counts()
    call_command("talk_simulate", "year", *SMALL)
    deleted = simulated.conversations().filter(calls__isnull=False).first()
    conversations.delete(conversation=deleted, now=timezone.now())
    capsys.readouterr()
    call_command("talk_simulate", "clean", "--json")
    removed = json.loads(capsys.readouterr().out)
    assert removed["calls"] == 60
    assert removed["users"] == 30
    assert counts() == before
    attendee.refresh_from_db()
    call_command("talk_simulate", "clean")
    assert capsys.readouterr().out == "There was nothing to remove.\n"


def test_one_year_at_a_time(year):
    """Another one on top would let calls of a conversation overlap."""
    with pytest.raises(CommandError, match="simulated people already"):
        call_command("talk_simulate", "year", *SMALL)


def test_too_many_calls_for_the_time(db):
    """A conversation has one call at a time."""
    with pytest.raises(CommandError, match="too many for 1 conversations"):
        call_command("talk_simulate", "year", "--calls=9999", "--conversations=1")
    assert counts() == [0] * len(MODELS)


@pytest.mark.parametrize("what", [("year", *SMALL), ("clean",), ("live",)])
def test_not_in_production(db, settings, what):
    """Where DEBUG is off, it needs --yes."""
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--yes"):
        call_command("talk_simulate", *what)


def test_a_site_without_the_app_has_no_command(settings):
    """The command comes with talk_calls.contrib.simulation only."""
    get_commands.cache_clear()
    assert get_commands()["talk_simulate"] == "talk_calls.contrib.simulation"
    others = [name for name in settings.INSTALLED_APPS if name != "talk_calls.contrib.simulation"]
    settings.INSTALLED_APPS = others
    get_commands.cache_clear()
    assert "talk_simulate" not in get_commands()
    get_commands.cache_clear()


@pytest.mark.parametrize("text", ["0", "-3", "many"])
def test_numbers_are_above_zero(text):
    """Anything else is refused."""
    with pytest.raises(CommandError, match="is no number above 0"):
        call_command("talk_simulate", "year", f"--calls={text}")


def test_temporary_conversations_are_removed_with_their_history(db):
    """Also after an exception."""

    def interrupted():
        with temporary_conversations(2) as tokens:
            room = Conversation.objects.get(token=tokens[0])
            Call.objects.create(conversation=room, started_at=timezone.now() - timedelta(hours=1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert counts() == [0] * len(MODELS)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://"])
def test_url_must_be_an_address(db, url):
    """Only http and https with a host are accepted."""
    with pytest.raises(CommandError, match="is not an address"):
        call_command("talk_simulate", "live", "--url", url)


# --- as processes --------------------------------------------------------------


class Site(CommandSite):
    """A site where made-up people may come, as DEBUG is on."""

    def __init__(self, path):
        super().__init__(path)
        self.environment |= {"DJANGO_DEBUG": "1"}

    def start(self, *arguments):
        """Start a program that somebody may interrupt."""
        command = [sys.executable, *arguments]
        return subprocess.Popen(  # noqa: S603
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def counts(self):
        """Count calls, legs, calls without legs, and conversations."""
        [counts] = self.ask(COUNTS)
        return counts


COUNTS = """SELECT
  (SELECT COUNT(*) FROM talk_calls_call),
  (SELECT COUNT(*) FROM talk_calls_callleg),
  (SELECT COUNT(*) FROM talk_calls_call WHERE id NOT IN (SELECT call_id FROM talk_calls_callleg)),
  (SELECT COUNT(*) FROM talk_calls_conversation)
"""


@pytest.fixture
def site(command_site):
    return Site(command_site.path)


def wait_for(condition):
    until_so(condition, 60)


def test_ctrl_c_leaves_whole_batches(site):
    """Committed calls have their legs; clean removes them."""
    process = site.start("manage.py", "talk_simulate", "year", "--calls=20000")
    wait_for(lambda: site.counts()[0] > 0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    calls, legs, without, _ = site.counts()
    assert process.returncode == 130
    assert err.split("\n") == [
        "",
        f"{calls:,} calls were made; talk_simulate clean removes them.",
        "",
        "Stopped.",
        "",
    ]
    assert (calls % 500, legs > calls, without) == (0, True, 0)
    assert site.manage("talk_simulate", "clean").returncode == 0
    assert site.counts() == (0, 0, 0, 0)


@pytest.fixture
def server(site):
    """Serve the site; return its address."""
    with web.running(environment=site.environment) as running:
        yield running.url


def test_live(site, server):
    """Guests call; no request fails, and no row is left."""
    arguments = ("--participants=6", "--conversations=2", "--seconds=5", "--json")
    report = json.loads(site.manage("talk_simulate", "live", "--url", server, *arguments).stdout)
    kinds = {row["request"]: row for row in report["requests"]}
    assert report["failures"] == 0
    assert {"enter", "join", "poll (waits)", "leave", "go"} <= set(kinds)
    assert kinds["enter"]["count"] >= 6
    assert kinds["enter"]["p50_ms"] <= kinds["enter"]["p99_ms"] <= kinds["enter"]["max_ms"]
    assert site.counts() == (0, 0, 0, 0)


def test_ctrl_c_while_live(site, server):
    """The conversations are removed, and there is no traceback."""
    process = site.start("manage.py", "talk_simulate", "live", "--url", server, "--seconds=60")
    wait_for(lambda: site.counts()[0] > 0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "\nStopped.\n")
    assert site.counts() == (0, 0, 0, 0)


def test_no_server(site):
    """The error has a hint, and no row is left."""
    process = site.start("manage.py", "talk_simulate", "live", "--url", "http://127.0.0.1:9")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.splitlines()[-1] == (
        "Hint: Start the server first, with the same settings and database as this command."
    )
    assert site.counts() == (0, 0, 0, 0)
