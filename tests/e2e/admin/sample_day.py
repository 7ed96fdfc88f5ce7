"""A sample day of a site: people, conversations and calls, for the pictures of the docs."""

from datetime import timedelta

from django.contrib.auth.models import User

from talk_calls.constants import ConversationType, LegReason, LobbyState, ReadOnly
from talk_calls.host import clock
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import (
    app_passwords,
    bans,
    calls,
    conversations,
    creation,
    guests,
    lobby,
    participants,
    permissions,
    sessions,
)
from tests.e2e.admin.seeds import empty, webhooks


def make() -> None:
    """Create people, conversations, running calls and one that ended."""
    empty()
    people = {name: _user(name) for name in PEOPLE}
    rooms = {}
    for name, kind, members in ROOMS:
        owner, *others = (people[member] for member in members)
        rooms[name] = creation.create(
            kind=kind, name=name, owner=owner, token=name.lower().replace(" ", "")
        )
        for user in others:
            participants.add_user(conversation=rooms[name], user=user)
    for name, who, minutes in RUNNING:
        _call(rooms[name], who, minutes)
    _ended(rooms["Weekly planning"])
    permissions.promote(
        attendee=_attendee(rooms["Open office"], "ben"), performed_by=None, now=clock.now()
    )
    lobby.set_state(
        conversation=rooms["Interviews"],
        state=LobbyState.NON_MODERATORS,
        timer=clock.now() + timedelta(hours=2),
        now=clock.now(),
    )
    conversations.set_read_only(
        conversation=rooms["Board 2025"], state=ReadOnly.READ_ONLY, now=clock.now()
    )
    office = participants.find(conversation=rooms["Open office"], user_id="cleo")
    bans.ban_attendee(
        attendee=participants.add_user(conversation=rooms["Open office"], user=people["dov"]),
        notes=bans.Notes("Advertised in each call, for the third time"),
        performed_by=office,
        now=clock.now(),
    )
    app_passwords.create(user=people["ada"], name="Talk on a phone")
    app_passwords.create(user=people["ben"], name="Talk desktop")
    webhooks(12)


def long_name() -> None:
    """Create a conversation with a long name, from which somebody is banned."""
    room = creation.create(
        kind=ConversationType.PUBLIC,
        name="Very long " * 20 + "x" * 55,
        owner=_user("ada"),
        token="longname",
    )
    attendee = participants.add_user(conversation=room, user=_user("finn"))
    bans.ban_attendee(attendee=attendee, now=clock.now())


def ping() -> None:
    """Set the last ping of everybody in a call to now."""
    Session.objects.in_call().update(last_ping=clock.now())


PEOPLE = {
    "ada": "Ada Nilsson",
    "ben": "Ben Okafor",
    "cleo": "Cleo Martin",
    "dov": "Dov Shapira",
    "eva": "Eva Sommer",
    "finn": "Finn Aalto",
    "gus": "Gus Almeida",
}
ROOMS = (
    ("Weekly planning", ConversationType.GROUP, ("ada", "ben", "cleo", "dov", "eva")),
    ("Open office", ConversationType.PUBLIC, ("cleo", "ben", "finn")),
    ("Support", ConversationType.GROUP, ("dov", "eva", "gus")),
    ("Interviews", ConversationType.PUBLIC, ("eva", "ada")),
    ("Board 2025", ConversationType.GROUP, ("ada", "finn")),
)
#: Who is in, and how many minutes ago each came; "" is a guest.
RUNNING = (
    ("Weekly planning", (("ada", 7), ("ben", 7), ("cleo", 3), ("dov", 1)), 41),
    ("Open office", (("cleo", 7), ("finn", 3), ("", 7)), 12),
    ("Support", (("gus", 7), ("eva", 5)), 95),
)


def _user(name: str) -> User:
    first, last = PEOPLE[name].split()
    defaults = {"first_name": first, "last_name": last, "email": f"{name}@example.org"}
    user, _ = User.objects.get_or_create(username=name, defaults=defaults)
    return user


def _attendee(room: Conversation, name: str) -> Attendee:
    return Attendee.objects.get(conversation=room, user__username=name)


def _call(room: Conversation, who: tuple[tuple[str, int], ...], minutes: int) -> None:
    """Let people join one after the other, and move the call back in time."""
    for number, (name, flags) in enumerate(who):
        actor = Actor(User.objects.get(username=name)) if name else GUEST
        attendee = _attendee(room, name) if name else None
        entrance = sessions.enter(
            conversation=room,
            actor=actor,
            attendee=attendee,
            password="",
            force=False,
            now=clock.now(),
        )
        session = entrance.session
        if not name:
            guests.rename(attendee=session.attendee, display_name="Hana (guest)", now=clock.now())
        calls.join(session=session, flags=flags, now=clock.now())
        came = clock.now() - timedelta(minutes=minutes - 4 * number)
        CallLeg.objects.filter(session_key=session.key).update(joined_at=came)
    first = clock.now() - timedelta(minutes=minutes)
    Call.objects.filter(conversation=room, ended_at=None).update(started_at=first)


def _ended(room: Conversation) -> None:
    """Create a call of this morning, with legs that ended for many reasons."""
    now = clock.now() - timedelta(hours=3)
    call = Call.objects.create(
        conversation=room,
        conversation_name=room.name,
        started_at=now,
        ended_at=now + timedelta(minutes=52),
        end_reason=LegReason.ENDED_FOR_ALL,
        flags=7,
        ended_by_type="users",
        ended_by_id="ada",
        ended_by_name="Ada Nilsson",
    )
    for number, (name, start, end, reason) in enumerate(LEGS):
        CallLeg.objects.create(
            call=call,
            session_key=f"{number if name != 'ben' else 1:032x}",
            actor_type="users",
            actor_id=name,
            user=User.objects.get(username=name),
            display_name=PEOPLE[name],
            joined_at=now + timedelta(minutes=start),
            left_at=now + timedelta(minutes=end),
            reason=reason,
            flags=7,
        )


LEGS = (
    ("ada", 0, 52, LegReason.ENDED_FOR_ALL),
    ("ben", 2, 17, LegReason.TIMEOUT),
    ("ben", 21, 52, LegReason.ENDED_FOR_ALL),
    ("cleo", 3, 40, LegReason.LEFT),
    ("dov", 5, 12, LegReason.REPLACED),
    ("dov", 12, 31, LegReason.REMOVED),
    ("eva", 9, 26, LegReason.LOBBY),
    ("eva", 30, 52, LegReason.ENDED_FOR_ALL),
)
