"""Fill the database with people, in bulk, and print them; runs as a process of its own.

usage: python -m tests.benchmarks.rows [--offline] TOKEN:MEMBERS[:IN_CALL[:MORE]] ...

All members are online, unless --offline is given; the last IN_CALL of them are in the call. The
first member is also in MORE other conversations. The output is JSON: for each conversation its
members, each with credentials, and with a session id unless they are offline.
"""

import argparse
import base64
import json
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

import django
from django.core.management import call_command

#: Rows of one INSERT; PostgreSQL takes at most 65,535 values.
_BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("conversations", nargs="+", metavar="TOKEN:MEMBERS[:IN_CALL[:MORE]]")
    options = parser.parse_args()
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    made = {}
    for each in options.conversations:
        token, *numbers = each.split(":")
        members, in_call, more = [*map(int, numbers), 0, 0][:3]
        attendees = _make_conversation(token, members)
        made[token] = _make_credentials(attendees)
        if not options.offline:
            _let_in(attendees, made[token], in_call=in_call)
        if more:
            _add_conversations(attendees[0], more)
    json.dump(made, sys.stdout)


def _store(model: Any, rows: Iterable[Any]) -> list[Any]:
    """Store rows in batches, so that making them needs little memory too."""
    rows, stored = iter(rows), []
    while batch := list(islice(rows, _BATCH)):
        stored += model.objects.bulk_create(batch)
    return stored


def _make_conversation(token: str, members: int) -> list[Any]:
    from django.contrib.auth.models import User

    from talk_calls.constants import ConversationType
    from talk_calls.models import Attendee, Conversation

    conversation = Conversation.objects.create(token=token, name=token, type=ConversationType.GROUP)
    names = (f"{token}-{number}" for number in range(members))
    users = _store(User, (User(username=name, password="!") for name in names))
    return _store(Attendee, (_attendee(conversation, user) for user in users))


def _attendee(conversation: Any, user: Any) -> Any:
    from talk_calls.constants import ParticipantType
    from talk_calls.models import Attendee

    return Attendee(
        conversation=conversation,
        user=user,
        display_name=user.username,
        participant_type=ParticipantType.USER,
    )


def _make_credentials(attendees: list[Any]) -> list[dict[str, str]]:
    from talk_calls.models import AppPassword
    from talk_calls.models.app_passwords import app_password_digest, generate_app_password

    secrets = [generate_app_password() for _ in attendees]
    pairs = list(zip([attendee.user for attendee in attendees], secrets, strict=True))
    _store(
        AppPassword,
        (
            AppPassword(user=user, name="benchmark", digest=app_password_digest(secret))
            for user, secret in pairs
        ),
    )
    return [
        {"credentials": base64.b64encode(f"{user.username}:{secret}".encode()).decode()}
        for user, secret in pairs
    ]


def _let_in(attendees: list[Any], members: list[dict[str, str]], *, in_call: int) -> None:
    """Give members a session, and say its id; let the last ones be in a call."""
    from talk_calls.constants import InCallFlag
    from talk_calls.models import Session
    from talk_calls.services.sessions import generate_session_id

    first = len(attendees) - in_call
    rows = (
        Session(
            conversation=attendee.conversation,
            attendee=attendee,
            session_id=generate_session_id(),
            in_call=InCallFlag.DISCONNECTED if number < first else InCallFlag.DEFAULT,
        )
        for number, attendee in enumerate(attendees)
    )
    sessions = _store(Session, rows)
    for member, session in zip(members, sessions, strict=True):
        member["session"] = session.session_id
    if in_call:
        _make_call(sessions[first:])


def _make_call(sessions: list[Any]) -> None:
    """Store the call that sessions are in, and their legs."""
    from talk_calls.models import Call, CallLeg
    from talk_calls.services.events import identity

    conversation, started_at = sessions[0].conversation, sessions[0].created_at
    call = Call.objects.create(
        conversation=conversation,
        conversation_name=conversation.name,
        started_at=started_at,
        flags=sessions[0].in_call,
    )
    rows = (
        CallLeg(
            call=call,
            session_key=session.key,
            user=session.attendee.user,
            joined_at=started_at,
            flags=session.in_call,
            **identity(session.attendee),
        )
        for session in sessions
    )
    _store(CallLeg, rows)


def _add_conversations(attendee: Any, count: int) -> None:
    """Let the user of an attendee be in so many other conversations, with somebody else in each."""
    from django.contrib.auth.models import User

    from talk_calls.constants import ConversationType
    from talk_calls.models import Attendee, Conversation

    token = attendee.conversation.token
    other = User.objects.create(username=f"{token}-other", password="!")
    rows = (
        Conversation(token=f"{token}x{number}", name=f"{number}", type=ConversationType.GROUP)
        for number in range(count)
    )
    conversations = _store(Conversation, rows)
    pairs = ((each, user) for each in conversations for user in (attendee.user, other))
    _store(Attendee, (_attendee(*pair) for pair in pairs))


if __name__ == "__main__":
    main()
