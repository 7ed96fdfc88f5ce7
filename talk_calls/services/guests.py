"""Names of guests; users are named by their accounts."""

from contextlib import suppress
from datetime import datetime

from talk_calls import names
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation, NotGuest
from talk_calls.models import Attendee
from talk_calls.services import locking, system_messages
from talk_calls.signals import ConversationChanged


@retried
def rename(*, attendee: Attendee, display_name: str, now: datetime) -> None:
    """Give a guest a name, also in messages, and in the history of the calls that they were in.

    Raises ``NotGuest`` for users, and ``InvalidValue`` as ``names.checked`` does.
    """
    if not attendee.is_guest:
        raise NotGuest
    attendee.display_name = names.checked(display_name)
    # Guest or conversation may have been deleted meanwhile, which is no error.
    with suppress(NoSuchConversation), locking.locked(attendee.conversation_id, now=now) as locked:
        Attendee.objects.filter(pk=attendee.pk).update(display_name=attendee.display_name)
        locked.rename_guest(attendee)
        system_messages.rename_guest(attendee)
        locked.add_event(ConversationChanged, changed=("attendees",))
