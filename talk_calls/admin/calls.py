"""Calls as history has them: nothing can be changed. A call that goes on has the same page."""

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from talk_calls.admin.columns import NOTHING, CallColumns
from talk_calls.admin.filters import KindFilter
from talk_calls.admin.statistics import StatisticsPage
from talk_calls.admin.timeline_picture import TimelinePicture
from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, Session
from talk_calls.reports.downloads import as_csv, attachment, file_name
from talk_calls.reports.exports import LEG_COLUMNS, call_facts, leg_rows
from talk_calls.reports.timeline import Stretch, Timeline, timeline
from talk_calls.reports.words import duration, media


@admin.register(Call)
class CallAdmin(StatisticsPage, CallColumns):
    """The newest call first."""

    list_display = (
        "where",
        "running",
        "since",
        "lasting",
        "people",
        "reason",
        "ended_by",
    )
    list_filter = ("started_at", KindFilter, "end_reason")
    search_fields = ("conversation_name", "conversation__token")
    change_form_template = "admin/talk_calls/call/change_form.html"
    search_hint = "Name or token of a conversation, or the exact user name of who was in."
    fields = readonly_fields = (
        "where",
        "kind",
        "started",
        "ended",
        "duration",
        "why",
        "people_and_peak",
        "sent",
        "resumed",
    )
    pages = {
        "statistics/": "statistics",
        "<int:pk>/legs.csv": "legs_csv",
        "<int:pk>/call.json": "call_json",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        """Load what the columns show in the list's own query."""
        calls: Any = super().get_queryset(request)
        live = Session.objects.live_in_call(clock.now())
        here = live.filter(conversation=OuterRef("conversation"))
        found: QuerySet[Call] = calls.with_people().annotate(anybody_live=Exists(here))
        return found.select_related("conversation")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search conversations, and users by their whole name, which has an index."""
        if not search_term:
            return queryset, False
        words = search_term.strip()
        about = Q(conversation_name__icontains=words) | Q(conversation__token__icontains=words)
        user = conf.directory.find_user(words)
        if user is not None:
            about |= Q(pk__in=CallLeg.objects.filter(user=user.pk).values("call"))
        return queryset.filter(about), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under its own name."""
        return super().changelist_view(request, {"title": "Calls"} | (extra_context or {}))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any | None:
        """Return the call with all that is told of it, as ``told``."""
        call: Any = super().get_object(request, object_id, from_field)
        if call is not None:
            call.told = timeline(call, clock.now())
        return call

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the picture and the tables below the facts."""
        told = context["original"].told
        more = {
            "title": f"Call in {told.name}",
            "told": told,
            "picture": TimelinePicture(told),
            "legs": [_leg(stretch, told) for stretch in told.stretches],
        }
        return super().render_change_form(request, context | more, *args, **kwargs)

    def legs_csv(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the legs of a call as a spreadsheet opens them."""
        told = self._told(request, pk)
        name = file_name(f"Call in {told.name}", told.call.started_at, "csv")
        return attachment(as_csv(LEG_COLUMNS, leg_rows(told)), "text/csv", name=name)

    def call_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with all that is told of a call."""
        told = self._told(request, pk)
        name = file_name(f"Call in {told.name}", told.call.started_at, "json")
        text = json.dumps(call_facts(told), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        return attachment(text, "application/json", name=name)

    def _told(self, request: HttpRequest, pk: int) -> Timeline:
        if not self.has_view_permission(request):
            raise PermissionDenied
        call = self.get_object(request, str(pk))
        if call is None:
            raise Http404
        told: Timeline = call.told
        return told

    @admin.display(boolean=True)
    def running(self, call: Any) -> bool:
        """Tell whether anybody is in; an open call that everybody vanished from is over."""
        return call.ended_at is None and bool(call.anybody_live)

    @admin.display(description="duration", ordering=F("ended_at") - F("started_at"))
    def lasting(self, call: Call) -> str:
        """Return how long it lasted."""
        return duration(call.duration) if call.duration is not None else NOTHING

    @admin.display(ordering="people")
    def people(self, call: Any) -> int:
        """Return how many different people were in."""
        return int(call.people)

    @admin.display(description="why", ordering="end_reason")
    def reason(self, call: Call) -> str:
        """Return why it ended."""
        return call.get_end_reason_display() or NOTHING

    @admin.display(description="by", ordering="ended_by_name")
    def ended_by(self, call: Call) -> str:
        """Return who ended it, if it was somebody."""
        return call.ended_by_name or call.ended_by_id or NOTHING

    @admin.display
    def started(self, call: Any) -> str:
        """Return when it started, and by whom."""
        return _when_and_who(call.told.call.started_at, call.told.started_by)

    @admin.display
    def ended(self, call: Any) -> str:
        """Return when it ended, and by whom."""
        if call.told.ended_at is None:
            return NOTHING
        return _when_and_who(call.told.ended_at, call.told.ended_by)

    @admin.display
    def duration(self, call: Any) -> str:
        """Return how long it lasted, or has lasted so far."""
        return duration(call.told.duration)

    @admin.display
    def why(self, call: Any) -> str:
        """Return why it ended."""
        return str(call.told.why)

    @admin.display(description="people")
    def people_and_peak(self, call: Any) -> str:
        """Return how many people were in, and how many at once."""
        return f"{call.told.people}, at most {call.told.peak} at the same time"

    @admin.display(description="media")
    def sent(self, call: Any) -> str:
        """Return what anybody sent."""
        return ", ".join(media(call.flags)) or NOTHING

    @admin.display(description="resumes")
    def resumed(self, call: Any) -> str:
        """Return the way to the call that ended a moment before."""
        if call.resumes is None:
            return NOTHING
        return self.link(call.resumes, f"the call of {_moment(call.resumes.started_at)}")


def _leg(stretch: Stretch, told: Timeline) -> dict[str, Any]:
    return {
        "who": stretch.who,
        "device": stretch.device,
        "kind": ActorType(stretch.actor_type).label,
        "joined": _moment(stretch.joined_at),
        "left": _moment(stretch.left_at) if stretch.left_at else NOTHING,
        "lasted": duration(stretch.lasted(told.now)),
        "why": stretch.why,
        "media": ", ".join(media(stretch.flags)) or NOTHING,
    }


def _when_and_who(at: datetime, who: str) -> str:
    return f"{_moment(at)}, by {who}" if who else _moment(at)


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
