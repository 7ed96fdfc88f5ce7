"""Calls that go on now: a page that keeps itself up to date."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from talk_calls.admin.columns import NOTHING, CallColumns
from talk_calls.admin.filters import KindFilter, MediaFilter
from talk_calls.admin.load_chart import LoadChart
from talk_calls.host import clock
from talk_calls.models import LiveCall
from talk_calls.reports.live import calls_about, live
from talk_calls.reports.load import load
from talk_calls.reports.words import duration, media

_DAY = timedelta(days=1)


class _LiveCalls(ChangeList):
    def url_for_result(self, result: Any) -> str:
        """Lead to the page that a call has also when it is over."""
        return _page_of(self.model_admin, result.pk)


@admin.register(LiveCall)
class LiveCallAdmin(CallColumns):
    """The newest call first; above the list, how much goes on and went on."""

    list_display = (
        "where",
        "kind",
        "people",
        "devices",
        "sent",
        "since",
        "lasting",
        "silent_for",
    )
    list_filter = (KindFilter, MediaFilter)
    search_fields = ("conversation__name",)  # what is searched, `get_search_results` says
    search_hint = "Name or token of a conversation, or name of somebody who is in."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load what the columns show in the list's own query."""
        now = clock.now()
        return LiveCall.objects.live(now).with_live(now)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search conversations and who is in; no row comes twice."""
        if not search_term:
            return queryset, False
        return calls_about(queryset, search_term.strip(), clock.now()), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list whose rows lead to a call's page."""
        return _LiveCalls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list below the totals and the load of the last day."""
        now = clock.now()
        context = {
            "title": "Live calls",
            "as_of": now,
            "live": live(now),
            "chart": LoadChart(load(now - _DAY, now)),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the page that a call has also when it is over."""
        return redirect(_page_of(self, object_id))

    @admin.display(ordering="people_now")
    def people(self, call: Any) -> int:
        """Return how many attendees are in."""
        return int(call.people_now)

    @admin.display(ordering="devices_now")
    def devices(self, call: Any) -> int:
        """Return on how many devices."""
        return int(call.devices_now)

    @admin.display(description="media", ordering="flags_now")
    def sent(self, call: Any) -> str:
        """Return what they send."""
        return ", ".join(media(call.flags_now)) or NOTHING

    @admin.display(description="for", ordering="-started_at")
    def lasting(self, call: Any) -> str:
        """Return how long it has lasted."""
        return duration(clock.now() - call.started_at)

    @admin.display(description="ping", ordering="oldest_ping")
    def silent_for(self, call: Any) -> str:
        """Return how long ago whoever was silent for longest pinged."""
        return f"{max(0, round((clock.now() - call.oldest_ping).total_seconds()))} s ago"


def _page_of(model_admin: admin.ModelAdmin, pk: Any) -> str:
    return reverse(f"{model_admin.admin_site.name}:talk_calls_call_change", args=[pk])
