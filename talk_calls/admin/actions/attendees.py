"""What operators may do to an attendee."""

from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import BanForm, ReasonForm
from talk_calls.constants import DEMOTED, PROMOTED, ActorType, ParticipantType
from talk_calls.models import Attendee, Conversation
from talk_calls.reports.formatting import in_sentence
from talk_calls.services import bans, events, invitations, permissions


def full_name(attendee: Attendee) -> str:
    """Return the name with kind and id, which differ where names are alike.

    Guests are known by the number of the attendee, as the page "Why can't they join?" takes it.
    """
    kind = in_sentence(attendee.get_actor_type_display())
    is_guest = attendee.actor_type == ActorType.GUESTS
    key = attendee.pk if is_guest else events.identity(attendee)["actor_id"]
    return f"{attendee} ({kind} {names.isolated(key)})"


def role_and_conversation(attendee: Attendee) -> str:
    """Return such as ``moderator in Weekly``."""
    role = in_sentence(attendee.get_participant_type_display())
    return gettext("{role} in {conversation}").format(role=role, conversation=attendee.conversation)


class AttendeeAction(AdminAction[Attendee]):
    """Base of the actions on attendees; the conversation's history has them."""

    def log_object(self, obj: Attendee) -> Conversation:
        return obj.conversation

    def log_name(self, obj: Attendee) -> str:
        return full_name(obj)

    def detail(self, obj: Attendee) -> str:
        return role_and_conversation(obj)


class RoleAction(AttendeeAction):
    """Base of the actions that change a role; ``roles`` maps those that can be changed."""

    roles: ClassVar[dict[ParticipantType, ParticipantType]]

    def is_applicable(self, obj: Attendee) -> bool:
        is_person = obj.actor_type in {ActorType.USERS, ActorType.GUESTS}
        is_free = not policies.roles_are_fixed(obj.conversation)
        return is_free and is_person and obj.participant_type in self.roles


class Promote(RoleAction):
    """Make an attendee a moderator."""

    name = "promote"
    permission = "promote_attendee"
    label = _("Promote")
    title = _("Make moderators?")
    description = _(
        "Moderators admit and remove people, end calls, lock the conversation and raise its lobby."
    )
    log_label = _("Promoted")
    roles = PROMOTED

    def execute(
        self, obj: Attendee, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        permissions.promote(attendee=obj, performed_by=operator, now=now)


class Demote(RoleAction):
    """Make a moderator an ordinary attendee."""

    name = "demote"
    permission = "promote_attendee"
    label = _("Demote")
    title = _("Take back moderation?")
    description = _(
        "They stay as ordinary attendees. While the lobby is up they have to wait in it, and leave "
        "the call if they are in one."
    )
    log_label = _("Demoted")
    roles = DEMOTED

    def execute(
        self, obj: Attendee, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        permissions.demote(attendee=obj, performed_by=operator, now=now)


class RemoveAttendee(AttendeeAction):
    """Remove an attendee, or a group and those who came only with it."""

    name = "remove_attendee"
    permission = "remove_attendee"
    label = _("Remove")
    title = _("Remove attendees?")
    description = _(
        "They leave the call and the conversation at once. With a group, everybody who belongs to "
        "the conversation only through it is removed. In a public conversation they may come back "
        "by its link."
    )
    log_label = _("Removed")
    deletes_object = True
    is_destructive = True

    def is_applicable(self, obj: Attendee) -> bool:
        conversation = obj.conversation
        is_fixed = policies.membership_is_fixed(conversation, obj) is not None
        return not (conversation.is_one_to_one or is_fixed)

    def execute(
        self, obj: Attendee, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        invitations.expel_as_operator(attendee=obj, performed_by=operator, now=now)


class BanAttendee(AttendeeAction):
    """Remove an attendee, and keep them out until the ban is lifted."""

    name = "ban_attendee"
    permission = "ban_attendee"
    label = _("Ban")
    title = _("Ban attendees?")
    description = _(
        "They leave the call and the conversation at once, and cannot come back until a moderator "
        "or an operator lifts the ban. A guest is known by the browser."
    )
    log_label = _("Banned")
    deletes_object = True
    is_destructive = True
    form_class = BanForm

    def is_applicable(self, obj: Attendee) -> bool:
        if obj.actor_type == ActorType.GROUPS or policies.takes_bans(obj.conversation):
            return False
        return policies.may_ban(obj.conversation, obj, None) is None

    def execute(
        self, obj: Attendee, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        notes = bans.Notes(form.cleaned_data["reason"], form.cleaned_data["shown_note"])
        bans.ban_attendee(attendee=obj, notes=notes, performed_by=operator, now=now)
