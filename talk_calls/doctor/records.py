"""Do sessions, stretches and calls tell the same story?"""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db.models import Exists, F, OuterRef, QuerySet

from talk_calls.doctor.findings import Finding, Visit, error, well
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session

_HINT = "Somebody wrote rows past talk_calls. manage.py talk_end_call {} sets one right."
_LOST_HINT = "Somebody deleted rows past Django; delete these, and let foreign keys be enforced."

#: Conversations that a finding names.
_NAMED = 5


def examine(visit: Visit) -> list[Finding]:
    """Look for rows that contradict each other, as only other programs can have written them."""
    findings = [*_stories(), *_orphans()]
    return findings or [well("Sessions, stretches and calls tell the same story.")]


def _stories() -> Iterable[Finding]:
    open_calls = Call.objects.filter(conversation=OuterRef("conversation"), ended_at=None)
    callless = Session.objects.in_call().filter(~Exists(open_calls))
    yield from _told("sessions are in a call that is not open", callless)
    keys = {session.key: session for session in _in_call()}
    legs = CallLeg.objects.filter(left_at=None)
    open_legs = list(legs.values_list("session_key", "call__conversation__token", "call__ended_at"))
    lost = [token for key, token, _ in open_legs if key not in keys]
    yield from _say("stretches are open and their session is in no call", lost)
    ended = [token for _, token, ended_at in open_legs if ended_at is not None]
    yield from _say("stretches are open in a call that has ended", ended)
    known = {key for key, *_ in open_legs}
    legless = [each.conversation.token for key, each in keys.items() if key not in known]
    yield from _say("sessions are in a call without a stretch", legless)


def _in_call() -> QuerySet[Session]:
    in_call = Session.objects.in_call().select_related("conversation")
    return in_call.only("session_id", "conversation__token")


def _orphans() -> Iterable[Finding]:
    """Rows whose parent is gone, where a database does not enforce foreign keys."""
    here = Conversation.objects.filter(pk=OuterRef("conversation_id"))
    attendees = Attendee.objects.filter(pk=OuterRef("attendee_id"))
    elsewhere = Session.objects.exclude(conversation=F("attendee__conversation"))
    for says, rows in (
        ("attendees are without a conversation", Attendee.objects.filter(~Exists(here))),
        ("sessions are without an attendee", Session.objects.filter(~Exists(attendees))),
        ("sessions are in another conversation than their attendee", elsewhere),
    ):
        if total := rows.count():
            yield error(f"{total} {says}.", _LOST_HINT)


def _told(says: str, sessions: QuerySet[Session]) -> Iterable[Finding]:
    return _say(says, list(sessions.values_list("conversation__token", flat=True)))


def _say(says: str, tokens: Sequence[str | None]) -> Iterable[Finding]:
    if not tokens:
        return
    named = sorted({token for token in tokens if token})
    where = ", ".join(islice(named, _NAMED)) + ("…" if len(named) > _NAMED else "")
    yield error(f"{len(tokens)} {says} ({where or 'in no conversation'}).", _HINT.format("TOKEN"))
