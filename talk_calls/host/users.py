"""Users as the database of the app's writes has them."""

from django.contrib.auth import get_user_model

from talk_calls.db import transactions
from talk_calls.host import user_model
from talk_calls.host.actors import HostUser


def on_primary(user: object) -> HostUser | None:
    """Return the user as the primary has it; None if it is gone there, or for nobody.

    Django and authentication classes read users where the routers say, and a replica may still have
    somebody active who was deactivated. It takes a query, and none without a replica. Nobody is
    also what is no row of the user model, as some middlewares have it: who only a token knows.
    """
    if not isinstance(user, get_user_model()):
        return None
    if user._state.db == transactions.alias():
        return user
    return user_model.users().filter(pk=user.pk).first()
