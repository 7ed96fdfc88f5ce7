"""The admin of conversations: their settings, attendees, sessions and calls."""

from collections.abc import Iterable
from typing import TypeVar, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html

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
from talk_calls.admin.forms import NamedForm
from talk_calls.admin.why import WhyMixin
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, AuditEntry, Ban, Call, Conversation, Session
from talk_calls.models.audit import AuditSource
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts
from talk_calls.reports.formatting import minute_text
from talk_calls.services import audit_context, conversations, participants

M = TypeVar("M", bound=Model)

#: Attendees and sessions on a conversation's page, at most; their own lists have all of them.
MAX_ROWS = 100


class ConversationAdmin(WhyMixin, AdminActionsMixin, TalkAdmin):
    """The conversation with the latest activity first; only its name and texts can be edited."""

    list_display = ("label", "token", "type", "attendee_count", "in_call", "read_only", "lobby")
    list_filter = ("type", "read_only", "lobby_state")
    search_fields = ("name", "token")
    form = NamedForm
    ordering = ("-last_activity_at",)
    fields = (
        "token",
        "type",
        "name",
        "description",
        "linked",
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
        "linked",
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
        return reports.with_overview(super().get_queryset(request), clock.now())

    def get_readonly_fields(
        self, request: HttpRequest, obj: Conversation | None = None
    ) -> tuple[str, ...]:
        """Add what the object decides to which the conversation is linked."""
        names = ("name", "description", "listable")
        fixed = [name for name in names if obj and conversations.is_fixed(obj, name)]
        return (*self.readonly_fields, *fixed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people create conversations in their apps, or with talk_conversation

    def save_model(
        self, request: HttpRequest, obj: Conversation, form: ModelForm, change: bool
    ) -> None:
        """Write the edited fields only, since others may have changed in the meantime."""
        if form.changed_data:
            with audit_context.acting_from(AuditSource.ADMIN):
                conversations.edit(
                    conversation=obj,
                    fields=form.changed_data,
                    now=clock.now(),
                    performed_by=participants.operator(cast(HostUser, request.user)),
                )

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        """Delete through the service, which ends the call first."""
        operator = participants.operator(cast(HostUser, request.user))
        with audit_context.acting_from(AuditSource.ADMIN):
            conversations.delete(conversation=obj, now=clock.now(), performed_by=operator)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for conversation in queryset:
            self.delete_model(request, conversation)

    def object_context(self, request: HttpRequest, obj: Conversation) -> dict[str, object]:
        """Add the attendees, sessions and calls, as far as this operator may see them."""
        now = clock.now()
        context = super().object_context(request, obj) | {"max_rows": MAX_ROWS}
        if _may_see(request, Attendee):
            context["attendee_total"] = obj.attendees.count()
            rows = reports.attendees_of(obj, now)[:MAX_ROWS]
            context["attendees"] = [
                {
                    "row": row,
                    "may": permission_texts.describe_effective(obj, row),
                    "level": permission_texts.level(obj, row),
                    "buttons": self._buttons(ATTENDEE_ACTIONS, row, request),
                }
                for row in rows
            ]
        if _may_see(request, Ban):
            context["ban_total"] = obj.bans.count()
        if _may_see(request, AuditEntry):
            context["audit_entries"] = AuditEntry._meta.verbose_name_plural
        if _may_see(request, Session):
            sessions = reports.sessions_of(obj, now)
            context["session_total"] = sessions.count()
            context["sessions"] = [
                {
                    "row": row,
                    "in_call": bool(row.flags_at(now)),
                    "buttons": self._buttons(SESSION_ACTIONS, row, request),
                }
                for row in sessions[:MAX_ROWS]
            ]
        if _may_see(request, Call):
            context["calls"] = list(reports.calls_of(obj))
        return context

    def _buttons(
        self, actions: Iterable[AdminAction[M]], obj: M, request: HttpRequest
    ) -> ActionButtons[M]:
        return action_buttons(actions, obj, request, self.admin_site.name)

    @admin.display(description="name", ordering="name")
    def label(self, conversation: Conversation) -> str:
        """Return the name, or the token if there is none."""
        return str(conversation)

    @admin.display(description="attendees", ordering="attendee_total")
    def attendee_count(self, conversation: Conversation) -> int:
        return conversation.attendee_total

    @admin.display(boolean=True, description="call", ordering="has_call")
    def in_call(self, conversation: Conversation) -> bool:
        return conversation.has_call

    @admin.display(boolean=True, description="lobby")
    def lobby(self, conversation: Conversation) -> bool:
        return conversation.has_lobby(clock.now())

    @admin.display(description="linked to")
    def linked(self, conversation: Conversation) -> str:
        return reports.link_text(conversation)

    @admin.display(description="lobby")
    def lobby_now(self, conversation: Conversation) -> str:
        return reports.lobby_text(conversation, clock.now())

    @admin.display(description="locked")
    def locked(self, conversation: Conversation) -> str:
        return "yes" if conversation.is_read_only else "no"

    @admin.display(description="password")
    def has_password(self, conversation: Conversation) -> str:
        return "yes" if conversation.password else "no"

    @admin.display(description="attendees may")
    def permissions(self, conversation: Conversation) -> str:
        return reports.default_permissions_text(conversation)

    @admin.display(description="call")
    def call_now(self, conversation: Conversation) -> str:
        """Return a link to the running call, or ``none``."""
        call = getattr(conversation, "open_call", None)
        if call is None or not conversation.has_call:
            return "none"
        page = self.url_of("talk_calls_call_change", call.pk)
        return format_html('<a href="{}">since {}</a>', page, minute_text(call.started_at))


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Return whether this operator has the view or the change permission of a model."""
    kind = model._meta.model_name
    return any(
        request.user.has_perm(f"talk_calls.{action}_{kind}") for action in ("view", "change")
    )
