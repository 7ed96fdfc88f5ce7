"""A sweeper is killed halfway through many expired sessions; another one finishes."""

import subprocess
import sys
import time

from django.db import connection
from django.db.models import Q, QuerySet

from talk_calls.models import Attendee, Call, Conversation, Session
from tests.race import invariants, verification
from tests.race.faults.scenario import Outcome
from tests.race.models import CallRecord
from tests.race.site import Site

_CONVERSATIONS = 100
_DEVICES = 10

#: Conversations with guests who have several sessions, some in a call, all silent for an hour.
_SQL = """
INSERT INTO talk_calls_conversation
    (token, type, name, description, read_only, listable, lobby_state, default_permissions,
     call_permissions, recording_consent, object_type, object_id, password, created_at,
     last_activity_at)
SELECT 'expired' || n, 3, 'expired' || n, '', 0, 0, 0, 0, 0, 0, '', '', '', now(), now()
FROM generate_series(1, {conversations}) n;
INSERT INTO talk_calls_attendee
    (conversation_id, actor_type, actor_id, display_name, participant_type, permissions,
     is_favorite, notification_calls, by_group, created_at, modified_at)
SELECT c.id, 'guests', md5(c.token || '/' || n), '', 4, 0, false, true, false, now(), now()
FROM talk_calls_conversation c, generate_series(1, {guests}) n WHERE c.name LIKE 'expired%';
INSERT INTO talk_calls_session
    (session_id, attendee_id, conversation_id, in_call, state, last_ping, created_at)
SELECT repeat(md5(a.id || '/' || n), 16), a.id, a.conversation_id,
    CASE WHEN n = 1 AND a.id % 10 = 0 THEN 7 ELSE 0 END, 1, now() - interval '1 hour', now()
FROM talk_calls_attendee a JOIN talk_calls_conversation c ON c.id = a.conversation_id,
    generate_series(1, {devices}) n
WHERE c.name LIKE 'expired%';
INSERT INTO talk_calls_call
    (conversation_id, conversation_name, started_at, end_reason, flags, ended_by_type, ended_by_id,
     ended_by_name)
SELECT id, name, now() - interval '2 hours', '', 7, '', '', ''
FROM talk_calls_conversation WHERE name LIKE 'expired%';
INSERT INTO talk_calls_callleg
    (call_id, session_key, actor_type, actor_id, display_name, joined_at, reason, flags)
SELECT c.id, left(encode(sha256(s.session_id::bytea), 'hex'), 32), 'guests', 'somebody', '',
    c.started_at, '', 7
FROM talk_calls_session s JOIN talk_calls_call c USING (conversation_id)
WHERE s.in_call > 0 AND c.conversation_name LIKE 'expired%';
ANALYZE;
"""


#: Only ``call_started`` and ``call_ended`` are recorded.
_ENVIRONMENT = {"RACE_RECORD": "calls"}


def run(site: Site, *, sessions: int) -> Outcome:
    """Make sessions, kill a sweeper among them, check, sweep again, and check again."""
    with connection.cursor() as cursor:
        guests = sessions // _CONVERSATIONS // _DEVICES
        cursor.execute(_SQL.format(conversations=_CONVERSATIONS, guests=guests, devices=_DEVICES))
    count = _expired().count()
    left = _sweep_and_kill(site, count)
    wrong = [f"after the kill: {each}" for each in _half_done()]
    start = time.monotonic()
    swept = verification.sweep(site, **_ENVIRONMENT)
    duration = time.monotonic() - start
    wrong += [f"in the end: {each}" for each in (*_half_done(), *_unfinished())]
    if not 0 < left < count:
        wrong.append(f"it was not killed halfway: {left} of {count} were left")
    Conversation.objects.filter(name__startswith="expired").delete()
    calls = Call.objects.filter(conversation_name__startswith="expired")
    CallRecord.objects.filter(call_id__in=calls.values("pk")).delete()
    calls.delete()
    line = f"sweeper killed with {left:,} of {count:,} expired sessions left"
    return Outcome(
        f"{line}; the next closed {swept['sessions_closed']:,} in {duration:.1f} s", wrong
    )


def _expired() -> "QuerySet[Session]":
    """Return the sessions of this case."""
    return Session.objects.filter(conversation__name__startswith="expired")


def _sweep_and_kill(site: Site, count: int) -> int:
    """Kill a sweeper when half of ``count`` sessions are closed; return how many are left."""
    command = [sys.executable, "manage.py", "talk_sweep"]
    environment = {**site.environment, **_ENVIRONMENT}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as sweeper:
        while sweeper.poll() is None and _expired().count() > count / 2:
            time.sleep(0.5)
        sweeper.kill()
    time.sleep(1)  # its last statement may still run
    return _expired().count()


def _half_done() -> list[str]:
    """Return what an interrupted batch left inconsistent."""
    guests = Attendee.objects.filter(conversation__name__startswith="expired")
    orphans = guests.filter(sessions=None).count()
    wrong = [f"{orphans} guests without a session"] if orphans else []
    for name, rows in invariants.check_snapshot().items():
        wrong += [f"{name}: {row}" for row in rows]
    return wrong


def _unfinished() -> list[str]:
    wrong = [f"{count} sessions left" for count in [_expired().count()] if count]
    calls = Call.objects.filter(conversation_name__startswith="expired")
    for call in calls.filter(Q(ended_at=None) | Q(legs__left_at=None)).distinct():
        wrong.append(f"call {call.pk} is open, or has an open leg")
    sent = CallRecord.objects.filter(call_id__in=calls.values("pk"), kind="CallEnded").count()
    if sent != _CONVERSATIONS:
        wrong.append(f"{sent} call_ended sent of {_CONVERSATIONS} calls")
    return wrong
