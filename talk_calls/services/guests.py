"""What guests may do that users do elsewhere."""

from talk_calls.exceptions import NotGuest
from talk_calls.models import Attendee


def rename(*, attendee: Attendee, display_name: str) -> None:
    """Give a guest a name; raises ``NotGuest`` for users, whose account names them."""
    if not attendee.is_guest:
        raise NotGuest
    # An update and not a save: the guest may have left by now, which is no error.
    attendee.display_name = display_name.strip()
    Attendee.objects.filter(pk=attendee.pk).update(display_name=attendee.display_name)
