"""The role in which an attendee counts: the stored one, unless the site's policy lowers it."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from talk_calls.constants import DEMOTED, ParticipantType
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import hooks

_Rows = TypeVar("_Rows", bound=QuerySet[Any])

_LOWERED = {**DEMOTED, ParticipantType.OWNER: ParticipantType.USER}


def moderates(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether the role may moderate, and the site's policy lets this person do so."""
    return attendee.is_moderator and not is_lowered(conversation, attendee)


def is_lowered(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether this is a moderator whom the site's policy does not let moderate.

    Never so in a one-to-one, whose two owners have nothing to moderate. Reads the attendee's user
    if the site has such a policy: load it with many attendees (``with_users``).
    """
    if not attendee.is_moderator or conversation.is_one_to_one or not site_has_a_say():
        return False
    return not hooks.allows("may_moderate", attendee.user, conversation)


def role_of(conversation: Conversation, attendee: Attendee) -> int:
    """Return the role in which the attendee counts, a ``ParticipantType``."""
    if not is_lowered(conversation, attendee):
        return attendee.participant_type
    return _LOWERED[ParticipantType(attendee.participant_type)]


def with_users(rows: _Rows, path: str) -> _Rows:
    """Load the users of attendees too, at ``path``, if ``moderates`` needs them; else nothing."""
    return rows.select_related(path) if site_has_a_say() else rows


def site_has_a_say() -> bool:
    """Tell whether the site's policy decides who of the moderators may moderate."""
    return hooks.is_overridden("may_moderate")
