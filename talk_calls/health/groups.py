"""Checks that the groups exist whose names stand in settings.

System checks ask no database, so only here a name with a typing error is found.
"""

from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, ok, warning
from talk_calls.host import lookups


def run(context: CheckContext) -> list[Result]:
    """Look up the groups that settings name; in one that does not exist nobody is."""
    named = {
        "START_CALLS_GROUPS": conf.start_calls_groups,
        "START_CONVERSATIONS": conf.start_conversations,
    }
    results = [
        warning(
            _("TALK_CALLS[{key!r}] names {name!r}, which is no group here.").format(
                key=key, name=name
            ),
            _("Write the name as the directory (DIRECTORY) has it; letter case counts."),
        )
        for key, names in named.items()
        for name in names
        if lookups.find_group(name, viewer=None) is None
    ]
    return results or [ok(_("All groups that settings name exist."))]
