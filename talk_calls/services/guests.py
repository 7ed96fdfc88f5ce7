"""Names of guests; users are named by their accounts."""

from contextlib import suppress
from datetime import datetime

from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation, NotGuest
from talk_calls.models import Attendee
from talk_calls.services import locking
from talk_calls.signals import ConversationChanged


@retried
def rename(*, attendee: Attendee, display_name: str, now: datetime) -> None:
    """Give a guest a name; raises ``NotGuest`` for users."""
    if not attendee.is_guest:
        raise NotGuest
    attendee.display_name = display_name.strip()
    # Guest or conversation may have been deleted meanwhile, which is no error.
    with suppress(NoSuchConversation), locking.locked(attendee.conversation_id, now=now) as locked:
        Attendee.objects.filter(pk=attendee.pk).update(display_name=attendee.display_name)
        locked.add_event(ConversationChanged, changed=("attendees",))
