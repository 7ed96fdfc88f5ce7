"""Who may do what: pure functions over loaded rows.

A rule takes a ``Situation`` and returns the refusal, or None if it has nothing against it. An
action is a tuple of rules, asked in order; the first refusal counts. The API asks before the lock
and the services under it, so a refusal has one reason wherever it is met.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls import exceptions
from talk_calls.conf import conf
from talk_calls.constants import (
    ConsentRule,
    ConversationType,
    InCallFlag,
    Listable,
    ParticipantType,
    Permission,
    PermissionChange,
    RecordingConsent,
    StartCalls,
)
from talk_calls.models import Attendee, Conversation, Session


@dataclass(frozen=True, slots=True)
class Situation:
    """Where somebody acts, and as whom: all that a rule may look at.

    ``attendee`` is None for somebody who does not belong to the conversation, ``session`` for
    somebody who is not online in it. ``has_call`` counts only sessions that did not time out.
    ``consents`` is True if the request agrees to be recorded. ``lost_session`` is True if the
    session with which the caller joined is expired, where that makes the caller no participant
    until they join again (behaviour 3.3/2).
    """

    conversation: Conversation
    attendee: Attendee | None
    session: Session | None
    has_call: bool
    now: datetime
    consents: bool = False
    lost_session: bool = False

    @property
    def participant(self) -> Attendee | None:
        """Return the attendee, or None for one who has to join the conversation again."""
        return None if self.lost_session else self.attendee

    def require_attendee(self) -> Attendee:
        """Return the attendee; raises ``NotParticipant`` without one."""
        if self.attendee is None:
            raise exceptions.NotParticipant
        return self.attendee

    def require_session(self) -> Session:
        """Return the acting session; raises ``NoSession`` without one."""
        if self.session is None:
            raise exceptions.NoSession
        return self.session

    def may(self, permission: int) -> bool:
        """Tell whether the attendee, if there is one, has a permission."""
        if self.participant is None:
            return False
        return bool(permissions_of(self.conversation, self.participant) & permission)

    def of(self, session: Session) -> "Situation":
        """Return how another session stands in the same conversation."""
        return replace(self, attendee=session.attendee, session=session)


Refusal = exceptions.TalkError | None
Rule = Callable[[Situation], Refusal]
Rules = tuple[Rule, ...]


def calls_are_enabled(situation: Situation | None = None) -> Refusal:
    """Refuse every action if the site has disabled calls, in whatever situation (constants 1.8)."""
    return exceptions.CallsDisabled() if conf.start_calls == StartCalls.NO_ONE else None


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
    if attendee is not None and can_start_calls(situation.conversation, attendee):
        return None
    return exceptions.MayNotStartCall()


def is_moderator(situation: Situation) -> Refusal:
    """Refuse those whose role may not moderate; guest moderators may."""
    attendee = situation.participant
    return None if attendee is not None and attendee.is_moderator else exceptions.NotModerator()


def is_no_one_to_one(situation: Situation) -> Refusal:
    """Refuse what a one-to-one conversation does not support, such as deletion by one user."""
    if situation.conversation.is_one_to_one:
        return exceptions.InvalidValue(_("That cannot be done to a one-to-one conversation."))
    return None


def may_see_participants(situation: Situation) -> Refusal:
    """Refuse plain guests; guest moderators may see who is there (behaviour 7.1)."""
    attendee = situation.participant
    if attendee is not None and attendee.participant_type == ParticipantType.GUEST:
        return exceptions.GuestsNotAllowed()
    return None


#: For those who may know of the conversation, which the look-up decides (``is_visible``).
NO_RULES: Rules = ()
#: What attendees do for themselves alone.
TAKE_PART: Rules = (is_participant,)
#: What moderators change about a conversation and its attendees.
MODERATE: Rules = (is_participant, is_moderator)
DELETE_CONVERSATION: Rules = (*MODERATE, is_no_one_to_one)
LIST_PARTICIPANTS: Rules = (is_participant, may_see_participants, is_past_lobby)
#: Removing oneself by name; ``TAKE_PART`` is enough for the route that names nobody.
REMOVE_ONESELF: Rules = (*TAKE_PART, is_no_one_to_one)
SET_SESSION_STATE: Rules = (is_participant, has_session)

LIST_CALL: Rules = (calls_are_enabled, is_participant, is_writable, is_past_lobby)
#: The rules of a join that are asked before a user who left a one-to-one is added to it again
#: (behaviour 4.1/8).
JOIN_CALL_BEFORE_REFILL: Rules = (*LIST_CALL, has_consent)
JOIN_CALL: Rules = (*JOIN_CALL_BEFORE_REFILL, has_session, may_start_call)
LEAVE_CALL: Rules = (is_participant, is_writable, is_past_lobby, has_session)
#: API v4 lets everybody go who is in (behaviour 5).
LEAVE_CALL_V4: Rules = (is_participant, has_session)
CHANGE_CALL_FLAGS: Rules = (is_participant, has_session)
RING: Rules = (calls_are_enabled, is_participant, has_session)
#: Sending signaling messages, and getting them; a locked conversation has nothing to signal.
SIGNAL: Rules = (is_participant, is_writable, is_past_lobby, has_session)


def first_refusal(rules: Rules, situation: Situation) -> Refusal:
    """Return the first refusal of an action, or None if it is allowed."""
    return next((refusal for rule in rules if (refusal := rule(situation))), None)


def trace(rules: Rules, situation: Situation) -> Iterator[tuple[Rule, Refusal]]:
    """Yield each rule that is asked with what it says; the first refusal is the last."""
    for rule in rules:
        refusal = rule(situation)
        yield rule, refusal
        if refusal:
            return


def enforce(rules: Rules, situation: Situation) -> None:
    """Raise the first refusal of an action, if there is one."""
    if refusal := first_refusal(rules, situation):
        raise refusal


def permissions_of(conversation: Conversation, attendee: Attendee) -> int:
    """Return what an attendee may do, as a bit field of ``Permission`` (constants 2.7).

    Moderators may do everything; otherwise the first level counts that is not 0: the attendee's,
    this call's, the conversation's, the site's.
    """
    if attendee.is_moderator:
        return Permission.MAX_DEFAULT
    own = attendee.permissions or conversation.call_permissions or conversation.default_permissions
    return own or conf.default_permissions


def changed_permissions(before: int, change: PermissionChange, given: int) -> int:
    """Return the permissions of one level after a change of it.

    Anything but "take the next level" carries the custom bit.
    """
    match change:
        case PermissionChange.ADD:
            return before | given | Permission.CUSTOM
        case PermissionChange.REMOVE:
            return before & ~given | Permission.CUSTOM
        case _:
            return given and given | Permission.CUSTOM


def can_start_calls(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether ``START_CALLS`` and the permissions let this attendee start a call."""
    if not permissions_of(conversation, attendee) & Permission.START_CALL:
        return False
    match conf.start_calls:
        case StartCalls.EVERYONE:
            return True
        case StartCalls.USERS:
            return attendee.is_moderator or not attendee.is_guest
        case StartCalls.MODERATORS:
            return attendee.is_moderator
        case _:
            return False


def allowed_flags(conversation: Conversation, attendee: Attendee, flags: int) -> int:
    """Return in-call flags without the media that the attendee may not send (behaviour 5).

    An attendee who may send no media takes part all the same, without sending any.
    """
    permissions = permissions_of(conversation, attendee)
    if not permissions & Permission.PUBLISH_AUDIO:
        flags &= ~InCallFlag.WITH_AUDIO
    if not permissions & Permission.PUBLISH_VIDEO:
        flags &= ~InCallFlag.WITH_VIDEO
    return flags or InCallFlag.IN_CALL


def may_send(situation: Situation, kind: str) -> bool:
    """Tell whether the attendee may send signaling messages of a kind (behaviour 8.3).

    ``control`` makes others mute themselves, so it takes a moderator who is no guest.
    """
    if kind != "control":
        return True
    attendee = situation.participant
    return attendee is not None and attendee.participant_type in {
        ParticipantType.OWNER,
        ParticipantType.MODERATOR,
    }


def needs_consent(conversation: Conversation) -> bool:
    """Tell whether joining a call here takes the consent to be recorded (constants 3.2)."""
    match conf.recording_consent:
        case ConsentRule.YES:
            return True
        case ConsentRule.OPTIONAL:
            return bool(conversation.recording_consent == RecordingConsent.NEEDED)
        case _:
            return False


def may_remove(conversation: Conversation, attendee: Attendee, by: Attendee) -> Refusal:
    """Refuse to remove somebody whom this moderator may not remove (behaviour 7.2)."""
    if conversation.is_one_to_one:
        return exceptions.InvalidValue(_("A one-to-one conversation stays one."))
    if attendee.pk == by.pk:
        return exceptions.NotOneself()
    if attendee.participant_type == ParticipantType.OWNER:
        return exceptions.OwnerStays()
    return None


def may_see_addresses(attendee: Attendee) -> bool:
    """Tell whether the attendee may read e-mail addresses of others: moderators with an account."""
    return attendee.is_moderator and not attendee.is_guest


def can_leave_conversation(attendee: Attendee) -> bool:
    """Tell whether the attendee has a membership that outlasts the session, as users have."""
    return not attendee.is_guest


def can_delete_conversation(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether this is a logged-in moderator of more than a one-to-one (behaviour 6.3)."""
    return attendee.is_moderator and not attendee.is_guest and not conversation.is_one_to_one


def is_visible(conversation: Conversation, attendee: Attendee | None, *, is_user: bool) -> bool:
    """Tell whether the caller may know that the conversation exists (behaviour 3.3/1).

    A public one is visible to all, any other to its attendees, and a listable one to every user.
    """
    if attendee is not None or conversation.is_public:
        return True
    return is_user and is_listed(conversation)


def is_listed(conversation: Conversation) -> bool:
    """Tell whether users find the conversation without an invitation (constants 1.4)."""
    listed = conversation.listable != Listable.PARTICIPANTS
    return listed and conversation.type in {ConversationType.GROUP, ConversationType.PUBLIC}


def entry_type(conversation: Conversation, *, is_user: bool) -> ParticipantType | None:
    """Return the role in which a newcomer enters, or None if they may not enter.

    Users of a listable conversation become ordinary members; in a public one they are
    self-joined, and everybody else is a guest (behaviour 6.4/7).
    """
    if is_user and is_listed(conversation):
        return ParticipantType.USER
    if not conversation.is_public:
        return None
    return ParticipantType.USER_SELF_JOINED if is_user else ParticipantType.GUEST


def needs_password(conversation: Conversation, attendee: Attendee | None) -> bool:
    """Tell whether joining asks for the password: everybody who was not invited by name."""
    if not conversation.password or not conversation.is_public:
        return False
    if attendee is None:
        return True
    return attendee.is_guest or attendee.participant_type == ParticipantType.USER_SELF_JOINED


def call_flags_of(conversation: Conversation, attendee: Attendee, flags: int) -> int:
    """Return what a joiner adds to the call's flags: guests only in public (behaviour 4.3/6)."""
    if attendee.is_guest and not conversation.is_public:
        return InCallFlag.DISCONNECTED
    return flags
