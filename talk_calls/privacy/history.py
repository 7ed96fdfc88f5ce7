"""What is stored about people in history: calls, messages, the audit trail, statistics, events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from talk_calls.constants import ActorType
from talk_calls.models import (
    AuditEntry,
    Call,
    CallLeg,
    DaySummary,
    OutboxEvent,
    PendingEvent,
    PersonDay,
    SystemMessage,
    WebhookDelivery,
)
from talk_calls.models.conversations import lock_conversation
from talk_calls.privacy.holdings import (
    Facts,
    Holding,
    by_account,
    conversation_facts,
    keys_of,
    locked,
    seen_person,
)
from talk_calls.privacy.people import Person, as_text
from talk_calls.privacy.traces import without
from talk_calls.reports.statistics import summaries


class Legs(Holding):
    """When the person was in calls, by device. They stay, under a pseudonym."""

    model, name = CallLeg, "legs"
    columns = frozenset({"user", "actor_id", "display_name", "session_key"})

    def rows(self, person: Person) -> QuerySet[Any]:
        mine = by_account(person, "user") | person.invited("actor_", "joined_at")
        return CallLeg.objects.filter(mine)

    def facts(self, row: CallLeg, person: Person) -> Facts:
        return {
            "call": row.call_id,
            "device": row.session_key,
            "user_id": row.actor_id,
            "display_name": row.display_name,
            "joined_at": row.joined_at,
            "left_at": row.left_at,
            "reason": row.reason,
            "flags": row.flags,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        mine = CallLeg.objects.filter(pk__in=keys_of(rows))
        mine.update(user=None, actor_id=pseudonym, display_name="")


class Calls(Holding):
    """Calls that the person was in or ended, and calls that rang them, or were not to ring them."""

    model, name = Call, "calls"
    columns = frozenset({"ended_by_id", "ended_by_name", "rung", "silent_for"})

    def rows(self, person: Person) -> QuerySet[Any]:
        named = Call.objects.annotate(rung_json=as_text("rung"), silent_json=as_text("silent_for"))
        return named.filter(
            person.acted("ended_by_", "ended_at")
            | person.in_json("rung_json")
            | person.in_json("silent_json", keys=False)
        ).select_related("conversation")

    def names(self, row: Call, person: Person) -> bool:
        return self._has_ended(row, person) or self._lists(row) != self._cleared(row, person)

    def facts(self, row: Call, person: Person) -> Facts:
        return {
            "id": row.pk,
            "conversation": conversation_facts(row.conversation, person),
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "ended_by_person": self._has_ended(row, person),
            "rung": person.key in row.rung,
            "silent": self._lists(row)["silent_for"] != self._cleared(row, person)["silent_for"],
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Take the locks of conversations with an open call, where others may be rung meanwhile."""
        open_in = {row.conversation_id for row in rows if row.ended_at is None}
        for conversation_id in sorted(open_in - {None}):
            lock_conversation(conversation_id)
        rows = locked(rows)
        ended = [row for row in rows if self._has_ended(row, person)]
        Call.objects.filter(pk__in=keys_of(ended)).update(ended_by_id=pseudonym, ended_by_name="")
        listed = [row for row in rows if self._lists(row) != self._cleared(row, person)]
        for row in listed:
            for field, value in self._cleared(row, person).items():
                setattr(row, field, value)
        Call.objects.bulk_update(listed, ["rung", "silent_for"])

    def _has_ended(self, row: Call, person: Person) -> bool:
        if row.ended_at is None:
            return False
        return person.is_named(row.ended_by_type, row.ended_by_id, row.ended_at)

    def _lists(self, row: Call) -> dict[str, Any]:
        return {"rung": row.rung, "silent_for": row.silent_for}

    def _cleared(self, row: Call, person: Person) -> dict[str, Any]:
        cleared: dict[str, Any] = without(self._lists(row), person, row.started_at)
        return cleared


class Messages(Holding):
    """Messages of chats that name the person."""

    model, name = SystemMessage, "messages"
    columns = frozenset({"actor_id", "display_name", "details"})

    def rows(self, person: Person) -> QuerySet[Any]:
        named = SystemMessage.objects.annotate(json=as_text("details")).filter(
            person.acted("actor_", "at") | person.in_json("json", keys=False)
        )
        return named.select_related("conversation")

    def names(self, row: SystemMessage, person: Person) -> bool:
        return self._has_acted(row, person) or self._cleared(row, person) != row.details

    def facts(self, row: SystemMessage, person: Person) -> Facts:
        actor = {"type": row.actor_type, "id": row.actor_id, "name": row.display_name}
        details = {
            key: seen_person(value, person, row.at) if key == "user" else value
            for key, value in row.details.items()
        }
        return {
            "id": row.pk,
            "conversation": conversation_facts(row.conversation, person),
            "kind": row.kind,
            "at": row.at,
            "actor": seen_person(actor, person, row.at),
            "details": details,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        rows = locked(rows)
        acted = SystemMessage.objects.filter(
            pk__in=[row.pk for row in rows if self._has_acted(row, person)]
        )
        acted.update(actor_id=pseudonym, display_name="")
        detailed = [row for row in rows if self._cleared(row, person) != row.details]
        for row in detailed:
            row.details = self._cleared(row, person, pseudonym)
        SystemMessage.objects.bulk_update(detailed, ["details"])

    def _has_acted(self, row: SystemMessage, person: Person) -> bool:
        return person.is_named(row.actor_type, row.actor_id, row.at)

    def _cleared(self, row: SystemMessage, person: Person, pseudonym: str = "") -> Any:
        return without(row.details, person, row.at, pseudonym)


class Audit(Holding):
    """What the person moderated, and what was done to them.

    Of what was done to them, who did it and why is what moderators and operators tell each other:
    an export says only what was done, and whether there is a reason.
    """

    model, name = AuditEntry, "audit_entries"
    columns = frozenset(
        {
            *("actor_user", "actor_id", "actor_name", "target_user", "target_id", "target_name"),
            *("reason", "details"),
        }
    )

    def rows(self, person: Person) -> QuerySet[Any]:
        mine = by_account(person, "actor_user", "target_user")
        return AuditEntry.objects.filter(mine | person.invited("target_", "at"))

    def facts(self, row: AuditEntry, person: Person) -> Facts:
        known: Facts = {
            "at": row.at,
            "action": row.action,
            "source": row.source,
            "conversation": {"token": row.conversation_token, "name": row.conversation_name},
            "by_person": row.actor_user_id == person.user.pk,
            "to_person": self._is_target(row, person),
        }
        if not known["by_person"]:
            return {**known, "has_reason": bool(row.reason)}
        target = {"type": row.target_type, "id": row.target_id, "name": row.target_name}
        return {**known, "target": target, "reason": row.reason, "details": row.details}

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        entries = AuditEntry.objects.filter(pk__in=keys_of(rows))
        entries.forget_user(person.user)
        entries.filter(person.invited("target_", "at")).forget_target()

    def _is_target(self, row: AuditEntry, person: Person) -> bool:
        named = person.is_named(row.target_type, row.target_id, row.at)
        return row.target_user_id == person.user.pk or (row.target_user_id is None and named)


class Days(Holding):
    """How long the person was in calls on each day. The rows stay, under a pseudonym."""

    model, name = PersonDay, "days"
    columns = frozenset({"user", "name"})

    def rows(self, person: Person) -> QuerySet[Any]:
        return PersonDay.objects.filter(self._mine(person))

    def facts(self, row: PersonDay, person: Person) -> Facts:
        return {"day": row.day_id, "seconds": row.seconds}

    def prepare_erasing(self, now: datetime) -> None:
        """Wait for who counted legs before these were erased, and has not stored it yet."""
        summaries.wait_for_counting(now)

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Name the days as legs are counted that have the pseudonym, so that no sum changes.

        Whoever counts these days at the same time has the lock of the days, and may have written
        the rows anew.
        """
        days = DaySummary.objects.filter(number__in=[row.day_id for row in rows])
        locked = list(days.order_by("number").select_for_update().values_list("number", flat=True))
        mine = PersonDay.objects.filter(self._mine(person), day__in=locked)
        mine.filter(user=None).update(name=f"{ActorType.EMAILS}/{pseudonym}")
        mine.filter(user=person.user.pk).update(user=None, name=f"{ActorType.USERS}/{pseudonym}")

    def _mine(self, person: Person) -> Q:
        """Of the day on which an address changed hands, the row of the address is both's."""
        mine = by_account(person, "user")
        for email in person.emails:
            own = Q(user=None, name=f"{ActorType.EMAILS}/{email.value}")
            own &= Q(day__stop__gt=int(email.since.timestamp())) if email.since else Q()
            own &= Q(day__start__lte=int(email.until.timestamp())) if email.until else Q()
            mine |= own
        return mine


class Deliveries(Holding):
    """What webhooks delivered about the person, and to whom; answers may repeat it."""

    model, name = WebhookDelivery, "webhook_deliveries"
    columns = frozenset({"response", "error"})

    def rows(self, person: Person) -> QuerySet[Any]:
        named = WebhookDelivery.objects.annotate(json=as_text("event__payload"))
        return named.filter(person.in_json("json")).select_related("endpoint", "event")

    def names(self, row: WebhookDelivery, person: Person) -> bool:
        return _is_about(row.event, person)

    def facts(self, row: WebhookDelivery, person: Person) -> Facts:
        return {
            "event": str(row.event.uid),
            "receiver": row.endpoint.name,
            "state": row.state,
            "delivered_at": row.delivered_at,
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Do nothing: they are erased with their events, by which they are found."""


class Events(Holding):
    """Events that are kept until everybody has them, or to deliver them once more.

    They keep what happened, without the person: receivers of webhooks see no gap, and learn which
    device is out of a call.
    """

    model, name = OutboxEvent, "events"
    columns = frozenset({"payload"})

    def rows(self, person: Person) -> QuerySet[Any]:
        named = OutboxEvent.objects.annotate(json=as_text("payload"))
        return named.filter(person.in_json("json"))

    def names(self, row: OutboxEvent, person: Person) -> bool:
        return _is_about(row, person)

    def facts(self, row: OutboxEvent, person: Person) -> Facts:
        """Leave out the payload, which may name others; what happened is in the other records."""
        return {
            "event": str(row.uid),
            "type": row.type,
            "at": row.at,
            "conversation": {"token": row.conversation_token},
        }

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        rows = locked(rows)
        for row in rows:
            row.payload = _cleared(row, person)
        OutboxEvent.objects.bulk_update(rows, ["payload"])
        # In the same step: answers to what named the person may arrive until now.
        answered = WebhookDelivery.objects.filter(event__in=keys_of(rows))
        answered.exclude(response="", error="").update(response="", error="")


class EventsOfOldProcesses(Holding):
    """Events that a process of 0.1 stored, until they are in the outbox."""

    model, name = PendingEvent, "events_of_old_processes"
    columns = frozenset({"payload"})

    def rows(self, person: Person) -> QuerySet[Any]:
        named = PendingEvent.objects.annotate(json=as_text("payload"))
        return named.filter(person.in_json("json"))

    def names(self, row: PendingEvent, person: Person) -> bool:
        return bool(without(row.payload, person, row.created_at) != row.payload)

    def facts(self, row: PendingEvent, person: Person) -> Facts:
        return {"type": row.kind, "at": row.created_at}

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        rows = locked(rows)
        for row in rows:
            row.payload = without(row.payload, person, row.created_at)
        PendingEvent.objects.bulk_update(rows, ["payload"])


def _is_about(event: OutboxEvent, person: Person) -> bool:
    return bool(_cleared(event, person) != event.payload)


def _cleared(event: OutboxEvent, person: Person) -> dict[str, Any]:
    """Return the payload without the person, nor what a moderator said of them."""
    payload = event.payload
    cleared: dict[str, Any] = without(payload, person, event.at)
    is_target = "target_id" in payload and cleared["target_id"] != payload["target_id"]
    return {**cleared, "reason": "", "details": {}} if is_target else cleared
