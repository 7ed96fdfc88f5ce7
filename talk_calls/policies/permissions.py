"""What an attendee may do: permissions, media, and the right to start calls."""

from talk_calls.conf import conf
from talk_calls.constants import Allow, InCallFlag, Permission, PermissionChange, StartCalls
from talk_calls.host.group_membership import is_in_groups
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import hooks
from talk_calls.policies.links import link_refuses, membership_is_fixed
from talk_calls.policies.roles import moderates


def permissions_of(conversation: Conversation, attendee: Attendee) -> int:
    """Return what an attendee may do, as a bit field of ``Permission`` (constants 2.7).

    Moderators may do everything; otherwise the first level counts that is not 0: the attendee's,
    this call's, the conversation's, the site's. The chat is no one's to write in, whatever a level
    says: clients hide their input by that.
    """
    return _permissions_by_level(conversation, attendee) & ~Permission.CHAT


def _permissions_by_level(conversation: Conversation, attendee: Attendee) -> int:
    if moderates(conversation, attendee):
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
    """Tell whether permissions, settings and the site's policy let them start a call."""
    return is_entitled_to_start_calls(conversation, attendee) and site_lets_start_calls(
        conversation, attendee
    )


def site_lets_start_calls(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether the site's policy lets this attendee start a call."""
    if not hooks.is_overridden("may_start_call"):
        return True
    return hooks.allows("may_start_call", attendee.user, conversation)


def is_entitled_to_start_calls(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether permissions and settings let this attendee start a call."""
    may_start = permissions_of(conversation, attendee) & Permission.START_CALL
    if not may_start or not has_role_to_start_calls(conversation, attendee):
        return False
    return is_in_group_to_start_calls(attendee)


def has_role_to_start_calls(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether ``START_CALLS`` lets this attendee start a call."""
    match conf.start_calls:
        case StartCalls.EVERYONE:
            return True
        case StartCalls.USERS:
            return not attendee.is_guest or moderates(conversation, attendee)
        case StartCalls.MODERATORS:
            return moderates(conversation, attendee)
        case _:
            return False


def is_in_group_to_start_calls(attendee: Attendee) -> bool:
    """Tell whether ``START_CALLS_GROUPS`` lets this attendee start a call (behaviour 5).

    Moderators are not exempt, and guests are in no group. Takes one query for each user object, and
    none where the setting names no group.
    """
    groups = conf.start_calls_groups
    return not groups or is_in_groups(attendee.user, groups)


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


def call_flags_of(conversation: Conversation, attendee: Attendee, flags: int) -> int:
    """Return what a joiner adds to the call's flags: guests only in public (behaviour 4.3/6)."""
    if attendee.is_guest and not conversation.is_public:
        return InCallFlag.DISCONNECTED
    return flags


def may_see_addresses(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether the attendee may read e-mail addresses of others: moderators with an account."""
    return moderates(conversation, attendee) and not attendee.is_guest


def can_leave_conversation(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether the attendee has a membership to give up, as users have.

    It outlasts the session, and no object of the host decides about it.
    """
    return not attendee.is_guest and membership_is_fixed(conversation, attendee) is None


def can_delete_conversation(conversation: Conversation, attendee: Attendee) -> bool:
    """Tell whether this is a logged-in moderator of more than a one-to-one (behaviour 6.3).

    ``DELETE_ONE_TO_ONES`` gives one-to-ones too, and the link of a linked conversation its own.
    """
    if conversation.is_one_to_one and not conf.delete_one_to_ones:
        return False
    if attendee.is_guest or link_refuses(conversation, Allow.DELETE):
        return False
    return moderates(conversation, attendee)
