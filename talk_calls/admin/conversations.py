"""Conversations: what is agreed in them, who is there, and what happened."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from talk_calls import clock
from talk_calls.admin.actions import (
    ATTENDEE_ACTIONS,
    CONVERSATION_ACTIONS,
    SESSION_ACTIONS,
    ActionButtons,
    AdminAction,
    AdminActionsMixin,
    action_buttons,
)
from talk_calls.admin.base import TalkAdmin
from talk_calls.admin.why import WhyMixin
from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.reports import conversations as reports
from talk_calls.reports import permissions
from talk_calls.services import conversations

#: Attendees and sessions that a conversation's page shows; their own lists have all of them.
MOST_ROWS = 100


@admin.register(Conversation)
class ConversationAdmin(WhyMixin, AdminActionsMixin, TalkAdmin):
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
        "listable",
        "locked",
        "lobby_now",
        "has_password",
        "permissions",
        "call_now",
        "created_at",
        "last_activity_at",
    )
    readonly_fields = (
        "token",
        "type",
        "locked",
        "lobby_now",
        "has_password",
        "permissions",
        "call_now",
        "created_at",
        "last_activity_at",
    )
    actions = CONVERSATION_ACTIONS
    change_form_template = "admin/talk_calls/conversation/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Load what the columns show in the list's own query."""
        return reports.listed(super().get_queryset(request), clock.now())

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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add who is there and what happened, as far as this operator may see it."""
        conversation = context.get("original")
        if conversation is not None:
            context |= self._parts(request, conversation)
        return super().render_change_form(request, context, *args, **kwargs)

    def _parts(self, request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
        now = clock.now()
        parts: dict[str, Any] = {"most_rows": MOST_ROWS}
        if _may_see(request, Attendee):
            parts["attendee_total"] = conversation.attendees.count()
            rows = reports.attendees_of(conversation, now)[:MOST_ROWS]
            parts["attendees"] = [
                {
                    "row": row,
                    "may": permissions.effective(conversation, row),
                    "level": permissions.level(conversation, row),
                    "buttons": self._buttons(ATTENDEE_ACTIONS, row, request),
                }
                for row in rows
            ]
        if _may_see(request, Session):
            sessions = reports.sessions_of(conversation, now)
            parts["session_total"] = sessions.count()
            parts["sessions"] = [
                {
                    "row": row,
                    "in_call": bool(row.flags_at(now)),
                    "buttons": self._buttons(SESSION_ACTIONS, row, request),
                }
                for row in sessions[:MOST_ROWS]
            ]
        if _may_see(request, Call):
            parts["calls"] = list(reports.calls_of(conversation))
        return parts

    def _buttons(
        self, actions: tuple[AdminAction[Any], ...], obj: Model, request: HttpRequest
    ) -> ActionButtons:
        return action_buttons(actions, obj, request, self.admin_site.name)

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

    @admin.display(description="lobby")
    def lobby_now(self, conversation: Conversation) -> str:
        """Return whether the lobby is up, and until when."""
        return reports.lobby_in_words(conversation, clock.now())

    @admin.display(description="locked")
    def locked(self, conversation: Conversation) -> str:
        """Tell whether nobody may call."""
        return "yes" if conversation.is_read_only else "no"

    @admin.display(description="password")
    def has_password(self, conversation: Conversation) -> str:
        """Tell whether newcomers need a password."""
        return "yes" if conversation.password else "no"

    @admin.display(description="attendees may")
    def permissions(self, conversation: Conversation) -> str:
        """Return what attendees may do who have no permissions of their own."""
        return reports.permissions_in_words(conversation)

    @admin.display(description="call")
    def call_now(self, conversation: Any) -> str:
        """Return a link to the call that is running."""
        call = getattr(conversation, "open_call", None)
        if call is None or not conversation.has_call:
            return "none"
        page = reverse("admin:talk_calls_call_change", args=[call.pk])
        since = f"{timezone.localtime(call.started_at):%Y-%m-%d %H:%M}"
        return format_html('<a href="{}">since {}</a>', page, since)


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Tell whether this operator may look at rows of a model, or change them."""
    kind = model._meta.model_name
    return any(
        request.user.has_perm(f"talk_calls.{action}_{kind}") for action in ("view", "change")
    )
