"""What operators may do to a ban."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.constants import BanKind
from talk_calls.models import Attendee, Ban, Conversation
from talk_calls.reports.formatting import in_sentence
from talk_calls.services import bans


class LiftBan(AdminAction[Ban]):
    """Let somebody in again who was banned; the conversation's history has it."""

    name = "lift_ban"
    permission = "ban_attendee"
    label = _("Lift")
    title = _("Lift bans?")
    description = _(
        "They may come in again as everybody else. Who was a member has to be invited again."
    )
    log_label = _("Lifted the ban of")
    deletes_object = True

    def execute(self, obj: Ban, *, operator: Attendee, now: datetime, form: ReasonForm) -> None:
        bans.lift(conversation=obj.conversation, ban_id=obj.pk, performed_by=operator, now=now)

    def log_object(self, obj: Ban) -> Conversation:
        return obj.conversation

    def log_name(self, obj: Ban) -> str:
        """Return whom the ban kept out, without an address: no log keeps it after the ban."""
        kind = in_sentence(obj.get_actor_type_display())
        if obj.actor_type == BanKind.ADDRESSES:
            return f"{kind} (ban {obj.pk})"
        return f"{obj} ({kind} {names.isolated(obj.operators_key)})"

    def detail(self, obj: Ban) -> str:
        return str(obj.conversation)
