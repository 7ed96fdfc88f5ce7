"""What operators may do to a session."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions.attendees import full_name, role_and_conversation
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import sessions


class RemoveSession(AdminAction[Session]):
    """Disconnect one device from a conversation."""

    name = "remove_session"
    permission = "remove_session"
    label = _("Disconnect")
    title = _("Disconnect devices?")
    description = _(
        "The device leaves the call and the conversation at once. Its user may come back. A guest "
        "whose last device leaves is no attendee any more."
    )
    log_label = _("Disconnected")
    deletes_object = True
    is_destructive = True

    def execute(self, obj: Session, *, operator: Attendee, now: datetime, form: ReasonForm) -> None:
        sessions.remove(session=obj, performed_by=operator, now=now)

    def log_object(self, obj: Session) -> Conversation:
        return obj.conversation

    def log_name(self, obj: Session) -> str:
        return f"{obj} of {full_name(obj.attendee)}"

    def detail(self, obj: Session) -> str:
        return f"{obj.attendee}, {role_and_conversation(obj.attendee)}"
