"""Endpoints of webhooks, what each of them gets, and what became of it."""

from datetime import UTC, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.models.outbox import OutboxEvent
from talk_calls.webhook_values import NAME_MAX_LENGTH, URL_MAX_LENGTH

#: How much of an answer is kept; a character has a byte or more.
RESPONSE_BYTES = 1024

#: A time that has passed, of a stream that no process claimed.
NO_CLAIM = datetime(2000, 1, 1, tzinfo=UTC)


class DeliveryState(models.TextChoices):
    """What became of a delivery."""

    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Dead")


class DisabledReason(models.TextChoices):
    """Why we disabled an endpoint, not an operator."""

    FAILING = "failing", _("no attempt has succeeded for days")
    GONE = "gone", _("the receiver answered 410 Gone")
    NOT_IN_SETTINGS = "not_in_settings", _("it is not in the setting WEBHOOKS any more")


class WebhookEndpointQuerySet(PrimaryMixin, models.QuerySet["WebhookEndpoint"]):
    """Reads of endpoints."""

    def enabled(self) -> Self:
        """Return those that get events."""
        return self.filter(is_enabled=True)


class WebhookEndpoint(PrimaryModel):
    """A receiver of webhooks.

    The secret of one from the setting ``WEBHOOKS`` stays there, so ``secret`` is empty.
    """

    name = models.CharField(_("name"), max_length=NAME_MAX_LENGTH)
    url = models.CharField(_("URL"), max_length=URL_MAX_LENGTH)
    secret = models.CharField(max_length=200, blank=True, editable=False)
    #: The secret before the last rotation, and until when it signs as well.
    previous_secret = models.CharField(max_length=200, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    event_types = models.JSONField(
        _("event types"),
        default=list,
        blank=True,
        help_text=_("Such as call.started or call.*; all if it is empty."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_from_settings = models.BooleanField(_("from the settings"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    #: A ``DisabledReason``; empty if an operator disabled it.
    disabled_reason = models.CharField(max_length=255, blank=True, editable=False)
    #: Since when no attempt succeeded; null while the last one did.
    failing_since = models.DateTimeField(null=True, editable=False)
    #: To the minute.
    last_success_at = models.DateTimeField(null=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        """Names are unique; unlike ``unique``, a constraint makes no index for LIKE."""

        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="talk_webhook_endpoint_name_unique"),
        ]

    def __str__(self) -> str:
        """Return the name as it stands in a sentence."""
        return names.isolated(self.name)


class WebhookStreamQuerySet(PrimaryMixin, models.QuerySet["WebhookStream"]):
    """Reads of streams by what there is to do."""

    def due(self, now: datetime) -> Self:
        """Return those with a delivery to attempt that no process has claimed, oldest first."""
        return self.filter(due_at__lte=now, claimed_until__lte=now).order_by("due_at", "pk")


class WebhookStream(PrimaryModel):
    """What one endpoint gets of one conversation: a sequence, numbered from 1 without gaps.

    One process at a time works on it: the one that claimed it, until the claim ends. The time at
    which the claim ends tells it from all other claims, since each ends later than the one before.
    ``conversation_id`` is no foreign key, as in ``OutboxEvent``.
    """

    endpoint = PrimaryForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="streams")
    conversation_id = models.BigIntegerField()
    #: The number of the last delivery that was made, not of the last that was sent.
    last_number = models.PositiveBigIntegerField(default=0)
    #: When the first pending delivery is to be attempted; null while none is pending.
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(default=NO_CLAIM)

    objects = WebhookStreamQuerySet.as_manager()

    class Meta:
        """The index has only streams in which something is pending."""

        constraints = [
            models.UniqueConstraint(
                fields=["conversation_id", "endpoint"], name="talk_webhook_stream_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                condition=Q(due_at__isnull=False),
                name="talk_webhook_stream_due",
            ),
        ]

    def __str__(self) -> str:
        """Return endpoint and conversation by their numbers, without a query."""
        return f"{self.endpoint_id}/{self.conversation_id}"


class WebhookDeliveryQuerySet(PrimaryMixin, models.QuerySet["WebhookDelivery"]):
    """Reads of deliveries by their state."""

    def pending(self) -> Self:
        """Return those that are still to be delivered."""
        return self.filter(state=DeliveryState.PENDING)

    def dead(self) -> Self:
        """Return those that were given up."""
        return self.filter(state=DeliveryState.DEAD)

    def of_stream(self, stream: WebhookStream) -> Self:
        """Return those of one endpoint and conversation, in order."""
        return self.filter(
            endpoint=stream.endpoint_id, conversation_id=stream.conversation_id
        ).order_by("number")


class WebhookDelivery(PrimaryModel):
    """One event for one endpoint, and the last attempt to deliver it."""

    endpoint = PrimaryForeignKey(
        WebhookEndpoint,
        verbose_name=_("webhook endpoint"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    event = PrimaryForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    conversation_id = models.BigIntegerField()
    number = models.PositiveBigIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    #: When it was made, or last replayed: from here its attempts are counted.
    queued_at = models.DateTimeField(_("queued at"), default=timezone.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    last_attempt_at = models.DateTimeField(_("last attempt"), null=True)
    status_code = models.PositiveSmallIntegerField(_("status"), null=True)
    response = models.TextField(_("response"), blank=True)
    error = models.CharField(_("error"), max_length=255, blank=True)
    #: Seconds.
    duration = models.FloatField(_("duration"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        """The latest first; small indexes have what operators and streams look for."""

        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("replay_webhookdelivery", "Can replay webhook deliveries")]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation_id", "endpoint", "number"],
                name="talk_webhook_delivery_number_unique",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "state", "queued_at"],
                condition=~Q(state=DeliveryState.DELIVERED),
                name="talk_webhook_delivery_open",
            ),
            # The first of a stream; the unique one would lead through all that was delivered.
            models.Index(
                fields=["conversation_id", "endpoint", "number"],
                condition=Q(state=DeliveryState.PENDING),
                name="talk_webhook_delivery_pending",
            ),
        ]

    def __str__(self) -> str:
        """Return what was sent and to whom; lists select both with it."""
        return f"{self.event} {self.number} → {self.endpoint}"
