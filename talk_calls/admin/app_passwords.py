"""The admin of app passwords: create one, which is shown once, and revoke it."""

from typing import cast

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions import APP_PASSWORD_ACTIONS, DeleteByActionMixin
from talk_calls.admin.base import TalkAdmin, time_column
from talk_calls.admin.forms import NamedForm
from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.models import AppPassword
from talk_calls.models.audit import AuditSource
from talk_calls.reports.formatting import minute_cell, with_zone
from talk_calls.services import app_passwords, audit_context, participants


class AppPasswordAdmin(DeleteByActionMixin, TalkAdmin):
    """App passwords cannot be changed: only their hash is stored."""

    list_display = ("label", "user", "created", "last_used")
    list_select_related = ("user",)
    search_fields = ("name",)
    raw_id_fields = ("user",)
    readonly_fields = ("label", "created", "last_used")
    form = NamedForm
    actions = APP_PASSWORD_ACTIONS
    created = time_column("created_at", _("created"))

    def get_fields(self, request: HttpRequest, obj: AppPassword | None = None) -> tuple[str, ...]:
        return ("user", *self.readonly_fields) if obj else ("user", "name")

    def has_change_permission(self, request: HttpRequest, obj: AppPassword | None = None) -> bool:
        return False

    @admin.display(description=_("name"), ordering="name")
    def label(self, app_password: AppPassword) -> str:
        return str(app_password)

    @admin.display(
        description=lazy(lambda: with_zone(str(_("last used"))), str)(), ordering="last_used_at"
    )
    def last_used(self, app_password: AppPassword) -> str:
        """Return the time, which is stored once an hour."""
        at = app_password.last_used_at
        return minute_cell(at) if at else str(_("Never"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Ask for a fresh login first, as users are asked who make one for themselves."""
        logins = conf.logins
        if self.has_add_permission(request) and not logins.is_fresh(request):
            return redirect(logins.fresh_login_url(request, request.get_full_path()))
        return super().add_view(request, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: AppPassword, form: ModelForm, change: bool
    ) -> None:
        """Create it through the service, and show the secret once."""
        operator = participants.operator(cast(HostUser, request.user))
        with audit_context.acting_from(AuditSource.ADMIN):
            made, secret = app_passwords.create(user=obj.user, name=obj.name, performed_by=operator)
        obj.pk = made.pk
        messages.warning(
            request, _("The app password is shown only now: %(secret)s") % {"secret": secret}
        )
