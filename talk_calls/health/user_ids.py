"""Checks that the ids by which clients know users are no e-mail addresses.

System checks know the fields of the user model, but not what a site writes into them.
"""

from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, ok, warning
from talk_calls.host import user_model

#: How many accounts are looked at, the newest.
ACCOUNTS = 1000


def run(context: CheckContext) -> list[Result]:
    """Look for e-mail addresses among the user ids of the newest accounts."""
    path = conf.directory.user_id_path()
    newest = user_model.users().order_by("-pk").values_list(path, flat=True)[:ACCOUNTS]
    if not any(user_model.has_address(str(user_id)) for user_id in newest):
        return [ok(_("No user id is an e-mail address."))]
    choices = ", ".join(repr(name) for name in user_model.user_id_choices() if name != path)
    return [
        warning(
            _("User ids are e-mail addresses, and every guest of a call reads them."),
            _("Set USER_ID of TALK_CALLS to another field: {choices}.").format(choices=choices),
        )
    ]
