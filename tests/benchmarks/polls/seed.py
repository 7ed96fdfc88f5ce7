"""Fill the database with users, and print them; runs as a process of its own.

usage: python -m tests.benchmarks.polls.seed [--offline] TOKEN:MEMBERS ...

The output is JSON: for each conversation its members, each with credentials, and with a session id
unless they are offline.
"""

import argparse
import base64
import json
import sys
from typing import Any

import django
from django.core.management import call_command


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("conversations", nargs="+")
    options = parser.parse_args()
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    made = {}
    for each in options.conversations:
        token, _, count = each.partition(":")
        attendees, members = _make_conversation(token, int(count))
        if not options.offline:
            _let_in(attendees, members)
        made[token] = members
    json.dump(made, sys.stdout)


def _make_conversation(token: str, members: int) -> tuple[list[Any], list[dict[str, str]]]:
    from django.contrib.auth.models import User

    from talk_calls.constants import ConversationType, ParticipantType
    from talk_calls.models import AppPassword, Attendee, Conversation
    from talk_calls.models.app_passwords import app_password_digest, generate_app_password

    conversation = Conversation.objects.create(token=token, name=token, type=ConversationType.GROUP)
    names = [f"{token}-{number}" for number in range(members)]
    users = User.objects.bulk_create(User(username=name, password="!") for name in names)
    attendees = Attendee.objects.bulk_create(
        Attendee(
            conversation=conversation,
            user=user,
            display_name=user.username,
            participant_type=ParticipantType.USER,
        )
        for user in users
    )
    secrets = [generate_app_password() for _ in users]
    AppPassword.objects.bulk_create(
        AppPassword(user=user, name="benchmark", digest=app_password_digest(secret))
        for user, secret in zip(users, secrets, strict=True)
    )
    credentials = (
        base64.b64encode(f"{name}:{secret}".encode()).decode()
        for name, secret in zip(names, secrets, strict=True)
    )
    return attendees, [{"credentials": each} for each in credentials]


def _let_in(attendees: list[Any], members: list[dict[str, str]]) -> None:
    """Give members a session, and say its id."""
    from talk_calls.models import Session
    from talk_calls.services.sessions import generate_session_id

    sessions = Session.objects.bulk_create(
        Session(
            conversation=attendee.conversation,
            attendee=attendee,
            session_id=generate_session_id(),
        )
        for attendee in attendees
    )
    for member, session in zip(members, sessions, strict=True):
        member["session"] = session.session_id


if __name__ == "__main__":
    main()
