"""Columns that lists and pages of calls share."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from talk_calls.admin.actions import CALL_ACTIONS, AdminActionsMixin
from talk_calls.admin.base import ReadOnlyMixin, TalkAdmin
from talk_calls.models import Call

#: What stands where there is nothing to tell.
NOTHING = "–"


class CallColumns(ReadOnlyMixin, AdminActionsMixin, TalkAdmin):
    """Base of the lists of calls."""

    actions = CALL_ACTIONS
    list_select_related = ("conversation",)
    show_full_result_count = False
    list_per_page = 50

    #: What the search finds. Not Django's ``search_help_text``: it describes a field whose label is
    #: a picture, which is no label to axe.
    search_hint = ""
    list_display_links = ("since",)

    class Media:
        """Styles of what we draw."""

        css = {"all": ["talk_calls/admin/calls.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let in who may look at calls, those that go on and those that are over."""
        return request.user.has_perm("talk_calls.view_call")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with what the search finds."""
        context = {"search_hint": self.search_hint} | (extra_context or {})
        return super().changelist_view(request, context)

    @admin.display(description="conversation", ordering="conversation_name")
    def where(self, call: Call) -> str:
        """Return the name of the conversation, which may be gone by now, with a way to its page."""
        name = call.conversation_name or str(call.conversation or "one-to-one")
        if call.conversation is None:
            return name
        return self.link(call.conversation, name)

    @admin.display(description="kind", ordering="conversation__type")
    def kind(self, call: Call) -> str:
        """Return the kind of the conversation."""
        return call.conversation.get_type_display() if call.conversation else NOTHING

    @admin.display(description="since", ordering="started_at")
    def since(self, call: Call) -> str:
        """Return when it started, short enough for a list."""
        return f"{timezone.localtime(call.started_at):%Y-%m-%d %H:%M}"

    def link(self, to: Model, words: str) -> str:
        """Return a link to the page of a row."""
        route = f"{self.admin_site.name}:talk_calls_{to._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(route, args=[to.pk]), words)
