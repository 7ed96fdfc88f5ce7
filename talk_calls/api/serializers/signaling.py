"""Signaling on the wire (behaviour 8.1 and 8.4)."""

from dataclasses import dataclass
from typing import Any, TypedDict

from rest_framework import serializers

from talk_calls.host.actors import Actor
from talk_calls.signaling import ice, tickets
from talk_calls.signaling.poll import Answer


class PollShape(TypedDict):
    """What a version shows of who is in a conversation."""

    recently: bool
    with_permissions: bool


def poll_items(answer: Answer) -> list[dict[str, Any]]:
    """Return what a poll is told: messages, and at the end who is there."""
    messages = [{"type": "message", "data": text} for text in answer.messages]
    return [*messages, {"type": "usersInRoom", "data": list(answer.users)}]


@dataclass(frozen=True, slots=True)
class Signaler:
    """Who wants to signal; ``may_relay`` lets them have credentials for TURN servers.

    A relay costs whoever runs it, so it is for users, and for guests who are let in.
    """

    actor: Actor
    may_relay: bool


class SettingsSerializerV1(serializers.BaseSerializer[Signaler]):
    """Settings of v1: one server of each kind, with the old spelling of its address."""

    def to_representation(self, instance: Signaler) -> dict[str, Any]:
        """Return the settings for ``instance``."""
        now = self.context["now"]
        return {
            **_common(instance.actor, tickets.ticket(instance.actor, now)),
            "stunservers": ice.one_stun_server(),
            "turnservers": ice.one_turn_server(now) if instance.may_relay else [],
        }


class SettingsSerializerV2(SettingsSerializerV1):
    """v2 knows telephones."""

    def to_representation(self, instance: Signaler) -> dict[str, Any]:
        """Return the settings for ``instance``."""
        return {**super().to_representation(instance), "sipDialinInfo": ""}


class SettingsSerializerV3(serializers.BaseSerializer[Signaler]):
    """Settings of v3: all servers, and what to tell an external one."""

    def to_representation(self, instance: Signaler) -> dict[str, Any]:
        """Return the settings for ``instance``."""
        now = self.context["now"]
        ticket = tickets.ticket(instance.actor, now)
        hello = {"userid": tickets.user_id(instance.actor), "ticket": ticket}
        return {
            **_common(instance.actor, ticket),
            "helloAuthParams": {"1.0": hello},
            "stunservers": ice.stun_servers(),
            "turnservers": ice.turn_servers(now) if instance.may_relay else [],
            "sipDialinInfo": "",
        }


def _common(actor: Actor, ticket: str) -> dict[str, Any]:
    return {
        "signalingMode": "internal",
        "userId": tickets.user_id(actor),
        "hideWarning": True,  # it would say that polling does not scale, which it does here
        "server": "",
        "ticket": ticket,
    }
