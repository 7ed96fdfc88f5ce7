"""What the messages of the chat say, as sentences with places for names.

Clients fill the places from ``messageParameters`` and draw names as they draw them everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import SystemMessageKind as Kind
from talk_calls.models import SystemMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """How a thing is told: ``by_somebody``, ``by_you`` (the reader) and ``by_nobody``.

    Where it happens to somebody, ``to_you`` is for that reader, by whomever. Where people may do it
    to themselves, ``oneself`` and ``yourself`` tell that.
    """

    by_somebody: str | Promise
    by_you: str | Promise
    by_nobody: str | Promise
    to_you: str | Promise = ""
    oneself: str | Promise = ""
    yourself: str | Promise = ""


_SENTENCES: Mapping[str, Sentences] = {
    Kind.CALL_STARTED: Sentences(
        by_somebody=_("{actor} started a call"),
        by_you=_("You started a call"),
        by_nobody=_("A call started"),
    ),
    Kind.CALL_JOINED: Sentences(
        by_somebody=_("{actor} joined the call"),
        by_you=_("You joined the call"),
        by_nobody=_("Somebody joined the call"),
    ),
    Kind.CALL_LEFT: Sentences(
        by_somebody=_("{actor} left the call"),
        by_you=_("You left the call"),
        by_nobody=_("Somebody left the call"),
    ),
    Kind.CALL_ENDED: Sentences(
        by_somebody=_("The call ended after %(duration)s"),
        by_you=_("The call ended after %(duration)s"),
        by_nobody=_("The call ended after %(duration)s"),
    ),
    Kind.CALL_ENDED_EVERYONE: Sentences(
        by_somebody=_("{actor} ended the call after %(duration)s"),
        by_you=_("You ended the call after %(duration)s"),
        by_nobody=_("The call ended after %(duration)s"),
    ),
    Kind.CALL_MISSED: Sentences(
        by_somebody=_("You missed a call from {actor}"),
        by_you=_("Nobody answered your call"),
        by_nobody=_("Nobody answered a call"),
    ),
    Kind.CONVERSATION_CREATED: Sentences(
        by_somebody=_("{actor} created the conversation"),
        by_you=_("You created the conversation"),
        by_nobody=_("The conversation was created"),
    ),
    Kind.CONVERSATION_RENAMED: Sentences(
        by_somebody=_("{actor} gave the conversation the name {name}"),
        by_you=_("You gave the conversation the name {name}"),
        by_nobody=_("The conversation got the name {name}"),
    ),
    Kind.DESCRIPTION_SET: Sentences(
        by_somebody=_("{actor} changed the description"),
        by_you=_("You changed the description"),
        by_nobody=_("The description was changed"),
    ),
    Kind.DESCRIPTION_REMOVED: Sentences(
        by_somebody=_("{actor} removed the description"),
        by_you=_("You removed the description"),
        by_nobody=_("The description was removed"),
    ),
    Kind.PASSWORD_SET: Sentences(
        by_somebody=_("{actor} set a password"),
        by_you=_("You set a password"),
        by_nobody=_("A password was set"),
    ),
    Kind.PASSWORD_REMOVED: Sentences(
        by_somebody=_("{actor} removed the password"),
        by_you=_("You removed the password"),
        by_nobody=_("The password was removed"),
    ),
    Kind.GUESTS_ALLOWED: Sentences(
        by_somebody=_("{actor} opened the conversation to everybody with the link"),
        by_you=_("You opened the conversation to everybody with the link"),
        by_nobody=_("The conversation was opened to everybody with the link"),
    ),
    Kind.GUESTS_DISALLOWED: Sentences(
        by_somebody=_("{actor} closed the conversation to guests"),
        by_you=_("You closed the conversation to guests"),
        by_nobody=_("The conversation was closed to guests"),
    ),
    Kind.READ_ONLY: Sentences(
        by_somebody=_("{actor} locked the conversation"),
        by_you=_("You locked the conversation"),
        by_nobody=_("The conversation was locked"),
    ),
    Kind.READ_ONLY_OFF: Sentences(
        by_somebody=_("{actor} unlocked the conversation"),
        by_you=_("You unlocked the conversation"),
        by_nobody=_("The conversation was unlocked"),
    ),
    Kind.LISTABLE_NONE: Sentences(
        by_somebody=_("{actor} took the conversation off the list of open ones"),
        by_you=_("You took the conversation off the list of open ones"),
        by_nobody=_("The conversation was taken off the list of open ones"),
    ),
    Kind.LISTABLE_USERS: Sentences(
        by_somebody=_("{actor} let users find the conversation"),
        by_you=_("You let users find the conversation"),
        by_nobody=_("Users can now find the conversation"),
    ),
    Kind.LISTABLE_ALL: Sentences(
        by_somebody=_("{actor} let everybody with an account find the conversation"),
        by_you=_("You let everybody with an account find the conversation"),
        by_nobody=_("Everybody with an account can now find the conversation"),
    ),
    Kind.LOBBY_NONE: Sentences(
        by_somebody=_("{actor} let everybody in from the lobby"),
        by_you=_("You let everybody in from the lobby"),
        by_nobody=_("Everybody was let in from the lobby"),
    ),
    Kind.LOBBY_NON_MODERATORS: Sentences(
        by_somebody=_("{actor} lets everybody but moderators wait in the lobby"),
        by_you=_("You let everybody but moderators wait in the lobby"),
        by_nobody=_("Everybody but moderators now waits in the lobby"),
    ),
    Kind.LOBBY_TIMER_REACHED: Sentences(
        by_somebody=_("The lobby opened at its time"),
        by_you=_("The lobby opened at its time"),
        by_nobody=_("The lobby opened at its time"),
    ),
    Kind.USER_ADDED: Sentences(
        by_somebody=_("{actor} added {user}"),
        by_you=_("You added {user}"),
        by_nobody=_("{user} was added"),
        to_you=_("You were added to the conversation"),
        oneself=_("{user} came to the conversation"),
        yourself=_("You came to the conversation"),
    ),
    Kind.USER_REMOVED: Sentences(
        by_somebody=_("{actor} removed {user}"),
        by_you=_("You removed {user}"),
        by_nobody=_("{user} was removed"),
        to_you=_("You were removed from the conversation"),
        oneself=_("{user} left the conversation"),
        yourself=_("You left the conversation"),
    ),
    Kind.GROUP_ADDED: Sentences(
        by_somebody=_("{actor} added the group {group}"),
        by_you=_("You added the group {group}"),
        by_nobody=_("The group {group} was added"),
    ),
    Kind.GROUP_REMOVED: Sentences(
        by_somebody=_("{actor} removed the group {group}"),
        by_you=_("You removed the group {group}"),
        by_nobody=_("The group {group} was removed"),
    ),
    **dict.fromkeys(
        (Kind.MODERATOR_PROMOTED, Kind.GUEST_MODERATOR_PROMOTED),
        Sentences(
            by_somebody=_("{actor} made {user} a moderator"),
            by_you=_("You made {user} a moderator"),
            by_nobody=_("{user} is now a moderator"),
            to_you=_("You are now a moderator"),
        ),
    ),
    **dict.fromkeys(
        (Kind.MODERATOR_DEMOTED, Kind.GUEST_MODERATOR_DEMOTED),
        Sentences(
            by_somebody=_("{actor} took the role of moderator from {user}"),
            by_you=_("You took the role of moderator from {user}"),
            by_nobody=_("{user} is no moderator any more"),
            to_you=_("You are no moderator any more"),
        ),
    ),
}


def sentence(message: SystemMessage, *, by_you: bool, to_you: bool, oneself: bool) -> str:
    """Return what a message says to a reader, in their language.

    ``by_you`` and ``to_you`` tell whether the reader did it, or it happened to the reader;
    ``oneself`` whether somebody did it to themselves.
    """
    chosen = _choose(_SENTENCES[message.kind], message, by_you, to_you, oneself)
    if "duration" not in message.details:
        return chosen
    ended = chosen % {"duration": _duration(message.details["duration"])}
    people = ", ".join(_people(message))
    return str(_("%(ended)s. Who was in it: %(people)s") % {"ended": ended, "people": people})


def _choose(
    told: Sentences, message: SystemMessage, by_you: bool, to_you: bool, oneself: bool
) -> str:
    if oneself and told.oneself:
        return str(told.yourself if by_you else told.oneself)
    if by_you:
        return str(told.by_you)
    if to_you and told.to_you:
        return str(told.to_you)
    return str(told.by_somebody if message.actor_type else told.by_nobody)


def _people(message: SystemMessage) -> list[str]:
    """Return the places of the users who are named, and how many more there were."""
    details = message.details
    places = [f"{{{place}}}" for place in places_of_people(message)]
    more, guests = details["users"] - len(places), details["guests"]
    counts = [(_("%(count)s more"), more), (_("guests: %(count)s"), guests)]
    return places + [str(text % {"count": count}) for text, count in counts if count]


def places_of_people(message: SystemMessage) -> list[str]:
    """Return the names of the places for the users of a call: ``user1``, ``user2`` …"""
    return [f"user{number + 1}" for number in range(len(message.details.get("people", ())))]


def _duration(seconds: int) -> str:
    """Return a duration as a clock shows it, with hours if there are any."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
