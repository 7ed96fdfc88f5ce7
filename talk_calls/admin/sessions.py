"""The admin of sessions: find devices that are online, and disconnect them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import (
    SESSION_ACTIONS,
    DeleteByActionMixin,
)
from talk_calls.admin.base import TalkAdmin, Text, time_column
from talk_calls.conf import conf
from talk_calls.host import accounts, clock
from talk_calls.models import Session
from talk_calls.reports.formatting import EMPTY_VALUE


class PresenceFilter(admin.SimpleListFilter):
    """Filter by whether a session is in the call, online, or expired."""

    title = _("presence")
    parameter_name = "presence"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        texts = {"call": _("In the call"), "present": _("Online"), "gone": _("Gone")}
        return [(value, str(text)) for value, text in texts.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        sessions, now = Session.objects, clock.now()
        match self.value():
            case "call":
                return queryset & sessions.live_in_call(now)
            case "present":
                return queryset & sessions.present(now)
            case "gone":
                return queryset & sessions.expired(now)
            case _:
                return queryset


class SessionAdmin(DeleteByActionMixin, TalkAdmin):
    """The newest ping first. The session id is a secret of the device and is not shown."""

    list_display = (
        "label",
        "attendee",
        "user",
        "conversation",
        "presence",
        "pinged",
        "created",
    )
    list_filter = (PresenceFilter,)
    link_lookups = frozenset({"conversation__id__exact"})
    list_select_related = ("attendee__user", "conversation")
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-last_ping", "-pk")
    search_fields = ("attendee__display_name",)  # as in the admin of attendees
    fields = readonly_fields = list_display
    actions = SESSION_ACTIONS
    pinged = time_column("last_ping", _("last ping"))
    created = time_column("created_at", _("here since"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        # `list_select_related` is for lists; this is for an object's page too.
        sessions: QuerySet[Session] = super().get_queryset(request)
        return sessions.select_related(*self.list_select_related)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        user = accounts.search_fields("attendee__user__")
        return ("attendee__display_name", *user, "conversation__name", "conversation__token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # clients create sessions

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False

    @admin.display(description=_("session"))
    def label(self, session: Session) -> str:
        return str(session)

    @admin.display(description=_("user"))
    def user(self, session: Session) -> str:
        """Return the id by which clients know the user."""
        user = session.attendee.user
        return conf.directory.user_id(user) if user else EMPTY_VALUE

    @admin.display(description=_("presence"))
    def presence(self, session: Session) -> Text:
        """Return what the filter calls it."""
        now = clock.now()
        if session.flags_at(now):
            return _("In the call")
        return _("Gone") if session.is_expired(now) else _("Online")
