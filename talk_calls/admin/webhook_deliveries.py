"""The admin of what endpoints of webhooks were sent: read it, and send it again."""

import json
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.functional import cached_property, lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import DELIVERY_ACTIONS, AdminActionsMixin
from talk_calls.admin.base import ReadOnlyMixin, TalkAdmin, Text, time_column
from talk_calls.admin.filters import EventTypeFilter
from talk_calls.models import WebhookDelivery
from talk_calls.reports import webhooks as reports
from talk_calls.reports.formatting import EMPTY_VALUE, datetime_cell, number_text, with_zone
from talk_calls.webhooks import bodies

#: Deliveries that the list reaches: a busy site makes millions within days.
MAX_LISTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than pages go."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, at most ``MAX_LISTED``."""
        rows: Any = self.object_list
        return int(rows.order_by()[:MAX_LISTED].count())


class WebhookDeliveryAdmin(ReadOnlyMixin, AdminActionsMixin, TalkAdmin):
    """The newest event first."""

    list_display = (
        "happened",
        "endpoint",
        "event_type",
        "conversation",
        "number",
        "state",
        "attempts",
        "result",
    )
    list_display_links = ("happened",)
    list_filter = ("endpoint", "state", EventTypeFilter)
    list_select_related = ("endpoint", "event")
    search_fields = ("event__conversation_token",)
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-pk",)
    actions = DELIVERY_ACTIONS
    change_list_template = "admin/talk_calls/change_list_with_hint.html"
    last_attempt = time_column("last_attempt_at", _("last attempt"))
    next_attempt = time_column("next_attempt_at", _("next attempt"))
    delivered = time_column("delivered_at", _("delivered"))
    fields = readonly_fields = (
        "endpoint_link",
        "event_type",
        "event_uid",
        "conversation",
        "number",
        "happened",
        "state",
        "attempts",
        "last_attempt",
        "took",
        "next_attempt",
        "delivered",
        "result",
        "body",
        "answer",
    )

    class Media:
        css = {"all": ["talk_calls/admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        rows: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related)

    def search(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery], search_term: str
    ) -> tuple[QuerySet[WebhookDelivery], bool]:
        """Find the events of one conversation, which may be deleted."""
        if not search_term:
            return queryset, False
        return queryset.filter(event__conversation_token=search_term.strip()), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        hint = _("The token of a conversation. The list ends after %(most)s events.")
        context = {"search_hint": hint % {"most": number_text(MAX_LISTED)}} | (extra_context or {})
        return super().changelist_view(request, context)

    @admin.display(
        description=lazy(lambda: with_zone(str(_("happened"))), str)(), ordering="event__at"
    )
    def happened(self, delivery: WebhookDelivery) -> str:
        return datetime_cell(delivery.event.at)

    @admin.display(description=_("endpoint"))
    def endpoint_link(self, delivery: WebhookDelivery) -> str:
        page = self.url_of("talk_calls_webhookendpoint_change", delivery.endpoint_id)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page, delivery.endpoint.name)

    @admin.display(description=_("event"))
    def event_type(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @admin.display(description=_("id"))
    def event_uid(self, delivery: WebhookDelivery) -> str:
        return str(delivery.event.uid)

    @admin.display(description=_("conversation"))
    def conversation(self, delivery: WebhookDelivery) -> str:
        """Return the token, as a link to the events of its conversation."""
        token = delivery.event.conversation_token
        if not token:
            return EMPTY_VALUE
        page = self.url_of("talk_calls_webhookdelivery_changelist")
        return format_html('<a href="{}?q={}">{}</a>', page, token, token)

    @admin.display(description=_("took"))
    def took(self, delivery: WebhookDelivery) -> Text:
        if delivery.duration is None:
            return EMPTY_VALUE
        return _("%(seconds)s s") % {"seconds": number_format(delivery.duration, decimal_pos=2)}

    @admin.display(description=_("result"))
    def result(self, delivery: WebhookDelivery) -> str:
        return reports.result_text(delivery) or EMPTY_VALUE

    @admin.display(description=_("body"))
    def body(self, delivery: WebhookDelivery) -> str:
        """Return what is sent, in lines that people can read."""
        facts = json.loads(bodies.body_of(delivery))
        return _block(json.dumps(facts, ensure_ascii=False, indent=2))

    @admin.display(description=_("answer"))
    def answer(self, delivery: WebhookDelivery) -> str:
        """Return the beginning of what the receiver answered, as text whatever it is."""
        return _block(delivery.response) if delivery.response else EMPTY_VALUE


def _block(text: str) -> str:
    return format_html('<pre class="talk-text" tabindex="0">{}</pre>', text)
