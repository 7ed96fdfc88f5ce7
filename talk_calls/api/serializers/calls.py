"""Items of the list of connected participants (behaviour 4.2).

They shape rows of ``SessionQuerySet.peers``.
"""

from typing import Any

from rest_framework.serializers import BaseSerializer

from talk_calls.constants import ActorType


class CallPeerSerializerV1(BaseSerializer[Any]):
    """v1 and v2 know users only: ``userId`` is empty for everybody else."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the item of one session."""
        return {"userId": _text(instance["user_name"]), **_common(instance)}


class CallPeerSerializerV3(BaseSerializer[Any]):
    """v3 knows actors."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the item of one session."""
        is_user = instance["actor_type"] == ActorType.USERS
        name = _text(instance["user_name"]) if is_user else ""
        return {
            "actorType": instance["actor_type"],
            "actorId": name if is_user else instance["actor_id"],
            "displayName": instance["display_name"] or name,
            **_common(instance),
        }


def _text(user_name: Any) -> str:
    """Return the name of a user as text: a directory may name users by numbers or UUIDs."""
    return "" if user_name is None else str(user_name)


def _common(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "token": row["token"],
        "lastPing": int(row["last_ping"].timestamp()),
        "sessionId": row["session_id"],
    }
