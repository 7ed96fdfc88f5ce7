"""Conversations as commands show them."""

from datetime import datetime
from typing import TypedDict

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.management.limits import DEFAULT_LIMIT, Limited, limited
from talk_calls.management.tables import Key, Sentence, TextKey, pairs, table
from talk_calls.management.texts import lazy as _
from talk_calls.models import Attendee, Conversation
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts
from talk_calls.reports.call_ends import reason_text

_LIST = (
    *(_("Token"), _("Name"), _("Type"), _("Attendees"), _("Call"), _("Locked"), _("Lobby")),
    _("Last activity"),
)
_ATTENDEES = (
    *(_("Name"), _("Who"), _("Kind"), _("Role"), _("Permissions"), _("Set by"), _("Devices")),
    _("In call"),
)
_CALLS = (_("Call"), _("Started"), _("Ended"), _("People"), _("Why it ended"))

#: The facts of one conversation, by their keys in JSON; lists have tables.
_NAMES = {
    "token": _("Token"),
    "name": _("Name"),
    "type": _("Type"),
    "attendees": _("Attendees"),
    "call": _("Call"),
    "locked": _("Locked"),
    "lobby": _("Lobby"),
    "last_activity": _("Last activity"),
    "description": _("Description"),
    "linked": _("Linked"),
    "listable": _("Listable"),
    "lobby_until": _("Lobby until"),
    "password": _("Password"),
    "permissions": _("Permissions"),
    "created": _("Created"),
}


class Summary(TypedDict):
    """What a list has of a conversation."""

    token: TextKey
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
    who: TextKey
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
    ``more`` is how many attendees are not among ``members``.
    """

    description: str
    linked: str
    listable: str
    lobby_until: datetime | None
    password: bool
    permissions: str
    created: datetime
    members: list[Member]
    more: int
    calls: list[PastCall]


def summary(conversation: Conversation, now: datetime) -> Summary:
    """Return the facts for a list; ``conversation`` has the annotations of ``with_overview``."""
    return {
        "token": TextKey(conversation.token),
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
        return [str(_("There are no conversations."))]
    expendable = (_("Type"), _("Lobby"), _("Locked"), _("Last activity"))
    return table(_LIST, [list(each.values()) for each in summaries], expendable=expendable)


def facts(conversation: Conversation, now: datetime, limit: int = DEFAULT_LIMIT) -> Facts:
    """Return all facts of one conversation, with its last calls and so many attendees at most."""
    row = reports.with_overview(Conversation.objects.filter(pk=conversation.pk), now).get()
    attendees = limited(reports.attendees_of(row, now), limit)
    return {
        **summary(row, now),
        "description": row.description,
        "linked": Sentence(reports.link_text(row)),
        "listable": row.get_listable_display(),
        "lobby_until": row.lobby_timer if row.has_lobby(now) else None,
        "password": bool(row.password),
        "permissions": reports.default_permissions_text(row),
        "created": row.created_at,
        "members": [_member(row, attendee) for attendee in attendees.rows],
        "more": attendees.more,
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
    shown = pairs({name: facts[key] for key, name in _NAMES.items()})  # type: ignore[literal-required]
    members = table(
        _ATTENDEES,
        [
            list({**each, "kind": ActorType(each["kind"]).label}.values())
            for each in facts["members"]
        ],
        expendable=(_("Set by"), _("Kind"), _("Devices")),
    )
    members += Limited((), facts["more"]).lines if members else []
    calls = table(
        _CALLS,
        [list({**each, "why": reason_text(each["why"])}.values()) for each in facts["calls"]],
    )
    parts = [(_("Attendees:"), members), (_("Last calls:"), calls)]
    return [*shown, *(line for title, part in parts if part for line in ("", str(title), *part))]


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


def _who(attendee: Attendee) -> TextKey:
    """Return the name by which commands take the attendee; they take no guests."""
    if attendee.user is not None:
        return TextKey(conf.directory.user_id(attendee.user))
    if attendee.actor_type == ActorType.GUESTS:
        return TextKey()
    # The id of a group is a primary key; commands take its name, which is its display name.
    is_group = attendee.actor_type == ActorType.GROUPS
    return TextKey(attendee.display_name if is_group else attendee.actor_id)
