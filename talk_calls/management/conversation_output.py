"""Conversations as commands show them."""

from datetime import datetime
from typing import TypedDict

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.management.tables import Key, Sentence, cell, table
from talk_calls.models import Attendee, Conversation
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts

_LIST = ("Token", "Name", "Type", "Attendees", "Call", "Locked", "Lobby", "Last activity")
_ATTENDEES = ("Name", "Who", "Kind", "Role", "May", "Set by", "Devices", "In call")


class Summary(TypedDict):
    """What a list has of a conversation."""

    token: str
    name: str
    type: str
    attendees: int
    call: bool
    locked: bool
    lobby: bool
    last_activity: datetime


class Member(TypedDict):
    """An attendee; ``who`` is the name by which commands take it, ``said_by`` what sets ``may``."""

    name: str
    who: str
    kind: str
    role: str
    may: str
    said_by: str
    devices: int
    in_call: bool


class PastCall(TypedDict):
    """One of the last calls; ``ended`` is None, and ``why`` empty, while it is open."""

    id: Key
    started: datetime
    ended: datetime | None
    people: int
    why: str


class Facts(Summary):
    """Everything about a conversation; ``lobby_until`` is None without a timer.

    ``linked`` names the object of the host that decides about it, by model and primary key.
    """

    description: str
    linked: str
    listable: str
    lobby_until: datetime | None
    password: bool
    permissions: str
    created: datetime
    members: list[Member]
    calls: list[PastCall]


def summary(conversation: Conversation, now: datetime) -> Summary:
    """Return the facts for a list; ``conversation`` has the annotations of ``with_overview``."""
    return {
        "token": conversation.token,
        "name": conversation.name,
        "type": conversation.get_type_display(),
        "attendees": conversation.attendee_total,
        "call": conversation.has_call,
        "locked": conversation.is_read_only,
        "lobby": conversation.has_lobby(now),
        "last_activity": conversation.last_activity_at,
    }


def list_lines(summaries: list[Summary]) -> list[str]:
    """Return a table of summaries, or a sentence if there are none."""
    if not summaries:
        return ["There are no conversations."]
    return table(_LIST, [list(each.values()) for each in summaries])


def facts(conversation: Conversation, now: datetime) -> Facts:
    """Return all facts of one conversation, with its attendees and last calls."""
    row = reports.with_overview(Conversation.objects.filter(pk=conversation.pk), now).get()
    attendees = reports.attendees_of(row, now)
    return {
        **summary(row, now),
        "description": row.description,
        "linked": Sentence(reports.link_text(row)),
        "listable": row.get_listable_display(),
        "lobby_until": row.lobby_timer if row.has_lobby(now) else None,
        "password": bool(row.password),
        "permissions": reports.default_permissions_text(row),
        "created": row.created_at,
        "members": [_member(row, attendee) for attendee in attendees],
        "calls": [
            {
                "id": Key(call.pk),
                "started": call.started_at,
                "ended": call.effective_end,
                "people": call.people,
                "why": call.effective_reason,
            }
            for call in reports.calls_of(row, now)
        ],
    }


def lines(facts: Facts) -> list[str]:
    """Return the facts as text."""
    single = {name: value for name, value in facts.items() if not isinstance(value, list)}
    width = max(map(len, single))
    shown = [
        f"{name.replace('_', ' ').capitalize():<{width}}  {cell(value)}"
        for name, value in single.items()
    ]
    members = table(_ATTENDEES, [list(each.values()) for each in facts["members"]])
    headings = ("Call", "Started", "Ended", "People", "Why it ended")
    calls = table(headings, [list(each.values()) for each in facts["calls"]])
    parts = [("Attendees:", members), ("Last calls:", calls)]
    return [*shown, *(line for title, part in parts if part for line in ("", title, *part))]


def _member(conversation: Conversation, attendee: Attendee) -> Member:
    return {
        "name": attendee.title,
        "who": _who(attendee),
        "kind": attendee.actor_type,
        "role": attendee.get_participant_type_display(),
        "may": permission_texts.describe_effective(conversation, attendee),
        "said_by": permission_texts.level(conversation, attendee),
        "devices": attendee.device_total,
        "in_call": attendee.in_call_now,
    }


def _who(attendee: Attendee) -> str:
    """Return the name by which commands take the attendee; they take no guests."""
    if attendee.user is not None:
        return str(conf.directory.user_id(attendee.user))
    if attendee.actor_type == ActorType.GUESTS:
        return ""
    # The id of a group is a primary key; commands take its name, which is its display name.
    return attendee.display_name if attendee.actor_type == ActorType.GROUPS else attendee.actor_id
