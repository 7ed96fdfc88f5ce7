"""What a site says about the rooms of one of its models."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, ClassVar

from django.db.models import Model

from talk_calls.constants import Allow, ParticipantType
from talk_calls.host.actors import HostUser


class OnDelete(Enum):
    """What becomes of a room when its object is deleted.

    ``DELETE`` ends the call and deletes the room; the history of its calls stays. ``KEEP`` makes it
    a conversation like others, with the members that it has.
    """

    DELETE = "delete"
    KEEP = "keep"


class ModelRoom:
    """The base of classes for ``rooms.register``; one instance serves all objects of the model."""

    #: What moderators may do although the object decides it.
    allow: ClassVar[Allow] = Allow.NOTHING
    #: Paths of relations from the model (as in queries, with ``__``) whose changes change members.
    follow: ClassVar[Sequence[str]] = ()
    #: Whether a new object gets its room at once; else ``room_for`` makes it.
    create_on_save: ClassVar[bool] = True
    #: Whether guests come in by the link; counts for a new room.
    public: ClassVar[bool] = False
    #: What becomes of the room when its object is deleted.
    on_delete: ClassVar[OnDelete] = OnDelete.DELETE

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def name(self, obj: Any) -> str:
        """Return the name of the room, by default that of the object."""
        return str(obj)

    def members(self, obj: Any) -> Iterable[HostUser | None]:
        """Return the users who take part; None among them is passed over."""
        return ()

    def moderators(self, obj: Any) -> Iterable[HostUser | None]:
        """Return the users who also moderate; they need not be among the members."""
        return ()

    def owners(self, obj: Any) -> Iterable[HostUser | None]:
        """Return the users who are shown as owners, who moderate as well."""
        return ()

    def roles(self, obj: Any) -> dict[HostUser, ParticipantType]:
        """Return everybody with the highest of their roles, as ``rooms.sync`` takes them."""
        found: dict[HostUser, ParticipantType] = {}
        for role, users in (
            (ParticipantType.USER, self.members(obj)),
            (ParticipantType.MODERATOR, self.moderators(obj)),
            (ParticipantType.OWNER, self.owners(obj)),
        ):
            found |= {user: role for user in users if user is not None}
        return found
