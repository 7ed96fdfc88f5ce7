"""What operators may do to a call."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.exceptions import NoCall
from talk_calls.models import Attendee, Call
from talk_calls.services import calls


class EndCall(AdminAction[Call]):
    """End a running call for everybody in it."""

    name = "end_call"
    permission = "end_call"
    label = _("End for everybody")
    title = _("End calls for everybody?")
    description = _(
        "Everybody leaves the call at once. They stay in the conversation and may start another "
        "call."
    )
    log_label = _("Ended")
    is_destructive = True

    def is_applicable(self, obj: Call) -> bool:
        # On a call's page, where it may be over without anybody having stored that.
        return getattr(obj, "effective_end", obj.ended_at) is None

    def execute(self, obj: Call, *, operator: Attendee, now: datetime, form: ReasonForm) -> None:
        if obj.conversation is None:
            raise NoCall
        calls.end(conversation=obj.conversation, now=now, performed_by=operator, call=obj.pk)

    def log_object(self, obj: Call) -> Call:
        """Return the call as a ``Call``: the rows of the list of live calls are of its proxy."""
        return Call.objects.get(pk=obj.pk)

    def log_name(self, obj: Call) -> str:
        return "the call"
