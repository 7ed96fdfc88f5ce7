"""Fill the database with users who are online, and print them; runs as a process of its own.

usage: python -m tests.benchmarks.polls.seed TOKEN:MEMBERS ...

The output is JSON: for each conversation its members, each with session id and credentials.
"""

import base64
import json
import sys

import django
from django.core.management import call_command


def main(conversations: list[str]) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    made = {}
    for each in conversations:
        token, _, members = each.partition(":")
        made[token] = _make_conversation(token, int(members))
    json.dump(made, sys.stdout)


def _make_conversation(token: str, members: int) -> list[dict[str, str]]:
    from django.contrib.auth.models import User

    from talk_calls.constants import ConversationType, ParticipantType
    from talk_calls.models import AppPassword, Attendee, Conversation, Session
    from talk_calls.models.app_passwords import app_password_digest, generate_app_password
    from talk_calls.services.sessions import generate_session_id

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
    sessions = Session.objects.bulk_create(
        Session(conversation=conversation, attendee=attendee, session_id=generate_session_id())
        for attendee in attendees
    )
    secrets = [generate_app_password() for _ in users]
    AppPassword.objects.bulk_create(
        AppPassword(user=user, name="benchmark", digest=app_password_digest(secret))
        for user, secret in zip(users, secrets, strict=True)
    )
    return [
        {
            "session": session.session_id,
            "credentials": base64.b64encode(f"{name}:{secret}".encode()).decode(),
        }
        for name, secret, session in zip(names, secrets, sessions, strict=True)
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
