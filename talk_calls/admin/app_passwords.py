"""The admin of app passwords: create one, which is shown once, and revoke it."""

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpRequest

from talk_calls.admin.actions import APP_PASSWORD_ACTIONS, DeleteByActionMixin
from talk_calls.admin.base import TalkAdmin
from talk_calls.models import AppPassword
from talk_calls.services import app_passwords


class AppPasswordAdmin(DeleteByActionMixin, TalkAdmin):
    """App passwords cannot be changed: only their hash is stored."""

    list_display = ("name", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("name",)
    raw_id_fields = ("user",)
    fields = ("user", "name")
    actions = APP_PASSWORD_ACTIONS

    def has_change_permission(self, request: HttpRequest, obj: AppPassword | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: AppPassword, form: ModelForm, change: bool
    ) -> None:
        """Create it through the service, and show the secret once."""
        made, secret = app_passwords.create(user=obj.user, name=obj.name)
        obj.pk = made.pk
        messages.warning(request, f"The app password is {secret} — it is shown only now.")
