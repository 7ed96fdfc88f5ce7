"""The models, their constraints and their querysets."""

from talk_calls.models.aliases import Alias
from talk_calls.models.app_passwords import AppPassword
from talk_calls.models.attendees import Attendee
from talk_calls.models.audit import AuditEntry
from talk_calls.models.bans import Ban
from talk_calls.models.calls import Call, CallLeg, LiveCall
from talk_calls.models.conversations import Conversation
from talk_calls.models.ended_sessions import EndedSession
from talk_calls.models.hpb import HPBConversation, HPBSession
from talk_calls.models.login_flows import LoginFlow
from talk_calls.models.outbox import OutboxEvent, PendingEvent
from talk_calls.models.sessions import Session
from talk_calls.models.signaling import SignalingMessage
from talk_calls.models.signaling_keys import SignalingKey
from talk_calls.models.summaries import DaySummary, PersonDay
from talk_calls.models.system_messages import SystemMessage
from talk_calls.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookStream

__all__ = [
    "Alias",
    "AppPassword",
    "Attendee",
    "AuditEntry",
    "Ban",
    "Call",
    "CallLeg",
    "Conversation",
    "DaySummary",
    "EndedSession",
    "HPBConversation",
    "HPBSession",
    "LiveCall",
    "LoginFlow",
    "OutboxEvent",
    "PendingEvent",
    "PersonDay",
    "Session",
    "SignalingKey",
    "SignalingMessage",
    "SystemMessage",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookStream",
]
