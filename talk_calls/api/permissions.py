"""One class per rule, each a thin adapter over ``policies``.

The order in a view's ``permission_classes`` is the order of checks of behaviour 4.1.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.exceptions import TalkNotAllowed


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


class CallsAreEnabled(BasePermission):
    """The site offers calls; asked before the conversation is looked up (constants 1.8)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise ``CallsDisabled`` if it does not."""
        if refusal := policies.calls_are_enabled():
            raise refusal
        return True


class PolicyPermission(BasePermission):
    """Base of the rules about where a request acts."""

    rule: ClassVar[Callable[..., policies.Refusal]]

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise the rule's refusal, if it has one."""
        if refusal := type(self).rule(view.context.situation):
            raise refusal
        return True


class IsParticipant(PolicyPermission):
    """The caller belongs to the conversation (behaviour 4.1/5)."""

    rule = staticmethod(policies.is_participant)


class ConversationIsWritable(PolicyPermission):
    """The conversation is not locked (behaviour 4.1/6)."""

    rule = staticmethod(policies.is_writable)


class LobbyIsOpenOrModerator(PolicyPermission):
    """There is no lobby, or the caller need not wait in it (behaviour 4.1/7)."""

    rule = staticmethod(policies.is_past_lobby)


class HasSession(PolicyPermission):
    """The caller joined the conversation before (behaviour 4.1/9)."""

    rule = staticmethod(policies.has_session)


class IsModerator(PolicyPermission):
    """The caller moderates the conversation."""

    rule = staticmethod(policies.is_moderator)


class IsNoOneToOne(PolicyPermission):
    """The conversation is more than one of two people."""

    rule = staticmethod(policies.is_no_one_to_one)


class MaySeeParticipants(PolicyPermission):
    """The caller is no plain guest (behaviour 7.1)."""

    rule = staticmethod(policies.may_see_participants)
