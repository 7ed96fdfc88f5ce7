"""The admin of calls that are running now. The page refreshes itself, by ``live.js``."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.base_calls import BaseCallAdmin
from talk_calls.admin.charts import LoadChart
from talk_calls.admin.filters import KindFilter, MediaFilter
from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.models import Call, LiveCall
from talk_calls.reports.formatting import EMPTY_VALUE, duration_text, media_text
from talk_calls.reports.live import DAY, live_totals, search_live_calls
from talk_calls.reports.load import load


class _LiveCalls(ChangeList):
    model_admin: "LiveCallAdmin"

    def url_for_result(self, result: Model) -> str:
        """Link to the page that a call keeps when it is over."""
        return self.model_admin.page_of(result.pk)


class LiveCallAdmin(BaseCallAdmin):
    """The newest call first; above the list are totals and the load of the last day."""

    list_display = (
        "where",
        "kind",
        "people",
        "devices",
        "sent",
        "since",
        "lasting",
        "since_ping",
    )
    list_filter = (KindFilter, MediaFilter)
    search_fields = ("conversation__name",)  # shows the field; `search` searches
    search_hint = _("Name or token of a conversation, or name of somebody in the call.")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show the servers where there are several that a call may be on."""
        signaling = conf.signaling
        is_shown = signaling.external and len(signaling.servers) > 1 and not signaling.cluster
        return (*self.list_display, "server") if is_shown else self.list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        now = clock.now()
        return LiveCall.objects.live(now).with_live(now)

    def search(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        if not search_term:
            return queryset, False
        return search_live_calls(queryset, search_term.strip(), clock.now()), False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return _LiveCalls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        now = clock.now()
        context = {
            "as_of": now,
            "live": live_totals(now),
            "chart": LoadChart(load(now - DAY, now)),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Redirect to the page that a call keeps when it is over."""
        return redirect(self.page_of(object_id))

    @admin.display(description=_("people"), ordering="people_now")
    def people(self, call: LiveCall) -> int:
        return call.people_now

    @admin.display(description=_("devices"), ordering="devices_now")
    def devices(self, call: LiveCall) -> int:
        return call.devices_now

    @admin.display(description=_("media"), ordering="flags_now")
    def sent(self, call: LiveCall) -> str:
        return media_text(call.flags_now) or EMPTY_VALUE

    @admin.display(description=_("duration"), ordering="-started_at")
    def lasting(self, call: LiveCall) -> str:
        return duration_text(clock.now() - call.started_at)

    @admin.display(description=_("last ping"), ordering="oldest_ping")
    def since_ping(self, call: LiveCall) -> str:
        """Return how long ago the oldest of the last pings of all devices was."""
        seconds = max(0, round((clock.now() - call.oldest_ping).total_seconds()))
        return _("{seconds} s ago").format(seconds=seconds)

    def page_of(self, pk: object) -> str:
        """Return the page that a call keeps when it is over."""
        return self.url_of("talk_calls_call_change", pk)
