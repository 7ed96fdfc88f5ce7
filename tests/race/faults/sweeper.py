"""A sweeper is killed half-way through very many dead sessions; another one finishes."""

import json
import subprocess
import sys
import time

from django.db import connection
from django.db.models import Q, QuerySet

from talk_calls.models import Attendee, Call, Conversation, Session
from tests.race import invariants
from tests.race.faults.people import Outcome
from tests.race.models import CallRecord
from tests.race.site import Site

_ROOMS = 100
_DEVICES = 10

#: Rooms with guests who have devices, some of them in a call; all silent for an hour.
_SQL = """
INSERT INTO talk_calls_conversation
    (token, type, name, description, read_only, listable, lobby_state, default_permissions,
     call_permissions, recording_consent, object_type, object_id, password, created_at,
     last_activity_at)
SELECT 'dead' || n, 3, 'dead' || n, '', 0, 0, 0, 0, 0, 0, '', '', '', now(), now()
FROM generate_series(1, {rooms}) n;
INSERT INTO talk_calls_attendee
    (conversation_id, actor_type, actor_id, display_name, participant_type, permissions,
     is_favorite, notification_calls, by_group, created_at, modified_at)
SELECT c.id, 'guests', md5(c.token || '/' || n), '', 4, 0, false, true, false, now(), now()
FROM talk_calls_conversation c, generate_series(1, {guests}) n WHERE c.name LIKE 'dead%';
INSERT INTO talk_calls_session
    (session_id, attendee_id, conversation_id, in_call, state, last_ping, created_at)
SELECT repeat(md5(a.id || '/' || n), 16), a.id, a.conversation_id,
    CASE WHEN n = 1 AND a.id % 10 = 0 THEN 7 ELSE 0 END, 1, now() - interval '1 hour', now()
FROM talk_calls_attendee a JOIN talk_calls_conversation c ON c.id = a.conversation_id,
    generate_series(1, {devices}) n
WHERE c.name LIKE 'dead%';
INSERT INTO talk_calls_call
    (conversation_id, conversation_name, started_at, end_reason, flags, ended_by_type, ended_by_id,
     ended_by_name)
SELECT id, name, now() - interval '2 hours', '', 7, '', '', ''
FROM talk_calls_conversation WHERE name LIKE 'dead%';
INSERT INTO talk_calls_callleg
    (call_id, session_key, actor_type, actor_id, display_name, joined_at, reason, flags)
SELECT c.id, left(encode(sha256(s.session_id::bytea), 'hex'), 32), 'guests', 'somebody', '',
    c.started_at, '', 7
FROM talk_calls_session s JOIN talk_calls_call c USING (conversation_id)
WHERE s.in_call > 0 AND c.conversation_name LIKE 'dead%';
ANALYZE;
"""


def run(site: Site, *, sessions: int) -> Outcome:
    """Make them, sweep, kill it, look, sweep again, and look again."""
    with connection.cursor() as cursor:
        guests = sessions // _ROOMS // _DEVICES
        cursor.execute(_SQL.format(rooms=_ROOMS, guests=guests, devices=_DEVICES))
    dead = _dead().count()
    left = _sweep_and_kill(site, dead)
    wrong = [f"after the kill: {each}" for each in _half_done()]
    begun = time.monotonic()
    swept = _sweep(site)
    took = time.monotonic() - begun
    wrong += [f"in the end: {each}" for each in (*_half_done(), *_unfinished())]
    if not 0 < left < dead:
        wrong.append(f"it was not killed half-way: {left} of {dead} were left")
    Conversation.objects.filter(name__startswith="dead").delete()
    calls = Call.objects.filter(conversation_name__startswith="dead")
    CallRecord.objects.filter(call_id__in=calls.values("pk")).delete()
    calls.delete()
    line = f"sweeper killed with {left:,} of {dead:,} dead sessions left"
    return Outcome(f"{line}; the next closed {swept['sessions_closed']:,} in {took:.1f} s", wrong)


def _dead() -> "QuerySet[Session]":
    """Return the sessions that this case is about."""
    return Session.objects.filter(conversation__name__startswith="dead")


def _environment(site: Site) -> dict[str, str]:
    return {**site.environment, "RACE_RECORD": "calls"}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "talk_sweep", *arguments]


def _sweep_and_kill(site: Site, dead: int) -> int:
    """Return how many sessions are left when it is dead."""
    with subprocess.Popen(_command(), env=_environment(site), stdout=subprocess.DEVNULL) as sweeper:
        while sweeper.poll() is None and _dead().count() > dead / 2:
            time.sleep(0.5)
        sweeper.kill()
    time.sleep(1)  # its last statement may still run
    return _dead().count()


def _sweep(site: Site) -> dict[str, int]:
    done = subprocess.run(
        _command("--json"), env=_environment(site), stdout=subprocess.PIPE, check=True
    )
    swept: dict[str, int] = json.loads(done.stdout)
    return swept


def _half_done() -> list[str]:
    """Return what a batch did in part."""
    guests = Attendee.objects.filter(conversation__name__startswith="dead")
    orphans = guests.filter(sessions=None).count()
    wrong = [f"{orphans} guests without a session"] if orphans else []
    for name, rows in invariants.check_snapshot().items():
        wrong += [f"{name}: {row}" for row in rows]
    return wrong


def _unfinished() -> list[str]:
    wrong = [f"{count} sessions left" for count in [_dead().count()] if count]
    calls = Call.objects.filter(conversation_name__startswith="dead")
    for call in calls.filter(Q(ended_at=None) | Q(legs__left_at=None)).distinct():
        wrong.append(f"call {call.pk} is open, or has an open leg")
    told = CallRecord.objects.filter(call_id__in=calls.values("pk"), kind="CallEnded").count()
    if told != _ROOMS:
        wrong.append(f"{told} ends told of {_ROOMS} calls")
    return wrong
