"""Checks that sessions, call legs and calls agree.

A call leg is the time that one session is in a call, from joining to leaving (``CallLeg``).
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.health.results import CheckContext, Result, error, ok
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session

_HINT = _(
    "Another program wrote to the tables. manage.py talk_end_call TOKEN repairs a conversation."
)
_ORPHANS_HINT = _(
    "Another program deleted rows. Delete these too, and let the database enforce foreign keys."
)

#: How many conversations a message names.
_NAMED = 5


def run(context: CheckContext) -> list[Result]:
    """Look for rows that contradict each other, which only other programs can have written."""
    results = [*_contradictions(), *_orphans()]
    return results or [ok(_("Sessions, call legs and calls agree."))]


def _contradictions() -> Iterable[Result]:
    open_calls = Call.objects.filter(conversation=OuterRef("conversation"), ended_at=None)
    without_call = Session.objects.in_call().filter(~Exists(open_calls))
    tokens = list(without_call.values_list("conversation__token", flat=True))
    yield from _result(
        gettext("{number} sessions are in a call that is not open ({where})."), tokens
    )
    sessions = {session.key: session for session in _in_call()}
    legs = CallLeg.objects.filter(left_at=None)
    open_legs = list(legs.values_list("session_key", "call__conversation__token", "call__ended_at"))
    without_session = [token for key, token, _ in open_legs if key not in sessions]
    yield from _result(
        gettext("{number} call legs are open, but their session is in no call ({where})."),
        without_session,
    )
    ended = [token for _, token, ended_at in open_legs if ended_at is not None]
    yield from _result(
        gettext("{number} call legs are open in a call that has ended ({where})."), ended
    )
    keys_of_legs = {key for key, *_ in open_legs}
    without_leg = [
        session.conversation.token for key, session in sessions.items() if key not in keys_of_legs
    ]
    yield from _result(
        gettext("{number} sessions are in a call without a call leg ({where})."), without_leg
    )


def _in_call() -> QuerySet[Session]:
    in_call = Session.objects.in_call().select_related("conversation")
    return in_call.only("session_id", "conversation__token")


def _orphans() -> Iterable[Result]:
    """Yield an error for rows without their parent, if the database enforces no foreign keys."""
    conversations = Conversation.objects.filter(pk=OuterRef("conversation_id"))
    attendees = Attendee.objects.filter(pk=OuterRef("attendee_id"))
    elsewhere = Session.objects.exclude(conversation=F("attendee__conversation"))
    for problem, rows in (
        (
            gettext("{number} attendees are without a conversation."),
            Attendee.objects.filter(~Exists(conversations)),
        ),
        (
            gettext("{number} sessions are without an attendee."),
            Session.objects.filter(~Exists(attendees)),
        ),
        (gettext("{number} sessions are in another conversation than their attendee."), elsewhere),
    ):
        if total := rows.count():
            yield error(problem.format(number=total), _ORPHANS_HINT)


def _result(problem: str, tokens: Sequence[str | None]) -> Iterable[Result]:
    """Yield an error that names some of the conversations, or nothing if there are no tokens."""
    if not tokens:
        return
    named = sorted({token for token in tokens if token})
    where = ", ".join(islice(named, _NAMED)) + ("…" if len(named) > _NAMED else "")
    yield error(
        problem.format(number=len(tokens), where=where or gettext("in no conversation")), _HINT
    )
