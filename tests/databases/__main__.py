"""Use a site with two databases as a process of its own; print what came of it.

The settings are ``settings`` or ``replica_settings``. ``python -m tests.databases race SESSION...``
has devices, by primary key, join and leave their call again and again, all at the same time;
``record`` prints what is left of it. ``tour`` does a bit of everything. ``prepare`` makes what is
there before a replica freezes, and ``story`` tells a day with it.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

#: How often each device joins and leaves.
TURNS = 5


def race(keys: list[int]) -> list[str]:
    """Have all devices come and go at once; return the errors that they met."""
    from django.db import connections

    start = Barrier(len(keys))

    def come_and_go(key: int) -> list[str]:
        try:
            start.wait(timeout=30)
            return _come_and_go(key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(keys)) as pool:
        return [error for errors in pool.map(come_and_go, keys) for error in errors]


def _come_and_go(key: int) -> list[str]:
    from talk_calls.host import clock
    from talk_calls.models import Session
    from talk_calls.services import calls

    session = Session.objects.select_related("attendee__user").get(pk=key)
    errors = []
    for _ in range(TURNS):
        for act in (calls.join, calls.leave):
            flags = {"flags": 7} if act is calls.join else {}
            try:
                act(session=session, now=clock.now(), **flags)
            except Exception as error:  # noqa: BLE001 -- the test tells of it
                errors.append(repr(error))
    return errors


def tour(_: list[int]) -> list[int]:
    """Use API, services, reports and sweeper; return the statuses of the answers."""
    from datetime import timedelta

    from django.contrib.auth.models import Group

    from talk_calls.host import clock
    from talk_calls.models import Attendee, Conversation
    from talk_calls.reports import live, load
    from talk_calls.reports.statistics import Days, Scope, compute_statistics
    from talk_calls.services import app_passwords, creation, groups, participants, sweeper
    from tests.factories import UserFactory
    from tests.ocs_client import OCSClient

    alice, ben = UserFactory(username="alice"), UserFactory(username="ben")
    hatters = Group.objects.create(name="hatters")
    hatters.user_set.add(ben)
    room = creation.create_from_group(group_id="hatters", source="groups", owner=alice)
    hatters.user_set.remove(ben)
    hatters.user_set.add(ben)
    groups.renamed(group_pk=hatters.pk, name="Hatters")
    _, secret = app_passwords.create(user=alice, name="tour")
    device = OCSClient(version="v4", username="alice", password=secret)
    path = room.token
    answers = [
        device.get("room"),
        device.post(f"room/{path}/participants/active"),
        device.post(f"call/{path}", {"flags": 7}),
        device.put(f"call/{path}", {"flags": 3}),
        device.get(f"call/{path}"),
        device.get(f"room/{path}/participants"),
        device.put(f"room/{path}/webinar/lobby", {"state": 1}),
        device.post(f"room/{path}/public"),
    ]
    now = clock.now()
    assert live.live_totals(now).calls == 1, "nobody is in the call"
    load.load(now - timedelta(minutes=5), now)
    compute_statistics(Scope(Days(now.date(), now.date()), now))
    participants.remove(attendee=Attendee.objects.get(user=ben), now=now)
    answers += [device.delete(f"call/{path}"), device.delete(f"room/{path}")]
    sweeper.sweep(now=now)
    assert not Conversation.objects.exists()
    return [answer.http for answer in answers]


def record(_: list[int]) -> dict[str, int]:
    """Return how many legs and calls are recorded, and how many of them are still open."""
    from talk_calls.models import Call, CallLeg, Session

    return {
        "legs": CallLeg.objects.count(),
        "open legs": CallLeg.objects.filter(left_at=None).count(),
        "open calls": Call.objects.filter(ended_at=None).count(),
        "in call": Session.objects.in_call().count(),
    }


def prepare(_: list[int]) -> None:
    """Make what the story begins with."""
    from tests.databases import story

    story.prepare()


def tell(_: list[int]) -> object:
    """Tell the story; return its answers, and the statements that went to the replica."""
    from django.test.utils import setup_test_environment

    from tests.databases import story

    setup_test_environment()
    return story.tell()


if __name__ == "__main__":
    django.setup()
    doings: dict[str, Callable[[list[int]], object]] = {
        "race": race,
        "record": record,
        "tour": tour,
        "prepare": prepare,
        "story": tell,
    }
    sys.stdout.write(json.dumps(doings[sys.argv[1]]([int(key) for key in sys.argv[2:]])))
