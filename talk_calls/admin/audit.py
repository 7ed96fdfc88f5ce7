"""The admin of the audit trail: who moderated what, from where and why. Nobody edits it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.base import ReadOnlyMixin, TalkAdmin, time_column
from talk_calls.models import AuditEntry
from talk_calls.reports import audit as reports
from talk_calls.reports.formatting import EMPTY_VALUE


class AuditEntryAdmin(ReadOnlyMixin, TalkAdmin):
    """The latest entry first."""

    list_display = ("when", "action", "actor", "target", "conversation", "reason")
    list_filter = ("action", "source")
    date_hierarchy = "at"
    link_lookups = frozenset({"conversation_pk__exact"})
    search_fields = (
        "conversation_name",
        "conversation_token",
        "actor_name",
        "actor_id",
        "target_name",
        "target_id",
    )
    actions = None
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = readonly_fields = (
        "when",
        "action",
        "who",
        "source",
        "target",
        "conversation",
        "what",
        "reason",
    )
    when = time_column("at", _("time"))

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        return names.isolated(reports.actor_text(entry)) or EMPTY_VALUE

    @admin.display(description=_("who"))
    def actor(self, entry: AuditEntry) -> str:
        """Return who, and below it from where: together they are a narrow column."""
        return format_html(
            '{}<br><span class="quiet">{}</span>', self.who(entry), entry.get_source_display()
        )

    @admin.display(description=_("whom"))
    def target(self, entry: AuditEntry) -> str:
        return names.isolated(reports.target_text(entry)) or EMPTY_VALUE

    @admin.display(description=_("conversation"))
    def conversation(self, entry: AuditEntry) -> str:
        """Return a link to the list of the conversation's entries: it may be deleted itself."""
        if entry.conversation_pk is None:
            return EMPTY_VALUE
        page = self.url_of("talk_calls_auditentry_changelist")
        return format_html(
            '<a href="{}?conversation_pk__exact={}"><bdi>{}</bdi></a>',
            page,
            entry.conversation_pk,
            reports.conversation_text(entry),
        )

    @admin.display(description=_("details"))
    def what(self, entry: AuditEntry) -> str:
        return reports.details_text(entry) or EMPTY_VALUE
