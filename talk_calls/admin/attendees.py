"""The admin of attendees: find them, remove, promote and demote them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import (
    ATTENDEE_ACTIONS,
    DeleteByActionMixin,
)
from talk_calls.admin.base import TalkAdmin, Text, time_column
from talk_calls.host import accounts, clock
from talk_calls.models import Attendee
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts
from talk_calls.reports.formatting import EMPTY_VALUE


class AttendeeAdmin(DeleteByActionMixin, TalkAdmin):
    """The newest attendee first."""

    list_display = (
        "label",
        "user",
        "actor_type",
        "participant_type",
        "conversation",
        "devices",
        "in_call",
    )
    list_filter = ("participant_type", "actor_type")
    link_lookups = frozenset({"conversation__id__exact"})
    list_select_related = ("conversation", "user")
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-pk",)
    search_fields = ("display_name",)  # Django wants some for `autocomplete_fields` of a host
    fields = (
        "label",
        "user",
        "actor_type",
        "actor_id",
        "conversation",
        "participant_type",
        "may",
        "came_by",
        "devices",
        "in_call",
        "created",
    )
    readonly_fields = fields
    actions = ATTENDEE_ACTIONS
    created = time_column("created_at", _("attendee since"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendee]:
        attendees = super().get_queryset(request).select_related("conversation", "user")
        return reports.with_presence(attendees, clock.now())

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        user = accounts.search_fields("user__")
        return ("display_name", *user, "conversation__name", "conversation__token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # attendees are invited, or join by themselves

    def has_change_permission(self, request: HttpRequest, obj: Attendee | None = None) -> bool:
        return False  # roles are changed by actions

    @admin.display(description=_("name"), ordering="display_name")
    def label(self, attendee: Attendee) -> str:
        return str(attendee)

    @admin.display(description=_("devices online"), ordering="device_total")
    def devices(self, attendee: Attendee) -> int:
        return attendee.device_total

    @admin.display(description=_("call"), ordering="in_call_now")
    def in_call(self, attendee: Attendee) -> Text:
        return _("In the call") if attendee.in_call_now else EMPTY_VALUE

    @admin.display(description=_("came in"))
    def came_by(self, attendee: Attendee) -> Text:
        """Return what gave the membership, and takes it again."""
        if attendee.by_host:
            return _("Through an object of the site, which decides about role and membership")
        if attendee.by_group:
            return _("With a group, and goes when it leaves that group")
        return _("By an invitation or the link")

    @admin.display(description=_("permissions"))
    def may(self, attendee: Attendee) -> str:
        """Return the effective permissions, and the level that sets them."""
        allowed = permission_texts.describe_effective(attendee.conversation, attendee)
        level = permission_texts.level(attendee.conversation, attendee)
        return gettext("{allowed} (from: {level})").format(allowed=allowed, level=level)
