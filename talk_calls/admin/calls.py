"""The admin of calls, past and running, with their exports."""

import json
from datetime import datetime
from typing import Any, Protocol

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.base import time_column
from talk_calls.admin.base_calls import BaseCallAdmin
from talk_calls.admin.charts import TimelineChart
from talk_calls.admin.filters import KindFilter, ReasonFilter
from talk_calls.admin.statistics import StatisticsMixin
from talk_calls.constants import ActorType
from talk_calls.host import accounts, clock
from talk_calls.models import Call, CallLeg
from talk_calls.reports.call_ends import reason_text, with_ends
from talk_calls.reports.downloads import as_csv, attachment, file_name
from talk_calls.reports.exports import call_facts, leg_headings, leg_rows
from talk_calls.reports.formatting import (
    EMPTY_VALUE,
    datetime_cell,
    datetime_text,
    duration_text,
    media_text,
)
from talk_calls.reports.timeline import Timeline, TimelineLeg, build_timeline


class _CallOnPage(Protocol):
    """What ``CallAdmin.get_object`` adds to a call."""

    timeline: Timeline


class CallAdmin(StatisticsMixin, BaseCallAdmin):
    """The newest call first."""

    list_display = (
        "where",
        "since",
        "until",
        "lasting",
        "people",
        "reason",
        "ended_by",
    )
    list_filter = ("started_at", KindFilter, ReasonFilter)
    search_fields = ("conversation_name", "conversation__token")
    change_form_template = "admin/talk_calls/call/change_form.html"
    search_hint = _("Name or token of a conversation, or the exact name of a user who was in.")
    since = time_column("started_at", _("started"))
    until = time_column("effective_end", _("ended"))
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the signaling server of a call that was on one."""
        return (*self.fields, "server") if obj and obj.signaling_server else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "server")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        calls: Any = super().get_queryset(request)
        return with_ends(calls.with_people(), clock.now()).select_related("conversation")

    def search(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        """Search conversations by part of their name, and users by a whole one, for an index."""
        if not search_term:
            return queryset, False
        words = search_term.strip()
        about = Q(conversation_name__icontains=words) | Q(conversation__token__icontains=words)
        users = accounts.accounts_named(words)
        if users:
            about |= Q(pk__in=CallLeg.objects.filter(user__in=users).values("call"))
        return queryset.filter(about), False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> _CallOnPage | None:
        """Return the call with its ``timeline``, which the fields below show."""
        call = super().get_object(request, object_id, from_field)
        if call is not None:
            call.timeline = build_timeline(call, clock.now())
        return call

    def object_context(self, request: HttpRequest, obj: _CallOnPage) -> dict[str, object]:
        timeline = obj.timeline
        return super().object_context(request, obj) | {
            "title": _("Call in {name}").format(name=names.isolated(timeline.name)),
            "subtitle": datetime_text(timeline.call.started_at),
            "timeline": timeline,
            "chart": TimelineChart(timeline),
            "legs": [_leg(leg, timeline) for leg in timeline.legs],
        }

    def legs_csv(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the legs of a call as CSV for people."""
        timeline = self._timeline(request, pk)
        name = _file_name(timeline, "csv")
        return attachment(as_csv(leg_headings(), leg_rows(timeline)), "text/csv", name=name)

    def call_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return a call with its legs and events as JSON."""
        timeline = self._timeline(request, pk)
        name = _file_name(timeline, "json")
        text = json.dumps(call_facts(timeline), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        return attachment(text, "application/json", name=name)

    def _timeline(self, request: HttpRequest, pk: int) -> Timeline:
        if not self.has_view_permission(request):
            raise PermissionDenied
        call = self.get_object(request, str(pk))
        if call is None:
            raise Http404
        return call.timeline

    @admin.display(description=_("duration"), ordering="effective_duration")
    def lasting(self, call: Call) -> str:
        return duration_text(call.effective_duration)

    @admin.display(description=_("people"), ordering="people")
    def people(self, call: Call) -> int:
        return call.people

    @admin.display(description=_("why it ended"), ordering="effective_reason")
    def reason(self, call: Call) -> str:
        return reason_text(call.effective_reason)

    @admin.display(description=_("ended by"), ordering="ended_by_name")
    def ended_by(self, call: Call) -> str:
        return names.isolated(call.ended_by) or EMPTY_VALUE

    @admin.display(description=_("started"))
    def started(self, call: _CallOnPage) -> str:
        return _when_and_who(call.timeline.call.started_at, call.timeline.started_by)

    @admin.display(description=_("ended"))
    def ended(self, call: _CallOnPage) -> str:
        if call.timeline.ended_at is None:
            return EMPTY_VALUE
        return _when_and_who(call.timeline.ended_at, call.timeline.ended_by)

    @admin.display(description=_("duration"))
    def duration(self, call: _CallOnPage) -> str:
        return duration_text(call.timeline.duration)

    @admin.display(description=_("why it ended"))
    def why(self, call: _CallOnPage) -> str:
        return call.timeline.reason_text

    @admin.display(description=_("people"))
    def people_and_peak(self, call: _CallOnPage) -> str:
        people, peak = call.timeline.people, call.timeline.peak
        return _("{people}, at most {peak} at the same time").format(people=people, peak=peak)

    @admin.display(description=_("media"))
    def sent(self, call: Call) -> str:
        return media_text(call.flags) or EMPTY_VALUE

    @admin.display(description=_("resumes"))
    def resumed(self, call: Call) -> str:
        """Return a link to the call that ended shortly before, as when a page is reloaded."""
        if call.resumes is None:
            return EMPTY_VALUE
        return self.link(
            call.resumes,
            _("the call of {time}").format(time=datetime_text(call.resumes.started_at)),
        )


def _file_name(timeline: Timeline, kind: str) -> str:
    title = _("Call in {name}").format(name=timeline.name)
    return file_name(title, timeline.call.started_at, kind)


def _leg(leg: TimelineLeg, timeline: Timeline) -> dict[str, object]:
    return {
        "who": leg.who,
        "device": leg.device,
        "kind": ActorType(leg.actor_type).label,
        "joined": datetime_cell(leg.joined_at),
        "left": datetime_cell(leg.left_at) if leg.left_at else EMPTY_VALUE,
        "lasted": duration_text(leg.duration(timeline.now)),
        "why": leg.reason_text,
        "media": media_text(leg.flags) or EMPTY_VALUE,
    }


def _when_and_who(at: datetime, who: str) -> str:
    if not who:
        return datetime_text(at)
    return _("{time}, by {name}").format(time=datetime_text(at), name=names.isolated(who))
