"""Fill the database with people who are online, and print them; runs as a process of its own.

usage: python -m tests.benchmarks.polls.seed TOKEN:PEOPLE ...

The output is JSON: for each conversation its people, each with session id and credentials.
"""

import base64
import json
import sys

import django
from django.core.management import call_command


def main(rooms: list[str]) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    made = {}
    for room in rooms:
        token, _, people = room.partition(":")
        made[token] = _fill(token, int(people))
    json.dump(made, sys.stdout)


def _fill(token: str, people: int) -> list[dict[str, str]]:
    from django.contrib.auth.models import User

    from talk_calls.models import AppPassword, Attendee, Conversation, Session
    from talk_calls.models.app_passwords import app_password_digest, generate_app_password
    from talk_calls.services.sessions import generate_session_id

    room = Conversation.objects.create(token=token, name=token, type=2)
    names = [f"{token}-{number}" for number in range(people)]
    users = User.objects.bulk_create(User(username=name, password="!") for name in names)
    attendees = Attendee.objects.bulk_create(
        Attendee(conversation=room, user=user, display_name=user.username, participant_type=3)
        for user in users
    )
    sessions = Session.objects.bulk_create(
        Session(conversation=room, attendee=attendee, session_id=generate_session_id())
        for attendee in attendees
    )
    secrets = [generate_app_password() for _ in users]
    AppPassword.objects.bulk_create(
        AppPassword(user=user, name="bench", digest=app_password_digest(secret))
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
