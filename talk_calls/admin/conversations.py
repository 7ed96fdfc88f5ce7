"""The admin of conversations: their settings, attendees, sessions and calls."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import (
    ATTENDEE_ACTIONS,
    CONVERSATION_ACTIONS,
    SESSION_ACTIONS,
    ActionButtons,
    AdminAction,
    AdminActionsMixin,
    action_buttons,
)
from talk_calls.admin.base import TalkAdmin, Text, time_column
from talk_calls.admin.filters import LobbyFilter, LockFilter
from talk_calls.admin.forms import NamedForm
from talk_calls.admin.why import WhyMixin
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.models import (
    Attendee,
    AuditEntry,
    Ban,
    Call,
    Conversation,
    Session,
    WebhookDelivery,
)
from talk_calls.models.audit import AuditSource
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts
from talk_calls.reports.call_ends import reason_text
from talk_calls.reports.formatting import EMPTY_VALUE, minute_text
from talk_calls.services import audit_context, conversations, participants

M = TypeVar("M", bound=Model)

#: Attendees and sessions on a conversation's page, at most; their own lists have all of them.
MAX_ROWS = 100


class ConversationAdmin(WhyMixin, AdminActionsMixin, TalkAdmin):
    """The conversation with the latest activity first; only its name and texts can be edited."""

    list_display = (
        "label",
        "token",
        "type",
        "attendee_count",
        "in_call",
        "lock",
        "lobby",
        "active",
    )
    list_filter = ("type", LockFilter, LobbyFilter)
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
        "created",
        "active",
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
        "created",
        "active",
    )
    actions = CONVERSATION_ACTIONS
    created = time_column("created_at", _("created"))
    active = time_column("last_activity_at", _("last activity"))
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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """Name the conversations; of what goes with them, say how much it is.

        That may be thousands of rows, some of which have no page and no name that operators know.
        """
        found: tuple[Any, ...] = super().get_deleted_objects(objs, request)
        deleted, counts, *rest = found
        known = {
            model._meta.verbose_name_plural
            for model in apps.get_models()
            if self.admin_site.is_registered(model)
        }
        return (
            [each for each in deleted if not isinstance(each, list)],
            {name: number for name, number in counts.items() if name in known},
            *rest,
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
        if _may_see(request, WebhookDelivery):
            context["webhooks"] = WebhookDelivery._meta.verbose_name_plural
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
            context["calls"] = [
                {"row": row, "why": reason_text(row.effective_reason)}
                for row in reports.calls_of(obj, now)
            ]
        return context

    def _buttons(
        self, actions: Iterable[AdminAction[M]], obj: M, request: HttpRequest
    ) -> ActionButtons[M]:
        return action_buttons(actions, obj, request, self.admin_site.name)

    @admin.display(description=_("name"), ordering="name")
    def label(self, conversation: Conversation) -> str:
        """Return the name, or the token if there is none."""
        return str(conversation)

    @admin.display(description=_("attendees"), ordering="attendee_total")
    def attendee_count(self, conversation: Conversation) -> int:
        return conversation.attendee_total

    @admin.display(description=_("call"), ordering="has_call")
    def in_call(self, conversation: Conversation) -> Text:
        return _("running") if conversation.has_call else EMPTY_VALUE

    @admin.display(description=_("lock"), ordering="read_only")
    def lock(self, conversation: Conversation) -> Text:
        return _("locked") if conversation.is_read_only else EMPTY_VALUE

    @admin.display(description=_("lobby"), ordering="lobby_state")
    def lobby(self, conversation: Conversation) -> str:
        now = clock.now()
        is_up = conversation.has_lobby(now)
        return reports.lobby_text(conversation, now) if is_up else EMPTY_VALUE

    @admin.display(description=_("linked to"))
    def linked(self, conversation: Conversation) -> str:
        return reports.link_text(conversation)

    @admin.display(description=_("lobby"))
    def lobby_now(self, conversation: Conversation) -> str:
        return reports.lobby_text(conversation, clock.now())

    @admin.display(description=_("lock"))
    def locked(self, conversation: Conversation) -> Text:
        return _("locked") if conversation.is_read_only else _("not locked")

    @admin.display(description=_("password"))
    def has_password(self, conversation: Conversation) -> Text:
        return _("set") if conversation.password else _("not set")

    @admin.display(description=_("attendees may"))
    def permissions(self, conversation: Conversation) -> str:
        return reports.default_permissions_text(conversation)

    @admin.display(description=_("call"))
    def call_now(self, conversation: Conversation) -> str:
        """Return a link to the running call, if there is one."""
        call = getattr(conversation, "open_call", None)
        if call is None or not conversation.has_call:
            return EMPTY_VALUE
        page = self.url_of("talk_calls_call_change", call.pk)
        return format_html('<a href="{}">{}</a>', page, _since(call.started_at))


def _since(at: datetime) -> str:
    return _("since {time}").format(time=minute_text(at))


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Return whether this operator has the view or the change permission of a model."""
    kind = model._meta.model_name
    return any(
        request.user.has_perm(f"talk_calls.{action}_{kind}") for action in ("view", "change")
    )
