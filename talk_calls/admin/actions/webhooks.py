"""What operators may do to endpoints of webhooks, and to what they were sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.admin.base import TalkAdmin, Text
from talk_calls.exceptions import InvalidValue
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, WebhookDelivery, WebhookEndpoint
from talk_calls.models.webhooks import DeliveryState
from talk_calls.reports import webhooks as reports
from talk_calls.webhooks import endpoints, replay, testing
from talk_calls.webhooks.requests import Attempt

#: Endpoints that one request tests at most: each may take as long as the time-out.
MAX_TESTED = 5


@dataclass(frozen=True)
class _Tested:
    """What came back of a test."""

    endpoint: WebhookEndpoint
    attempt: Attempt

    @property
    def text(self) -> str:
        """Return the error, or the status."""
        return reports.error_text(self.attempt.error) or f"HTTP {self.attempt.status_code}"


class EndpointAction(AdminAction[WebhookEndpoint]):
    """Base of the actions on endpoints."""

    permission = "change_webhookendpoint"

    def log_name(self, obj: WebhookEndpoint) -> str:
        return f"the endpoint {names.isolated(obj.name)}"

    def detail(self, obj: WebhookEndpoint) -> str:
        return reports.address(obj)


class EnableEndpoint(EndpointAction):
    """Send to an endpoint again, what waited as well."""

    name = "enable_endpoint"
    label = _("Enable")
    title = _("Enable endpoints?")
    description = _("They get what waits for them, in order, and what happens from now on.")
    log_label = _("Switched on")

    def is_applicable(self, obj: WebhookEndpoint) -> bool:
        return not obj.is_enabled

    def execute(
        self, obj: WebhookEndpoint, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        endpoints.enable(obj, performed_by=operator)


class DisableEndpoint(EndpointAction):
    """Send nothing more to an endpoint."""

    name = "disable_endpoint"
    label = _("Disable")
    title = _("Disable endpoints?")
    description = _(
        "Nothing is sent to them until they are enabled again. What happens meanwhile they never "
        "get."
    )
    log_label = _("Switched off")
    is_destructive = True

    def is_applicable(self, obj: WebhookEndpoint) -> bool:
        return obj.is_enabled

    def execute(
        self, obj: WebhookEndpoint, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        endpoints.disable(obj, performed_by=operator)


class RotateSecret(EndpointAction):
    """Replace the secret of an endpoint, and show the new one once."""

    name = "rotate_secret"
    label = _("Rotate secret")
    title = _("Rotate secrets?")
    description = _(
        "The new secret is shown once. For a day both sign what is sent, so that the receiver can "
        "be given the new one."
    )
    log_label = _("Rotated the secret of")
    is_destructive = True

    def is_applicable(self, obj: WebhookEndpoint) -> bool:
        return not obj.is_from_settings

    def execute(
        self, obj: WebhookEndpoint, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> Text:
        secret = endpoints.rotate_secret(obj, performed_by=operator)
        return secret_notice(obj, secret)


class ReplayDead(EndpointAction):
    """Send again what an endpoint was sent in vain."""

    name = "replay_dead"
    permission = "replay_webhookdelivery"
    label = _("Send dead letters again")
    title = _("Send dead letters again?")
    description = _(
        "What was given up is sent once more, each with its id and number, so that receivers know "
        "what they have already."
    )
    log_label = _("Sent dead letters again to")

    def is_applicable(self, obj: WebhookEndpoint) -> bool:
        return reports.deliveries(endpoint=obj, state=DeliveryState.DEAD).exists()

    def execute(
        self, obj: WebhookEndpoint, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        dead = reports.deliveries(endpoint=obj, state=DeliveryState.DEAD)
        replay.replay(dead, performed_by=operator)


class DeleteEndpoint(EndpointAction):
    """Delete an endpoint and all that waits for it."""

    name = "delete_endpoint"
    permission = "delete_webhookendpoint"
    label = _("Delete")
    title = _("Delete endpoints?")
    description = _("Nothing is sent to them any more, and what waits for them is deleted.")
    log_label = _("Deleted")
    log_flag = DELETION
    deletes_object = True
    is_destructive = True

    def is_applicable(self, obj: WebhookEndpoint) -> bool:
        return not obj.is_from_settings

    def execute(
        self, obj: WebhookEndpoint, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        endpoints.delete(obj, performed_by=operator)


class SendTest(EndpointAction):
    """Send a test at once, and show what came back; it needs no confirmation."""

    name = "send_test"
    label = _("Send a test")
    title = _("What came back")
    description = ""
    log_label = _("Sent a test to")

    def __call__(
        self, model_admin: TalkAdmin, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]
    ) -> HttpResponse | None:
        """Send to each selected endpoint, one after the other."""
        found = list(queryset[: MAX_TESTED + 1])
        if len(found) > MAX_TESTED:
            text = _("Select at most %(max)s at once. Nothing was done.")
            messages.error(request, text % {"max": MAX_TESTED})
            return None
        try:
            results = [_Tested(each, testing.send_test(each)) for each in found]
        except ImproperlyConfigured as error:
            messages.error(request, str(error))
            return None
        except InvalidValue as refusal:
            messages.error(request, str(refusal.message))
            return None
        user = cast(HostUser, request.user)
        for endpoint in found:
            message = f"Sent a test to {self.log_name(endpoint)}."
            LogEntry.objects.log_actions(user.pk, [endpoint], CHANGE, message, single_object=True)
        return model_admin.page(
            request, "webhookendpoint/test.html", str(self.title), results=results
        )


class Replay(AdminAction[WebhookDelivery]):
    """Send an event again to the endpoint that it was for."""

    name = "replay"
    permission = "replay_webhookdelivery"
    label = _("Send again")
    title = _("Send events again?")
    description = _(
        "Each is sent with its id and number, so that receivers know what they have already."
    )
    log_label = _("Sent again")

    def is_applicable(self, obj: WebhookDelivery) -> bool:
        return obj.state != DeliveryState.PENDING

    def execute(
        self, obj: WebhookDelivery, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        replay.replay(WebhookDelivery.objects.filter(pk=obj.pk), performed_by=operator)

    def log_name(self, obj: WebhookDelivery) -> str:
        return f"{obj.event.type} {obj.event.uid} to {names.isolated(obj.endpoint.name)}"

    def detail(self, obj: WebhookDelivery) -> str:
        return f"{obj.endpoint}, {obj.event}"


def secret_notice(endpoint: WebhookEndpoint, secret: str) -> Text:
    """Return the sentence that shows a new secret, once."""
    text = _("The secret of %(name)s is shown only now: %(secret)s")
    return text % {"name": names.isolated(endpoint.name), "secret": secret}
