"""The registry: what each model of the app holds of people.

Every column that may say something about a person belongs to a holding, or stands in
``IMPERSONAL`` with the reason why it says nothing. A test fails for a model or column that is
forgotten, and docs/privacy.md lists the same.
"""

from collections.abc import Mapping
from itertools import chain

from talk_calls.privacy import accounts, history, memberships
from talk_calls.privacy.holdings import Holding

#: In the order in which they are erased: what others are found by comes last.
HOLDINGS: tuple[Holding, ...] = (
    accounts.AppPasswords(),
    accounts.LoginFlows(),
    memberships.Signaling(),
    memberships.Sessions(),
    memberships.Memberships(),
    memberships.Pairs(),
    memberships.BansOfPerson(),
    memberships.BansByPerson(),
    memberships.ToldMembers(),
    history.Calls(),
    history.Messages(),
    history.Deliveries(),
    history.EventsOfOldProcesses(),
    history.Events(),
    history.Audit(),
    history.Legs(),
    history.Days(),
    accounts.Aliases(),
)

#: Columns of text or JSON that say nothing about a user, by model and column, with the reason.
IMPERSONAL: Mapping[str, str] = {
    "Alias.kind": "a choice",
    "Attendee.actor_type": "a choice",
    "AuditEntry.action": "a choice",
    "AuditEntry.source": "a choice",
    "AuditEntry.actor_type": "a choice",
    "AuditEntry.target_type": "a choice",
    "AuditEntry.conversation_token": "the conversation's",
    "AuditEntry.conversation_name": "the conversation's; empty for one-to-ones",
    "Ban.actor_type": "a choice",
    "Ban.moderator_type": "a choice",
    "Call.conversation_name": "the conversation's; empty for one-to-ones",
    "Call.end_reason": "a choice",
    "Call.ended_by_type": "a choice",
    "Call.signaling_server": "a server's address",
    "CallLeg.actor_type": "a choice",
    "CallLeg.reason": "a choice",
    "Conversation.token": "the conversation's",
    "Conversation.name": "chosen by moderators; former one-to-ones have none",
    "Conversation.description": "chosen by moderators",
    "Conversation.object_type": "an object of a client",
    "Conversation.object_id": "an object of a client",
    "Conversation.linked_model": "an object of the site, which deletes it",
    "Conversation.linked_pk": "an object of the site, which deletes it",
    "Conversation.password": "a hash of the conversation's password",
    "DaySummary.calls_ended": "sums",
    "DaySummary.legs_ended": "sums",
    "EndedSession.window": "a digest of a random number that one browser knows; kept for minutes",
    "EndedSession.reason": "a choice",
    "HPBConversation.token": "the conversation's",
    "HPBConversation.server": "a server's address",
    "HPBConversation.properties": "a digest about the conversation",
    "HPBConversation.attendees": "a count and a sum",
    "HPBSession.session_id": "random; goes when the server was told of the session's end",
    "HPBSession.description": "a digest; goes when the server was told of the session's end",
    "OutboxEvent.conversation_token": "the conversation's",
    "OutboxEvent.type": "a choice",
    "PendingEvent.kind": "a choice",
    "SignalingKey.private_key": "the site's key",
    "SystemMessage.kind": "a choice",
    "SystemMessage.actor_type": "a choice",
    "WebhookDelivery.state": "a choice",
    "WebhookEndpoint.name": "a receiver's",
    "WebhookEndpoint.url": "a receiver's",
    "WebhookEndpoint.secret": "a receiver's",
    "WebhookEndpoint.previous_secret": "a receiver's",
    "WebhookEndpoint.event_types": "choices",
    "WebhookEndpoint.disabled_reason": "a receiver's",
}


def personal_columns() -> set[str]:
    """Return the columns of all holdings, as ``Model.column``."""
    columns = ((f"{each.model.__name__}.{name}" for name in each.columns) for each in HOLDINGS)
    return set(chain.from_iterable(columns))
