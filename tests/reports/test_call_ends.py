"""The ends of calls are the same in the list, on the page and by the command."""

import json
import random
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Session
from talk_calls.reports.call_ends import with_ends
from talk_calls.reports.formatting import datetime_cell, datetime_text, duration_text
from talk_calls.reports.timeline import build_timeline
from talk_calls.services import sweeper
from tests.factories import UserFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db


def ends(now) -> dict[int, tuple]:
    calls = with_ends(Call.objects.order_by(), now)
    return {
        call.pk: (call.effective_end, call.effective_reason, call.effective_duration)
        for call in calls
    }


def page_ends(now) -> dict[int, tuple]:
    found = (build_timeline(call, now) for call in Call.objects.all())
    return {each.call.pk: (each.ended_at, each.reason, each.duration) for each in found}


@pytest.fixture
def three(meeting):
    """Return the keys of a call that goes on at 400 s, one that died, and one that ended."""
    live, dead, ended = (meeting(token=token) for token in ("live", "dead", "ended"))
    ended.join("Eve", 0)
    ended.leave("Eve", 60)
    dead.join("Dora", 0)
    dead.join("Dan", 50)
    dead.time_out("Dora", 20)
    dead.time_out("Dan", 100)
    live.join("Lea", 300)
    live.ping(at(395))
    return [Call.objects.get(conversation__token=name).pk for name in ("live", "dead", "ended")]


def test_list_page_and_command_agree(client, three, time_machine, capsys):
    """Also about a call that died and of which nobody stored that."""
    time_machine.move_to(at(400), tick=False)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    html = client.get(reverse("admin:talk_calls_call_changelist")).content.decode()
    for pk, (end, seconds, why) in zip(
        three,
        [(None, 100, ""), (at(130), 130, "timeout"), (at(60), 60, "left")],
        strict=True,
    ):
        words = str(LegReason(why).label) if why else "Goes on"
        page = reverse("admin:talk_calls_call_change", args=[pk])
        [row] = [row for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if page in row]
        cells = dict(re.findall(r'<td class="field-(\w+)[^"]*">(.*?)</td>', row))
        assert cells["until"] == (datetime_cell(end) if end else "–")
        assert cells["lasting"] == duration_text(at(seconds) - at(0))
        assert cells["reason"] == words
        facts = re.findall(r'<div class="readonly">(.*?)</div>', client.get(page).content.decode())
        assert facts[3].partition(", by")[0] == (datetime_text(end) if end else "–")
        assert facts[4:6] == [cells["lasting"], words]
        call_command("talk_call", str(pk), "--json")
        one = json.loads(capsys.readouterr().out)
        call_command("talk_history", "--json")
        [line] = [each for each in json.loads(capsys.readouterr().out)["list"] if each["id"] == pk]
        for fact in (one, line):
            assert fact["ended"] == (end and f"{end:%Y-%m-%dT%H:%M:%SZ}")
            assert (fact["seconds"], fact["reason"]) == (seconds, why)


@pytest.mark.parametrize(("why", "index"), [("goes_on", 0), ("timeout", 1), ("left", 2)])
def test_the_list_is_narrowed_down_by_what_it_shows(client, three, time_machine, why, index):
    """A call that died is found among those that timed out."""
    time_machine.move_to(at(400), tick=False)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = client.get(reverse("admin:talk_calls_call_changelist"), {"why": why})
    assert [call.pk for call in answer.context["cl"].queryset] == [three[index]]


def test_the_list_is_sorted_by_what_it_shows(client, three, time_machine):
    """Of three durations, that of a call that goes on is the one so far."""
    time_machine.move_to(at(400), tick=False)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = client.get(reverse("admin:talk_calls_call_changelist"), {"o": "4"})
    live, dead, ended = three
    assert [call.pk for call in answer.context["cl"].queryset] == [ended, live, dead]


@pytest.mark.parametrize("seed", range(12))
def test_both_rules_give_what_will_be_stored(meeting, time_machine, seed):
    """For any history, before and after the sweep; a session's row may be gone."""
    chance = random.Random(seed)  # noqa: S311
    rooms = [meeting(token=f"room{number}") for number in range(4)]
    seconds = 0
    for _ in range(30):
        seconds += chance.randrange(1, 12)
        room, name = chance.choice(rooms), chance.choice("ABC")
        match chance.randrange(4):
            case 0 if name in room.devices:
                room.leave(name, seconds)
            case 1 if name in room.devices:
                room.time_out(name, seconds)
            case 2 if name in room.devices and chance.random() < 0.3:
                Session.objects.filter(pk=room.devices.pop(name).pk).delete()
            case _:
                room.join(name, seconds)
    now = at(seconds + chance.randrange(60))
    shown = ends(now)
    assert shown == page_ends(now)
    time_machine.move_to(now, tick=False)
    sweeper.sweep(now=now)
    assert not CallLeg.objects.filter(left_at=None, call__ended_at__isnull=False).exists()
    assert ends(now) == shown == page_ends(now)
