"""What a site allows its people, on top of the rules of Talk.

A site subclasses ``HostPolicy`` and names its class in ``TALK_CALLS["POLICY"]``.
``talk_calls.policies`` asks the hooks wherever people act.
"""

from typing import Any

from talk_calls.constants import ConversationType
from talk_calls.host.actors import HostUser


class HostPolicy:
    """Hooks that say whether the site allows something; every one allows it by default.

    A hook can only refuse: what Talk's own rules refuse stays refused. Users, groups and
    conversations are loaded rows, and ``conversation`` is a ``talk_calls.models.Conversation``. A
    hook is asked with each request, also within a transaction that holds a lock: it should answer
    from what it is given, or with one quick query, and change nothing. A hook that raises refuses,
    and the error is logged; errors of the database are raised.
    """

    def may_create(self, user: HostUser, conversation_type: ConversationType) -> bool:
        """Tell whether ``user`` may create a conversation of this type."""
        return True

    def may_make_public(self, user: HostUser | None, conversation: Any) -> bool:
        """Tell whether a moderator may open a conversation to everybody who has its link.

        That is asked too before an e-mail invitation opens it. Creating a public one asks
        ``may_create``.
        """
        return True

    def may_make_listable(self, user: HostUser | None, conversation: Any) -> bool:
        """Tell whether a moderator may let users find a conversation without an invitation.

        One that is being created has no primary key yet.
        """
        return True

    def may_invite(self, user: HostUser | None, invitee: HostUser, conversation: Any) -> bool:
        """Tell whether ``user`` may invite another user.

        ``conversation`` is None for a one-to-one that is being created. Adding somebody again who
        left a one-to-one is an invitation too.
        """
        return True

    def may_invite_group(self, user: HostUser | None, group: Any, conversation: Any) -> bool:
        """Tell whether ``user`` may invite a group, with everybody who is or will be in it.

        ``group`` is what the directory's ``find_group`` returned. ``conversation`` is None for one
        that is being created from the group.
        """
        return True

    def may_invite_email(self, user: HostUser | None, address: str, conversation: Any) -> bool:
        """Tell whether ``user`` may invite an e-mail address."""
        return True

    def may_be_invited(self, user: HostUser, by: HostUser | None, conversation: Any) -> bool:
        """Tell whether ``user`` takes invitations of ``by``; arguments as in ``may_invite``."""
        return True

    def may_see(self, viewer: HostUser | None, user: HostUser) -> bool:
        """Tell whether ``viewer`` may know that ``user`` exists, before they have met.

        Otherwise inviting ``user`` and writing to them answer as for a user who does not exist.
        People who are in the same conversation see each other in any case.
        """
        return True

    def may_see_group(self, viewer: HostUser | None, group: Any) -> bool:
        """Tell whether ``viewer`` may know that ``group`` exists; as ``may_see`` for users."""
        return True

    def may_start_call(self, user: HostUser | None, conversation: Any) -> bool:
        """Tell whether ``user``, or a guest with None, may start calls here and ring people.

        Joining a running call is not asked for.
        """
        return True

    def may_moderate(self, user: HostUser | None, conversation: Any) -> bool:
        """Tell whether an owner or moderator, or a guest moderator with None, may moderate.

        Otherwise they count as an ordinary participant everywhere, on the wire too, as long as the
        hook says so; their stored role stays. It is asked about nobody else, and not in one-to-one
        conversations, where there is nothing to moderate.
        """
        return True
