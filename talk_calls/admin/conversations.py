"""Conversations with their attendees and sessions."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from talk_calls import clock
from talk_calls.admin.base import ReadOnlyInline, TalkAdmin
from talk_calls.admin.why import WhyMixin
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.models.calls import call_annotations
from talk_calls.services import conversations


class AttendeeInline(ReadOnlyInline):
    """Who belongs to the conversation."""

    model = Attendee
    fields = readonly_fields = ("display_name", "participant_type", "actor_type", "created_at")


class SessionInline(ReadOnlyInline):
    """Who is online in it."""

    model = Session
    verbose_name_plural = "sessions"
    fields = readonly_fields = ("attendee", "in_call_now", "last_ping", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Leave out sessions that exist no more and only wait to be swept away."""
        sessions = super().get_queryset(request)
        present = sessions & Session.objects.present(clock.now())
        return present.select_related("attendee").order_by("-last_ping")

    @admin.display(boolean=True, description="in call")
    def in_call_now(self, session: Session) -> bool:
        """Tell whether the session counts in the call."""
        return bool(session.flags_at(clock.now()))


@admin.register(Conversation)
class ConversationAdmin(WhyMixin, TalkAdmin):
    """What was agreed can be read; only the words of a conversation can be edited here."""

    list_display = ("label", "token", "type", "attendee_count", "in_call", "read_only", "lobby")
    list_filter = ("type", "read_only", "lobby_state")
    search_fields = ("name", "token")
    ordering = ("-last_activity_at",)
    fields = (
        "token",
        "type",
        "name",
        "description",
        "read_only",
        "lobby_state",
        "lobby_timer",
        "listable",
        "created_at",
        "last_activity_at",
    )
    readonly_fields = (
        "token",
        "type",
        "read_only",
        "lobby_state",
        "lobby_timer",
        "created_at",
        "last_activity_at",
    )
    inlines = (AttendeeInline, SessionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Load what the columns show in the list's own query."""
        found: QuerySet[Conversation] = super().get_queryset(request)
        total = Count("attendees", distinct=True)
        return found.annotate(attendee_total=total, **call_annotations(clock.now()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: conversations are made by the people in them."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Conversation, form: ModelForm, change: bool
    ) -> None:
        """Write what was edited and nothing else: the lobby may have gone up meanwhile."""
        if form.changed_data:
            conversations.edit(conversation=obj, fields=form.changed_data, now=clock.now())

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        """End the call before the rows go."""
        conversations.delete(conversation=obj, now=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End each call before the rows go."""
        for conversation in queryset:
            self.delete_model(request, conversation)

    @admin.display(description="name", ordering="name")
    def label(self, conversation: Conversation) -> str:
        """Return the name, or the token of a nameless conversation."""
        return str(conversation)

    @admin.display(description="attendees", ordering="attendee_total")
    def attendee_count(self, conversation: Any) -> int:
        """Return how many belong to it."""
        return int(conversation.attendee_total)

    @admin.display(boolean=True, description="call", ordering="has_call")
    def in_call(self, conversation: Any) -> bool:
        """Tell whether a call is running."""
        return bool(conversation.has_call)

    @admin.display(boolean=True, description="lobby")
    def lobby(self, conversation: Conversation) -> bool:
        """Tell whether the lobby is up now, its timer included."""
        return conversation.has_lobby(clock.now())
