"""What operators may do to the app passwords of accounts."""

from datetime import datetime

from django.contrib.admin.models import DELETION
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.models import AppPassword, Attendee
from talk_calls.services import app_passwords


class RevokeAppPassword(AdminAction[AppPassword]):
    """Log out the clients that use an app password."""

    name = "revoke"
    permission = "revoke_apppassword"
    label = _("Revoke")
    title = _("Revoke app passwords?")
    description = _("Clients that use them are logged out at once and have to log in again.")
    log_label = _("Revoked")
    log_flag = DELETION
    deletes_object = True
    is_destructive = True

    def execute(
        self, obj: AppPassword, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        app_passwords.revoke(obj, performed_by=operator)

    def log_name(self, obj: AppPassword) -> str:
        return f"the app password of {names.isolated(obj.user)}"

    def detail(self, obj: AppPassword) -> str:
        return names.isolated(obj.user)
