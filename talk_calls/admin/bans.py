"""The admin of bans: who is kept out of which conversation, and letting them in again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import BAN_ACTIONS, DeleteByActionMixin
from talk_calls.admin.base import TalkAdmin, time_column
from talk_calls.host import accounts
from talk_calls.models import Ban
from talk_calls.reports.formatting import EMPTY_VALUE


class BanAdmin(DeleteByActionMixin, TalkAdmin):
    """The newest ban first."""

    list_display = ("label", "known_as", "actor_type", "conversation", "by", "created")
    list_filter = ("actor_type",)
    link_lookups = frozenset({"conversation__id__exact"})
    list_select_related = ("conversation", "user")
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-pk",)
    search_fields = ("display_name",)  # as in the admin of attendees
    fields = readonly_fields = (*list_display, "internal_note", "shown_note")
    actions = BAN_ACTIONS
    created = time_column("created_at", _("banned since"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ban]:
        bans: QuerySet[Ban] = super().get_queryset(request)
        return bans.select_related(*self.list_select_related)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        user = accounts.search_fields("user__")
        return ("display_name", "actor_id", *user, "conversation__name", "conversation__token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # attendees are banned by an action, others by the command

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return False

    @admin.display(description=_("name"), ordering="display_name")
    def label(self, ban: Ban) -> str:
        return str(ban)

    @admin.display(description=_("known as"))
    def known_as(self, ban: Ban) -> str:
        """Return the id by which clients know who is banned; that of a guest says nothing."""
        return EMPTY_VALUE if ban.browser else ban.known_as

    @admin.display(description=_("banned by"))
    def by(self, ban: Ban) -> str:
        return ban.moderator or EMPTY_VALUE
