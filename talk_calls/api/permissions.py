"""Permission classes: one for each rule of ``policies`` that is asked before an action.

``permission_classes_for`` makes the classes of an action from its tuple of rules, so the order of
checks (behaviour 4.1) stands in ``policies`` alone.

As DRF has it, ``has_permission`` asks about the request before anything is looked up, and
``has_object_permission`` about an object: here a ``policies.Situation``. A site may use the classes
in views of its own (``api.mixins``). They raise what they refuse, so a combination by ``|`` refuses
what one of them does.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.exceptions import TalkNotAllowed
from talk_calls.policies import Situation


class MayUseTalk(BasePermission):
    """The site lets the logged-in user use Talk; guests are not asked (behaviour 4.1/3)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise ``TalkNotAllowed`` if it does not."""
        user = view.actor.user
        if user is not None and not conf.directory.may_use_talk(user):
            raise TalkNotAllowed
        return True


class IsUser(BasePermission):
    """Somebody is logged in; not even a guest moderator will do."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise ``NotAuthenticated``, which clients know as 997."""
        if not view.actor.is_user:
            raise NotAuthenticated
        return True


class PolicyPermission(BasePermission):
    """Base of the classes that ask a rule of ``policies``."""

    rule: ClassVar[Callable[..., policies.Refusal]]

    def has_object_permission(self, request: Request, view: APIView, obj: Situation) -> bool:
        """Raise the refusal of the rule, if there is one."""
        if refusal := type(self).rule(obj):
            raise refusal
        return True


class CallsAreEnabled(BasePermission):
    """The site offers calls; asked before the conversation is looked up (constants 1.8)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raise ``CallsDisabled`` if it does not."""
        if refusal := policies.calls_are_enabled():
            raise refusal
        return True


class IsNotBanned(PolicyPermission):
    """No moderator banned the caller from the conversation (behaviour 14)."""

    rule = staticmethod(policies.is_not_banned)


class IsParticipant(PolicyPermission):
    """The caller belongs to the conversation (behaviour 4.1/5)."""

    rule = staticmethod(policies.is_participant)


class ConversationIsWritable(PolicyPermission):
    """The conversation is not locked (behaviour 4.1/6)."""

    rule = staticmethod(policies.is_writable)


class LobbyIsOpenOrModerator(PolicyPermission):
    """There is no lobby, or the caller need not wait in it (behaviour 4.1/7)."""

    rule = staticmethod(policies.is_past_lobby)


class HasConsent(PolicyPermission):
    """The caller agrees to be recorded, or need not (behaviour 5).

    ``consents`` of the view tells whether the request agrees.
    """

    rule = staticmethod(policies.has_consent)

    def has_object_permission(self, request: Request, view: Any, obj: Situation) -> bool:
        """Raise ``ConsentNeeded`` if the request does not agree.

        To know that, ``view.consents`` reads the parameters, which may be refused as well.
        """
        return super().has_object_permission(request, view, replace(obj, consents=view.consents))


class HasSession(PolicyPermission):
    """The caller joined the conversation before (behaviour 4.1/9)."""

    rule = staticmethod(policies.has_session)


class IsModerator(PolicyPermission):
    """The caller moderates the conversation."""

    rule = staticmethod(policies.is_moderator)


class IsModeratorOrReadOnly(IsModerator):
    """The caller moderates the conversation, or only reads; for views of hosts."""

    def has_object_permission(self, request: Request, view: APIView, obj: Situation) -> bool:
        """Raise ``NotModerator`` for an unsafe method of somebody else."""
        return request.method in SAFE_METHODS or super().has_object_permission(request, view, obj)


class IsNoOneToOne(PolicyPermission):
    """The conversation is more than one of two people."""

    rule = staticmethod(policies.is_no_one_to_one)


class MayDeleteOneToOne(PolicyPermission):
    """The conversation is more than one of two people, or the site lets one of them delete it."""

    rule = staticmethod(policies.may_delete_one_to_one)


class MaySeeParticipants(PolicyPermission):
    """The caller is no plain guest (behaviour 7.1)."""

    rule = staticmethod(policies.may_see_participants)


class TakesOutsiders(PolicyPermission):
    """People may be invited: no object of the host decides who belongs to the conversation."""

    rule = staticmethod(policies.takes_outsiders)


class MayBeOpened(PolicyPermission):
    """The conversation may be opened to uninvited people."""

    rule = staticmethod(policies.may_be_opened)


class MayBeRenamed(PolicyPermission):
    """No object of the host sets name and description."""

    rule = staticmethod(policies.may_be_renamed)


class MayBeDeleted(PolicyPermission):
    """The conversation does not live as long as an object of the host."""

    rule = staticmethod(policies.may_be_deleted)


class HasOwnRoles(PolicyPermission):
    """No object of the host decides about roles."""

    rule = staticmethod(policies.has_own_roles)


class MayGiveUpMembership(PolicyPermission):
    """No object of the host decides that the caller belongs to the conversation."""

    rule = staticmethod(policies.may_give_up_membership)


#: The class of each rule. Those about starting a call have none: services ask them under the lock,
#: since only there it is known whether a call is running.
CLASSES: dict[Callable[..., policies.Refusal], type[BasePermission]] = {
    policies.calls_are_enabled: CallsAreEnabled
} | {
    permission.rule: permission
    for permission in (
        IsNotBanned,
        IsParticipant,
        ConversationIsWritable,
        LobbyIsOpenOrModerator,
        HasConsent,
        HasSession,
        IsModerator,
        IsNoOneToOne,
        MayDeleteOneToOne,
        MaySeeParticipants,
        TakesOutsiders,
        MayBeOpened,
        MayBeRenamed,
        MayBeDeleted,
        HasOwnRoles,
        MayGiveUpMembership,
    )
}


@cache
def permission_classes_for(
    rules: policies.Rules, *, users_only: bool = False
) -> tuple[type[BasePermission], ...]:
    """Return the permission classes that ask ``rules``, in their order.

    With ``users_only`` it is asked first whether somebody is logged in. Raises ``KeyError`` for a
    rule without a class.
    """
    asked = tuple(CLASSES[rule] for rule in rules)
    return (IsUser, *asked) if users_only else asked
