"""The rules: each refuses one thing in a situation, or has nothing against it."""

from django.utils.translation import gettext_lazy as _

from talk_calls import exceptions
from talk_calls.conf import conf
from talk_calls.constants import (
    Allow,
    ConsentRule,
    ParticipantType,
    Permission,
    RecordingConsent,
    StartCalls,
)
from talk_calls.models import Attendee, Conversation
from talk_calls.policies.links import link_refuses, membership_is_fixed, roles_are_fixed
from talk_calls.policies.permissions import is_entitled_to_start_calls, site_lets_start_calls
from talk_calls.policies.roles import moderates, role_of
from talk_calls.policies.situations import Refusal, Situation


def calls_are_enabled(situation: Situation | None = None) -> Refusal:
    """Refuse every action if the site has disabled calls, in whatever situation (constants 1.8)."""
    return exceptions.CallsDisabled() if conf.start_calls == StartCalls.NO_ONE else None


def is_not_banned(situation: Situation) -> Refusal:
    """Refuse those whom a moderator banned from the conversation (behaviour 14)."""
    return exceptions.Banned() if situation.is_banned else None


def is_participant(situation: Situation) -> Refusal:
    """Refuse non-attendees, and attendees who lost their session (behaviour 4.1/5)."""
    return exceptions.NotParticipant() if situation.participant is None else None


def is_writable(situation: Situation) -> Refusal:
    """Refuse in a locked conversation; moderators are not exempt (behaviour 4.1/6)."""
    return exceptions.ConversationReadOnly() if situation.conversation.is_read_only else None


def is_past_lobby(situation: Situation) -> Refusal:
    """Refuse those who have to wait while the lobby is up (behaviour 4.1/7)."""
    if not situation.conversation.has_lobby(situation.now):
        return None
    return None if situation.may(Permission.IGNORE_LOBBY) else exceptions.LobbyActive()


def has_consent(situation: Situation) -> Refusal:
    """Refuse to join those who did not agree to be recorded where that is needed (behaviour 5)."""
    if situation.consents or not needs_consent(situation.conversation):
        return None
    return exceptions.ConsentNeeded()


def has_session(situation: Situation) -> Refusal:
    """Refuse those who did not join the conversation before (behaviour 4.1/9)."""
    return exceptions.NoSession() if situation.session is None else None


def may_start_call(situation: Situation) -> Refusal:
    """Refuse to start a call to those who may only join one (behaviour 4.1/10)."""
    attendee = situation.participant
    if situation.has_call:
        return None
    if attendee is not None and is_entitled_to_start_calls(situation.conversation, attendee):
        return None
    return exceptions.MayNotStartCall()


def policy_may_start_call(situation: Situation) -> Refusal:
    """Refuse to start a call to those whom the site's policy lets only join one."""
    attendee = situation.participant
    if situation.has_call or attendee is None:
        return None
    if site_lets_start_calls(situation.conversation, attendee):
        return None
    return exceptions.SiteRefusesCall()


def is_moderator(situation: Situation) -> Refusal:
    """Refuse those who may not moderate, by role or by the site's policy; guests may."""
    attendee = situation.participant
    if attendee is not None and moderates(situation.conversation, attendee):
        return None
    return exceptions.NotModerator()


def is_no_one_to_one(situation: Situation) -> Refusal:
    """Refuse what a one-to-one conversation does not support, such as removing one user."""
    if situation.conversation.is_one_to_one:
        return exceptions.InvalidValue(_("That cannot be done to a one-to-one conversation."))
    return None


def may_delete_one_to_one(situation: Situation) -> Refusal:
    """Refuse to delete a one-to-one, which is the other's too, unless the site allows that."""
    return None if conf.delete_one_to_ones else is_no_one_to_one(situation)


def may_see_participants(situation: Situation) -> Refusal:
    """Refuse plain guests; guest moderators may see who is there (behaviour 7.1)."""
    attendee = situation.participant
    if attendee is None or role_of(situation.conversation, attendee) != ParticipantType.GUEST:
        return None
    return exceptions.GuestsNotAllowed()


def takes_outsiders(situation: Situation) -> Refusal:
    """Refuse to invite people into a conversation whose members come from the host."""
    return link_refuses(situation.conversation, Allow.OUTSIDERS)


def may_be_opened(situation: Situation) -> Refusal:
    """Refuse to open or close a conversation whose members come from the host, or its password."""
    return link_refuses(situation.conversation, Allow.PUBLIC)


def may_be_renamed(situation: Situation) -> Refusal:
    """Refuse another name or description where the host sets them."""
    return link_refuses(situation.conversation, Allow.RENAME)


def may_be_deleted(situation: Situation) -> Refusal:
    """Refuse to delete a conversation that lives as long as an object of the host."""
    return link_refuses(situation.conversation, Allow.DELETE)


def has_own_roles(situation: Situation) -> Refusal:
    """Refuse to change roles where they come from the host."""
    return roles_are_fixed(situation.conversation)


def may_give_up_membership(situation: Situation) -> Refusal:
    """Refuse to leave a conversation for good to those whom the host put there."""
    attendee = situation.participant
    return membership_is_fixed(situation.conversation, attendee) if attendee else None


def may_send(situation: Situation, kind: str) -> bool:
    """Tell whether the attendee may send signaling messages of a kind (behaviour 8.3).

    ``control`` makes others mute themselves, so it takes a moderator who is no guest. ``reaction``
    takes the permission to react.
    """
    if kind == "reaction":
        return situation.may(Permission.REACT)
    if kind != "control":
        return True
    attendee = situation.participant
    if attendee is None or attendee.is_guest:
        return False
    return moderates(situation.conversation, attendee)


def needs_consent(conversation: Conversation) -> bool:
    """Tell whether joining a call here takes the consent to be recorded (constants 3.2)."""
    match conf.recording_consent:
        case ConsentRule.YES:
            return True
        case ConsentRule.OPTIONAL:
            return bool(conversation.recording_consent == RecordingConsent.NEEDED)
        case _:
            return False


def takes_bans(conversation: Conversation) -> Refusal:
    """Refuse to ban anybody from a one-to-one conversation (behaviour 14)."""
    return exceptions.NoBansHere() if conversation.is_one_to_one else None


def may_ban(conversation: Conversation, attendee: Attendee, by: Attendee | None) -> Refusal:
    """Refuse to ban an attendee whom ``by`` may not ban; None is the site and its operators.

    Moderators keep neither each other out nor those whom an object of the host wants there.
    """
    if by is not None and attendee.pk == by.pk:
        return exceptions.NotBannableOneself()
    if attendee.is_moderator:
        return exceptions.ModeratorStays()
    is_operator = by is None or by.pk is None
    return None if is_operator else membership_is_fixed(conversation, attendee)


def stays_one_to_one(conversation: Conversation) -> Refusal:
    """Refuse to change the type of a one-to-one conversation, or who belongs to it."""
    if conversation.is_one_to_one:
        return exceptions.InvalidValue(_("A one-to-one conversation stays one."))
    return None


def may_remove(conversation: Conversation, attendee: Attendee, by: Attendee) -> Refusal:
    """Refuse to remove somebody whom this moderator may not remove (behaviour 7.2)."""
    if refusal := stays_one_to_one(conversation):
        return refusal
    if attendee.pk == by.pk:
        return exceptions.NotOneself()
    if refusal := membership_is_fixed(conversation, attendee):
        return refusal
    if attendee.participant_type == ParticipantType.OWNER:
        return exceptions.OwnerStays()
    return None
