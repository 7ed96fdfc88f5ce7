"""What is stored about people in conversations, and about their devices there."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.constants import ActorType, ParticipantType
from talk_calls.exceptions import NoSuchConversation
from talk_calls.host import clock
from talk_calls.models import (
    Attendee,
    Ban,
    Conversation,
    HPBConversation,
    Session,
    SignalingMessage,
)
from talk_calls.privacy.holdings import (
    DeletedHolding,
    Facts,
    Holding,
    by_account,
    conversation_facts,
    keys_of,
    locked,
)
from talk_calls.privacy.people import Person, as_text
from talk_calls.privacy.traces import without
from talk_calls.services import participants
from talk_calls.services.deletion_mark import delete_closed


class Memberships(Holding):
    """Attendees: memberships of the account, and invitations of its e-mail address."""

    model, name = Attendee, "memberships"
    columns = frozenset({"user", "actor_id", "display_name", "browser"})

    def rows(self, person: Person) -> QuerySet[Any]:
        mine = by_account(person, "user") | person.invited("actor_", "created_at")
        return Attendee.objects.filter(mine).select_related("conversation", "user")

    def facts(self, row: Attendee, person: Person) -> Facts:
        return {
            "conversation": conversation_facts(row.conversation, person),
            "kind": ActorType(row.actor_type).value,
            "address": row.actor_id,
            "display_name": row.display_name,
            "role": ParticipantType(row.participant_type).name.lower(),
            "permissions": row.permissions,
            "is_favorite": row.is_favorite,
            "notification_level": row.notification_level,
            "notification_calls": row.notification_calls,
            "came_with_group": row.by_group,
            "came_with_object_of_site": row.by_host,
            "invitation_mailed_at": row.mailed_at,
            "created_at": row.created_at,
            "modified_at": row.modified_at,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Delete what is left: the services have taken the account out of its conversations."""
        for row in rows:
            if row.user_id is None:
                with suppress(NoSuchConversation):
                    participants.remove(attendee=row, now=clock.now())
        delete_closed(Attendee.objects.filter(pk__in=keys_of(rows), sessions=None))


class Sessions(Holding):
    """Devices that are online; they go with the membership."""

    model, name = Session, "sessions"
    columns = frozenset({"session_id", "window"})

    def rows(self, person: Person) -> QuerySet[Any]:
        found = Session.objects.filter(attendee__user=person.user.pk)
        return found.select_related("conversation")

    def facts(self, row: Session, person: Person) -> Facts:
        """Leave out the id of the session, with which somebody could act."""
        return {
            "conversation": conversation_facts(row.conversation, person),
            "key": row.key,
            "created_at": row.created_at,
            "last_ping": row.last_ping,
            "in_call": row.in_call,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Do nothing: they are deleted with the membership."""


class Pairs(Holding):
    """One-to-ones of the account, also those that the person left."""

    model, name = Conversation, "one_to_ones"
    columns = frozenset({"pair_key"})

    def rows(self, person: Person) -> QuerySet[Any]:
        return Conversation.objects.filter(person.in_json("pair_key"))

    def names(self, row: Conversation, person: Person) -> bool:
        return person.key in row.pair

    def facts(self, row: Conversation, person: Person) -> Facts:
        return {"token": row.token, "created_at": row.created_at}

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Do nothing: the services have made former ones of them (``conversations``)."""


class BansOfPerson(DeletedHolding):
    """Bans of the account and of its e-mail address; bans and their notes go with whom they name.

    Notes that moderators wrote for each other are theirs, so an export says only that there is one.
    """

    model, name = Ban, "bans"
    columns = frozenset(
        {"user", "actor_id", "display_name", "browser", "internal_note", "shown_note"}
    )

    def rows(self, person: Person) -> QuerySet[Any]:
        mine = by_account(person, "user") | person.invited("actor_", "created_at")
        return Ban.objects.filter(mine).select_related("conversation")

    def facts(self, row: Ban, person: Person) -> Facts:
        return {
            "conversation": conversation_facts(row.conversation, person),
            "kind": row.actor_type,
            "shown_note": row.shown_note,
            "has_internal_note": bool(row.internal_note),
            "created_at": row.created_at,
        }


class BansByPerson(Holding):
    """Bans that the person made; they stay."""

    model, name = Ban, "bans_made"
    columns = frozenset({"moderator_id", "moderator_name"})

    def rows(self, person: Person) -> QuerySet[Any]:
        found = Ban.objects.filter(person.acted("moderator_", "created_at"))
        return found.select_related("conversation", "user")

    def facts(self, row: Ban, person: Person) -> Facts:
        return {
            "conversation": conversation_facts(row.conversation, person),
            "who": {"type": row.actor_type, "name": row.display_name},
            "internal_note": row.internal_note,
            "shown_note": row.shown_note,
            "created_at": row.created_at,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        Ban.objects.filter(pk__in=keys_of(rows)).update(moderator_id="", moderator_name="")


class Signaling(DeletedHolding):
    """Messages between devices that wait for their delivery, for a minute or so."""

    model, name = SignalingMessage, "signaling_messages"
    columns = frozenset({"recipient", "text"})
    before_leaving = True  # they name sessions

    def rows(self, person: Person) -> QuerySet[Any]:
        sessions = Session.objects.filter(attendee__user=person.user.pk)
        mine = Q(recipient__in=sessions.values("pk"))
        for session_id in sessions.values_list("session_id", flat=True):
            mine |= Q(text__startswith=f'{{"from": "{session_id}"')
        return SignalingMessage.objects.filter(mine)

    def facts(self, row: SignalingMessage, person: Person) -> Facts:
        """Leave out the content, which sets up connections to others."""
        return {"sent_at": row.sent_at}


class ToldMembers(Holding):
    """User ids of members, as the signaling servers were told them."""

    model, name = HPBConversation, "signaling_servers"
    columns = frozenset({"user_ids"})

    def rows(self, person: Person) -> QuerySet[Any]:
        told = HPBConversation.objects.annotate(json=as_text("user_ids"))
        return told.filter(person.in_json("json", keys=False))

    def names(self, row: HPBConversation, person: Person) -> bool:
        return bool(self._cleared(row, person) != row.user_ids)

    def facts(self, row: HPBConversation, person: Person) -> Facts:
        return {"conversation": row.token, "server": row.server}

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Clear what no server is told any more; else telling that somebody left replaces it."""
        if conf.signaling.external:
            return
        rows = locked(rows)
        for row in rows:
            row.user_ids = self._cleared(row, person)
        HPBConversation.objects.bulk_update(rows, ["user_ids"])

    def _cleared(self, row: HPBConversation, person: Person) -> Any:
        return without({"user_ids": row.user_ids}, person, None)["user_ids"]
