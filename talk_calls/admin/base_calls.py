"""What the admins of past and of live calls share."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.actions import CALL_ACTIONS, AdminActionsMixin
from talk_calls.admin.base import ReadOnlyMixin, Text, time_column
from talk_calls.models import Call
from talk_calls.reports.formatting import EMPTY_VALUE


class BaseCallAdmin(ReadOnlyMixin, AdminActionsMixin):
    """Base of the admins of calls."""

    actions = CALL_ACTIONS
    list_select_related = ("conversation",)
    show_full_result_count = False
    list_per_page = 50
    list_display_links = ("since",)

    #: What the search finds, shown above the list. Django's ``search_help_text`` would describe a
    #: field whose label is an icon, and axe does not accept an icon as a label.
    search_hint: Text = ""

    since = time_column("started_at", _("since"))

    class Media:
        css = {"all": ["talk_calls/admin/calls.css", "talk_calls/admin/charts.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the permission of ``Call``; the proxy of live calls has none of its own."""
        return request.user.has_perm("talk_calls.view_call")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {"search_hint": self.search_hint} | (extra_context or {})
        return super().changelist_view(request, context)

    @admin.display(description=_("conversation"), ordering="conversation_name")
    def where(self, call: Call) -> str:
        """Return the conversation's name, as a link to its page if it still exists."""
        name = names.isolated(call.title)
        return name if call.conversation is None else self.link(call.conversation, name)

    @admin.display(description=_("kind"), ordering="conversation__type")
    def kind(self, call: Call) -> str:
        return call.conversation.get_type_display() if call.conversation else EMPTY_VALUE

    @admin.display(description=_("signaling server"), ordering="signaling_server")
    def server(self, call: Call) -> str:
        """Return the server that it is on; none with internal signaling, and in a cluster."""
        return call.signaling_server or EMPTY_VALUE

    def link(self, obj: Model, text: str) -> str:
        """Return a link to the page of an object."""
        page = self.url_of(f"talk_calls_{obj._meta.model_name}_change", obj.pk)
        return format_html('<a href="{}">{}</a>', page, text)
