"""App passwords: made, shown once, and revoked."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest

from talk_calls.admin.actions import REVOKE_APP_PASSWORD, RemovedByDeedAdmin
from talk_calls.models import AppPassword
from talk_calls.services import app_passwords


@admin.register(AppPassword)
class AppPasswordAdmin(RemovedByDeedAdmin):
    """Nobody can read an app password again, so there is nothing to change."""

    list_display = ("name", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("name",)
    raw_id_fields = ("user",)
    fields = ("user", "name")
    deeds = (REVOKE_APP_PASSWORD,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def save_model(
        self, request: HttpRequest, obj: AppPassword, form: ModelForm, change: bool
    ) -> None:
        """Make it through the service, and show the secret this one time."""
        made, secret = app_passwords.create(user=obj.user, name=obj.name)
        obj.pk = made.pk
        messages.warning(request, f"The app password is {secret} — it is shown only now.")
