"""Users as the database of the app's writes has them."""

from django.contrib.auth import get_user_model

from talk_calls.db import transactions
from talk_calls.host.actors import HostUser


def on_primary(user: HostUser) -> HostUser | None:
    """Return the user as the primary has it, or None if it is gone there.

    Django reads the user of a session where the routers say, and a replica may still have somebody
    active who was deactivated. It takes a query, and none without a replica.
    """
    alias = transactions.alias()
    if user.pk is None or user._state.db == alias:
        return user
    return get_user_model()._default_manager.using(alias).filter(pk=user.pk).first()
