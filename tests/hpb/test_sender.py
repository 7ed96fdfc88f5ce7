"""The sender: what it does by itself, and what it does not let anybody wait for."""

import json
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.host.actors import Actor
from talk_calls.hpb import delivery, leases, sender
from talk_calls.hpb.circuits import circuit_of
from talk_calls.hpb.connections import PARALLEL, READ_TIMEOUT
from talk_calls.models import HPBConversation
from talk_calls.services import calls, permissions, sessions
from tests.factories import AttendeeFactory, ConversationFactory
from tests.hpb.conftest import SECRET
from tests.hpb.people import connect, in_call, join, leave, reconnect, stored_in_call
from tests.hpb.recording import recording
from tests.patience import in_time, until_so

pytestmark = pytest.mark.django_db(transaction=True)

take = delivery.take

#: Seconds, long enough for a busy machine.
PATIENCE = 20

#: Seconds after which the HPB knows everything once it is back (docs/reliability.md).
AFTER_RETURN = 5

#: Seconds after which even a message that arrived late, after newer ones, was corrected: a busy
#: server may get one whose sender gave up. All is told once more after 10 and after 20 seconds.
AFTER_REPETITION = 40


def _until(is_so: Callable[[], bool], within: float = PATIENCE) -> float:
    """Wait for something; return how long that took."""
    return until_so(is_so, within)


def _knows(hpb) -> Callable[[], bool]:
    return lambda: in_call(hpb.told) == stored_in_call()


def _pending() -> bool:
    return HPBConversation.objects.pending().exists()


@pytest.fixture
def room(hpb):
    return ConversationFactory()


def test_join_is_told(hpb, room):
    """Nobody but the commit wakes the sender."""
    ada = connect(room)
    join(ada)
    _until(lambda: in_call(hpb.told) == {ada.session_id: 7})
    leave(ada)
    _until(lambda: not in_call(hpb.told))
    _until(lambda: not _pending())


def test_rolled_back(hpb, room):
    """What is not committed is not told."""
    from django.db import transaction

    ada = connect(room)
    with transaction.atomic():
        join(ada)
        transaction.set_rollback(True)
    time.sleep(0.2)
    assert hpb.told == []


def test_storm(hpb, room, monkeypatch):
    """Many joins at once become few messages, each about many."""
    people = [connect(room) for _ in range(40)]
    monkeypatch.setattr(sender, "COALESCE", 0.3)
    for each in people:
        join(each)
    _until(_knows(hpb))
    about_calls = [content for _, kind, content in hpb.told if kind == "incall"]
    assert len(about_calls) < len(people) / 2


def test_many_conversations_at_once(hpb, monkeypatch):
    """What was sent is confirmed before all others are read, or its lease ends meanwhile."""
    steps = []

    def slow_take(pk: int) -> object:
        time.sleep(0.1)
        steps.append("take")
        return take(pk)

    monkeypatch.setattr(delivery, "take", slow_take)
    monkeypatch.setattr(delivery, "finish", lambda outcome: steps.append("finish"))
    rooms = [ConversationFactory() for _ in range(6)]
    with monkeypatch.context() as patched:
        patched.setattr(sender, "wake", lambda conversation_id: None)
        for each in rooms:
            join(connect(each))
    for each in rooms:
        sender.wake(each.pk)
    _until(lambda: steps.count("finish") >= 6)
    assert steps.index("finish") < 4


def test_people_who_come_in(hpb, room, monkeypatch):
    """There is nothing to tell yet, and nothing is read for each of them."""
    taken = []
    monkeypatch.setattr(delivery, "take", lambda pk: taken.append(pk) or take(pk))
    people = [AttendeeFactory(conversation=room) for _ in range(10)]
    _enter(people.pop())  # the first message about a conversation is due
    _until(lambda: taken and not _pending())
    del taken[:]
    for each in people:
        _enter(each)
        assert not _pending()
    assert taken == []


def test_renamed_people_who_come_in(hpb, room):
    """What others see of them is told."""
    ada = connect(room)
    join(ada)
    _until(_knows(hpb))
    user = ada.attendee.user
    type(user).objects.filter(pk=user.pk).update(first_name="Ada")  # of which no signal tells
    user.refresh_from_db()
    _enter(ada.attendee, replaces=0)
    _until(lambda: any("Ada" in json.dumps(each) for each in hpb.told))


def test_somebody_who_comes_in_with_another_device(hpb, room):
    """The one that it replaces is thrown out."""
    ada = connect(room)
    _enter(ada.attendee)
    _until(lambda: any(each.get("sessionids") == [ada.session_id] for _, _, each in hpb.told))


def _enter(attendee, *, replaces: int | None = None) -> None:
    actor, now = Actor(attendee.user), timezone.now()
    sessions.enter(
        conversation=attendee.conversation,
        actor=actor,
        attendee=attendee,
        password="",
        force=True,
        now=now,
        replaces=replaces,
    )


def test_connections_are_kept(hpb, room):
    ada = connect(room)
    for flags in (7, 3, 1, 3, 7, 1):
        join(ada, flags)
        _until(_knows(hpb))
    assert len(hpb.told) >= 6
    assert hpb.connections <= 2


@pytest.mark.parametrize("fault", ["refuses", "hangs", "is down"])
def test_dead_server(hpb, room, settings, caplog, fault):
    """Requests do not notice; it is tried once a second, and knows everything when it is back."""
    ada, bob = connect(room), connect(room)
    port = hpb.server_port
    if fault == "is down":
        settings.TALK_CALLS = _one_server("http://127.0.0.1:1")
    hpb.status, hpb.hangs = (503, 0) if fault == "refuses" else (200, 60 * (fault == "hangs"))
    url = settings.TALK_CALLS["SIGNALING"]["SERVERS"][0]["url"]
    for _ in range(4):
        begin = time.monotonic()
        join(ada)
        join(bob)
        leave(bob)
        in_time(time.monotonic() - begin, 1)
    _until(lambda: circuit_of(url).is_open)
    before = hpb.asked
    time.sleep(1.5)
    assert hpb.asked - before <= 3
    assert _pending()
    faults = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(faults) == 1
    assert url in faults[0].message
    hpb.status, hpb.hangs = 200, 0
    if fault == "is down":
        settings.TALK_CALLS = _one_server(f"http://127.0.0.1:{port}")
    assert _until(_knows(hpb), AFTER_RETURN + 2) < AFTER_RETURN
    _until(lambda: not _pending())


def _one_server(url: str) -> dict:
    return {"SIGNALING": {"BACKEND": "external", "SERVERS": [{"url": url, "secret": SECRET}]}}


def test_refused_message(hpb, room):
    """A message that the server does not take holds up no other conversation."""
    hpb.status = 413
    join(connect(room))
    _until(lambda: hpb.asked >= 1)
    _until(lambda: HPBConversation.objects.filter(lease_until__gt=timezone.now()).exists())
    assert not circuit_of(hpb.url).is_open
    hpb.status = 200
    other = connect(ConversationFactory())
    join(other)
    _until(lambda: in_call(hpb.told) == {other.session_id: 7}, 1.5)
    _until(_knows(hpb))


def test_uncertain_after_failure(hpb, room):
    """After an attempt that was not confirmed, everything is told again."""
    ada, bob = connect(room), connect(room)
    join(ada)
    _until(_knows(hpb))
    sender.stop()
    hpb.take()
    hpb.status, hpb.asked = 500, 0
    join(bob)
    _until(lambda: hpb.asked > 0)
    hpb.status = 200
    _until(lambda: set(in_call(hpb.told)) == {ada.session_id, bob.session_id})


def test_one_process_at_a_time(hpb, room):
    """Who has the lease tells; others may not, until it ends."""
    permissions.reapply(conversation=room)
    sender.stop()
    permissions.reapply(conversation=room)
    sender.stop()
    HPBConversation.objects.update(told=0)
    state = delivery.take(room.pk)
    assert state is not None
    assert delivery.take(room.pk) is None
    HPBConversation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    again = delivery.take(room.pk)
    assert again.uncertain
    assert delivery.finish(delivery.send(state)) is None  # its lease is over, nothing is stored
    assert HPBConversation.objects.get().told == 0
    delivery.finish(delivery.send(again))
    assert not _pending()


def test_changes_while_sending(hpb, room):
    """What is changed between read and confirmation is told after it."""
    ada = connect(room)
    sender.stop()
    join(ada)
    sender.stop()
    HPBConversation.objects.update(told=0)
    state = delivery.take(room.pk)
    outcome = delivery.send(state)
    calls.leave(session=ada, now=timezone.now())
    assert delivery.finish(outcome) == timedelta(0)
    assert _pending()


def test_waited_too_long(hpb, room):
    """What waited for its turn until its lease may be over is not sent: it may be outdated."""
    ada = connect(room)
    join(ada)
    _until(_knows(hpb))
    sender.stop()
    hpb.take()
    HPBConversation.objects.update(told=0)
    state = delivery.take(room.pk)
    late = replace(state, send_until=time.monotonic() - 0.01)
    assert delivery.finish(delivery.send(late)) is None
    assert hpb.told == []
    assert leases.lease(room.pk, timezone.now()) is not None


def test_more_than_can_be_sent_in_time(hpb, room, monkeypatch):
    """A conversation that takes too long waits, and the server is not taken for one that fails."""
    ada = connect(room)
    join(ada)
    _until(_knows(hpb))
    sender.stop()
    HPBConversation.objects.update(told=0, attempts=1)
    state = delivery.take(room.pk)
    messages = delivery.messages_of(state, frozenset()) * 2
    monkeypatch.setattr(delivery, "messages_of", lambda *_: messages)
    hpb.hangs = 0.2
    for _ in range(4):
        slow = replace(state, send_until=time.monotonic() + 0.1)
        assert delivery.send(slow).refused
    assert not circuit_of(hpb.url).is_open


def test_change_soon_after_connecting(hpb, room, monkeypatch):
    """That a session is told again a while after it connected delays no other change."""
    monkeypatch.setattr(leases, "SETTLED", timedelta(seconds=8))
    ada = connect(room)
    reconnect(ada)
    join(ada)
    _until(_knows(hpb))
    time.sleep(0.1)
    join(ada, 3)
    assert _until(_knows(hpb)) < leases.SETTLED.total_seconds() / 2


def test_errors_in_storing(hpb, monkeypatch):
    """If what was told cannot be stored for a while, each conversation is told again after it."""
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(sender, "COALESCE", 0.3)
    people = [connect(ConversationFactory()) for _ in range(8)]
    finish = delivery.finish

    def fail(outcome):
        time.sleep(0.2)  # so that others wait meanwhile
        raise OperationalError("the database is away")

    monkeypatch.setattr(delivery, "finish", fail)
    for each in people:
        join(each)
    _until(_knows(hpb))
    time.sleep(0.3)
    monkeypatch.setattr(delivery, "finish", finish)
    _until(lambda: not _pending())


def test_errors_in_sending(hpb, monkeypatch, caplog):
    """An error of ours holds up its conversation alone, for a pause, and no thread ends by it."""
    people = [connect(ConversationFactory()) for _ in range(2 * PARALLEL)]
    good = connect(ConversationFactory())
    messages_of = delivery.messages_of

    def fail(state, features):
        if state.conversation != good.conversation:
            raise ValueError("a defect")
        return messages_of(state, features)

    monkeypatch.setattr(delivery, "messages_of", fail)
    for each in people:
        join(each)
    _until(lambda: caplog.text.count("a defect") >= len(people))
    join(good)
    _until(lambda: in_call(hpb.told) == {good.session_id: 7})
    monkeypatch.setattr(delivery, "messages_of", messages_of)
    _until(_knows(hpb))


@pytest.mark.postgresql
def test_open_transaction(hpb, room):
    """A transaction that is open delays nothing but its own conversation, and no request waits."""
    from django.db import transaction

    ada, bob = connect(room), connect(ConversationFactory())
    with transaction.atomic():
        join(ada)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_in_thread, join, bob).result()
        _until(lambda: in_call(hpb.told) == {bob.session_id: 7})
    _until(_knows(hpb))


def _in_thread(function: Callable[..., object], *arguments: object) -> None:
    try:
        function(*arguments)
    finally:
        connections.close_all()


_CHANGE = """
import django, os, signal, sys
django.setup()
from talk_calls.hpb import delivery
from talk_calls.models import Session
from tests.hpb.conftest import SECRET
from tests.hpb.people import join
if sys.argv[1] == "before":
    delivery.take = lambda conversation_id: None
join(Session.objects.get(pk=sys.argv[2]))
print("committed", flush=True)
if sys.argv[1] == "before":
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "ends":
    sys.exit()
signal.pause()
"""


def _other_process(hpb, when: str, session) -> "subprocess.Popen[str]":
    process = subprocess.Popen(  # noqa: S603 -- a program of ours
        [sys.executable, "-c", _CHANGE, when, str(session.pk)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.hpb.process_settings",
            "PROCESS_DATABASE": str(connection.settings_dict["NAME"]),
            "PROCESS_HPB": hpb.url,
            "PROCESS_SECRET": SECRET,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "committed\n"
    return process


def test_process_killed_before_it_sends(hpb, room):
    """Another process tells it a second later."""
    ada, bob = connect(room), connect(ConversationFactory())
    join(bob)
    _until(_knows(hpb))
    with _other_process(hpb, "before", ada) as process:
        process.wait()
    in_time(_until(_knows(hpb)), 2)


def test_process_killed_while_it_sends(hpb, room):
    """Another process tells everything again, once the lease is over."""
    ada = connect(room)
    hpb.hangs = 60
    with _other_process(hpb, "while", ada) as process:
        _until(lambda: hpb.asked > 0)
        process.kill()
    hpb.hangs = 0
    sender.wake(room.pk)  # the threads of this process look around
    within = leases.LEASE.total_seconds() + sender.LOOK_INTERVAL
    assert _until(_knows(hpb)) < within + 1


def test_process_that_ends(hpb, room):
    """A command tells what it did before it ends."""
    ada = connect(room)
    with _other_process(hpb, "ends", ada) as process:
        assert process.wait() == 0
    assert in_call(hpb.told) == {ada.session_id: 7}


def test_sweeper(hpb, room, monkeypatch):
    """The sweeper tells what no process did; it tries a dead server three times, not for all."""
    monkeypatch.setattr(sender, "wake", lambda conversation_id, **more: None)
    ada = connect(room)
    join(ada)
    assert hpb.told == []
    assert sender.send_overdue() == 1
    assert in_call(hpb.told) == {ada.session_id: 7}
    for other in [ConversationFactory() for _ in range(8)]:
        join(connect(other))
    hpb.status = 503
    hpb.asked = 0
    assert sender.send_overdue() == 0
    assert hpb.asked == 3


def test_random_changes(hpb):
    """Whatever happens, and whatever fails, in the end the HPB knows what is true."""
    rooms = [ConversationFactory() for _ in range(3)]
    people = [connect(room) for room in rooms for _ in range(5)]
    dice = random.Random(15)  # noqa: S311 -- no secret

    def act(seed: int) -> None:
        own = random.Random(seed)  # noqa: S311 -- no secret
        for _ in range(25):
            each = own.choice(people)
            _retry(join if own.random() < 0.6 else leave, each)

    threads = [threading.Thread(target=_in_thread, args=(act, seed)) for seed in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        hpb.status = dice.choice([200, 200, 503])
        time.sleep(0.05)
    hpb.status = 200
    _until(lambda: _knows(hpb)() and not _pending(), within=AFTER_REPETITION)


def _retry(function: Callable[[object], None], session: object) -> None:
    for _ in range(20):
        try:
            return function(session)
        except OperationalError:  # SQLite lets one write at a time
            time.sleep(0.05)
    return None


def test_two_servers(hpb, room, settings):
    """A server that hangs delays no conversation of another."""
    with recording() as other:
        both = {"BACKEND": "external", "SERVERS": [hpb.entry, other.entry]}
        settings.TALK_CALLS = {"SIGNALING": both}
        rooms = [ConversationFactory() for _ in range(12)]
        people = [connect(room) for room in rooms]
        hpb.hangs = 60
        for each in people:
            join(each)
        expected = {each.session_id: 7 for each in people if _url_of(each) == other.url}
        assert expected
        assert _until(lambda: in_call(other.told) == expected) < READ_TIMEOUT / 2
        hpb.hangs = 0
        _until(lambda: in_call(other.told) | in_call(hpb.told) == stored_in_call())


def test_many_wait_for_a_dead_server(hpb, settings, monkeypatch):
    """However many they are, what another process left for a server that works is found."""
    monkeypatch.setattr(sender, "wake", lambda conversation_id: None)
    monkeypatch.setattr(sender, "MOST", 3)
    with recording() as other:
        both = {"BACKEND": "external", "SERVERS": [hpb.entry, other.entry]}
        settings.TALK_CALLS = {"SIGNALING": both}
        people = [connect(ConversationFactory()) for _ in range(12)]
        for each in people:
            join(each)
        while sender.send_overdue():
            pass
        hpb.status = 503
        for each in sorted(people, key=lambda each: _url_of(each) != hpb.url):
            join(each, 3)
        for _ in range(len(people)):
            circuit_of(hpb.url).failed("it is down")
            circuit_of(hpb.url).take()
            sender.send_overdue()
        expected = {each.session_id: 3 for each in people if _url_of(each) == other.url}
        assert in_call(other.told) == expected


def test_cluster(hpb, settings):
    """Another node of a cluster is told if one does not answer, until it is back."""
    with recording() as other:
        entries = [hpb.entry, other.entry]
        both = {"BACKEND": "external", "SERVERS": entries, "CLUSTER": True}
        settings.TALK_CALLS = {"SIGNALING": both}
        hpb.status = 503
        people = [connect(ConversationFactory()) for _ in range(12)]
        for each in people:
            join(each)
        _until(lambda: in_call(other.told) == stored_in_call())
        _until(lambda: not _pending())
        hpb.status = 200
        for flags in (3, 1):
            for each in people:
                join(each, flags)
            time.sleep(sender.LOOK_INTERVAL)
        _until(lambda: in_call(hpb.told) != {})


def test_cluster_where_nothing_changes(hpb, settings):
    """Each node is asked whether it is up, also one that nobody has to be told anything by."""
    with recording() as other:
        entries = [hpb.entry, other.entry]
        both = {"BACKEND": "external", "SERVERS": entries, "CLUSTER": True}
        settings.TALK_CALLS = {"SIGNALING": both}
        room = ConversationFactory()
        quiet = next(each for each in (hpb, other) if each.url != _url_of_room(room))
        quiet.status = 503
        join(connect(room))
        _until(lambda: circuit_of(quiet.url).is_open)
        quiet.status = 200
        _until(lambda: not circuit_of(quiet.url).is_open)
        assert quiet.told == []


def _url_of(session) -> str:
    return _url_of_room(session.conversation)


def _url_of_room(conversation) -> str:
    return conf.signaling.server_for(conversation.token).url
