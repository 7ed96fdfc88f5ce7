"""The admin of endpoints of webhooks: who is told of events, and whether that works."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import ENDPOINT_ACTIONS, DeleteByActionMixin
from talk_calls.admin.actions.webhooks import secret_notice
from talk_calls.admin.base import TalkAdmin, time_column
from talk_calls.admin.forms import NamedForm
from talk_calls.constants import EventType
from talk_calls.exceptions import InvalidValue
from talk_calls.host.actors import HostUser
from talk_calls.models import WebhookDelivery, WebhookEndpoint
from talk_calls.models.audit import AuditSource
from talk_calls.models.webhooks import DeliveryState
from talk_calls.reports import webhooks as reports
from talk_calls.services import audit_context, participants
from talk_calls.webhook_values import wants
from talk_calls.webhooks import endpoints

#: Deliveries on an endpoint's page; the list has all of them.
MAX_ROWS = 20


#: What operators say of an endpoint.
_EDITED = ("name", "url", "event_types")


class EventTypesWidget(forms.CheckboxSelectMultiple):
    """Checkboxes in groups, each with its heading and with the type that bodies have."""

    template_name = "talk_calls/admin/event_types.html"


class EndpointForm(NamedForm):
    """What operators say of an endpoint; the secret is made by us."""

    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        choices=reports.type_choices,
        widget=EventTypesWidget,
        help_text=_("Without a choice it gets all events, also those that later versions add."),
    )

    class Meta:
        """The fields that are edited."""

        model = WebhookEndpoint
        fields = _EDITED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tick the types that a group of types has, such as ``call.*``."""
        super().__init__(*args, **kwargs)
        self._stored_types = list(self.instance.event_types)
        if self._stored_types:
            ticked = [each.value for each in EventType if wants(self._stored_types, each)]
            self.initial["event_types"] = ticked

    def clean_event_types(self) -> list[str]:
        """Return what is ticked; groups of types stay what they are if nobody touches them."""
        if "event_types" not in self.changed_data:
            return self._stored_types
        types: list[str] = self.cleaned_data["event_types"]
        return types

    def clean_name(self) -> str:
        """Refuse what the service refuses, with its words; so does each field."""
        name = super().clean_name()
        with _refusals():
            endpoints.check_name(name, without=self.instance if self.instance.pk else None)
        return name

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        with _refusals():
            endpoints.check_url(url)
        return url


@contextmanager
def _refusals() -> Iterator[None]:
    """Say at the field what the service refuses."""
    try:
        yield
    except InvalidValue as refusal:
        raise ValidationError(str(refusal.message)) from refusal


class WebhookEndpointAdmin(DeleteByActionMixin, TalkAdmin):
    """Endpoints by name. Those of the settings are changed there."""

    list_display = ("name", "where", "state", "success", "waiting", "dead")
    search_fields = ("name",)
    ordering = ("name",)
    form = EndpointForm
    actions = ENDPOINT_ACTIONS
    change_form_template = "admin/talk_calls/webhookendpoint/change_form.html"
    success = time_column("last_success_at", _("last success"))
    created = time_column("created_at", _("created"))
    readonly_fields = (
        *("where", "types", "state", "success", "waiting", "dead", "source"),
        "created",
    )

    class Media:
        css = {"all": ["talk_calls/admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        return reports.with_totals(super().get_queryset(request))

    def get_fields(
        self, request: HttpRequest, obj: WebhookEndpoint | None = None
    ) -> tuple[str, ...]:
        """Show whoever may not change it no address with credentials in it."""
        if obj is None:
            return _EDITED
        may_change = self.has_change_permission(request, obj)
        told = _EDITED if may_change else ("name", "where", "types")
        return (*told, "state", "success", "waiting", "dead", "source", "created")

    def has_change_permission(
        self, request: HttpRequest, obj: WebhookEndpoint | None = None
    ) -> bool:
        return not (obj and obj.is_from_settings) and super().has_change_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say what the service refuses though the form took it: a name that is taken by now."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except InvalidValue as refusal:
            messages.error(request, str(refusal.message))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: ModelForm, change: bool
    ) -> None:
        """Create or change it through the service, and show a new secret once."""
        operator = participants.operator(cast(HostUser, request.user))
        values = {name: form.cleaned_data[name] for name in _EDITED}
        with audit_context.acting_from(AuditSource.ADMIN):
            if change:
                endpoints.change(obj, **values, performed_by=operator)
                return
            made = endpoints.create(**values, performed_by=operator)
        obj.pk = made.pk
        messages.warning(request, str(secret_notice(made, made.secret)))

    def object_context(self, request: HttpRequest, obj: WebhookEndpoint) -> dict[str, object]:
        """Add the latest deliveries, for whoever may see them."""
        context = super().object_context(request, obj)
        if request.user.has_perm("talk_calls.view_webhookdelivery"):
            latest = reports.deliveries(endpoint=obj)[:MAX_ROWS]
            context["deliveries"] = [
                {"row": row, "result": reports.result_text(row)} for row in latest
            ]
            context["all_deliveries"] = self._deliveries_url(obj)
        return context

    @admin.display(description=_("address"))
    def where(self, endpoint: WebhookEndpoint) -> str:
        return reports.address(endpoint)

    @admin.display(description=_("events"))
    def types(self, endpoint: WebhookEndpoint) -> str:
        return reports.types_text(endpoint)

    @admin.display(description=_("state"))
    def state(self, endpoint: WebhookEndpoint) -> str:
        return reports.state_text(endpoint)

    @admin.display(description=_("waiting"), ordering="waiting_total")
    def waiting(self, endpoint: Any) -> str:
        return self._count(endpoint, DeliveryState.PENDING, endpoint.waiting_total)

    @admin.display(description=_("dead letters"), ordering="dead_total")
    def dead(self, endpoint: Any) -> str:
        return self._count(endpoint, DeliveryState.DEAD, endpoint.dead_total)

    @admin.display(description=_("registered in"))
    def source(self, endpoint: WebhookEndpoint) -> str:
        return str(_("the settings") if endpoint.is_from_settings else _("the admin or a command"))

    def _count(self, endpoint: WebhookEndpoint, state: DeliveryState, count: int) -> str:
        """Return a count, which leads to what is counted if that is anything."""
        text = reports.count_text(count)
        if not count:
            return text
        page = self._deliveries_url(endpoint, state__exact=state.value)
        return format_html('<a href="{}">{}</a>', page, text)

    def _deliveries_url(self, endpoint: WebhookEndpoint, **filters: str) -> str:
        query = urlencode({"endpoint__id__exact": str(endpoint.pk), **filters})
        return f"{self.url_of(f'talk_calls_{WebhookDelivery._meta.model_name}_changelist')}?{query}"
