"""Calls and their legs: history, so nothing can be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from talk_calls import clock
from talk_calls.admin.actions import END_CALL, SteeredAdmin
from talk_calls.admin.base import ReadOnlyInline, ReadOnlyMixin
from talk_calls.models import Call, CallLeg, Session


class CallLegInline(ReadOnlyInline):
    """Who was in, from when to when, and why they left."""

    model = CallLeg
    fields = readonly_fields = (
        "display_name",
        "actor_type",
        "actor_id",
        "session_key",
        "joined_at",
        "left_at",
        "reason",
        "flags",
    )


@admin.register(Call)
class CallAdmin(ReadOnlyMixin, SteeredAdmin):
    """The newest call first."""

    list_display = ("where", "running", "started_at", "ended_at", "end_reason", "leg_count")
    list_filter = ("end_reason", "started_at")
    search_fields = ("conversation_name", "conversation__token")
    list_select_related = ("conversation",)
    fields = (
        "conversation",
        "conversation_name",
        "started_at",
        "ended_at",
        "duration",
        "end_reason",
        "ended_by",
        "peak",
        "flags",
        "resumes",
    )
    readonly_fields = ("duration", "ended_by", "peak")
    inlines = (CallLegInline,)
    deeds = (END_CALL,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        """Count the legs, and see who is live, in the list's own query."""
        calls: QuerySet[Call] = super().get_queryset(request)
        here = Q(conversation_id=OuterRef("conversation_id"))
        live = Session.objects.live_in_call(clock.now()).filter(here)
        return calls.annotate(leg_total=Count("legs"), anybody_live=Exists(live))

    @admin.display(boolean=True)
    def running(self, call: Any) -> bool:
        """Tell whether anybody is in; an open call that everybody vanished from is over."""
        return call.ended_at is None and bool(call.anybody_live)

    @admin.display(description="conversation", ordering="conversation_name")
    def where(self, call: Call) -> str:
        """Return the name of the conversation, which may be gone by now."""
        return call.conversation_name or str(call.conversation or "one-to-one")

    @admin.display(description="ended by")
    def ended_by(self, call: Call) -> str:
        """Return who ended it, if it was somebody."""
        return call.ended_by_name or call.ended_by_id or "–"

    @admin.display(description="legs", ordering="leg_total")
    def leg_count(self, call: Any) -> int:
        """Return how many stretches people spent in it."""
        return int(call.leg_total)
