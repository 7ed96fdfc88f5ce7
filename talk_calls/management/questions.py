"""Questions on the terminal, before something is lost."""

import sys

from django.core.management.base import OutputWrapper

from talk_calls.management.base import failure
from talk_calls.management.tables import printable
from talk_calls.management.texts import lazy as _


def ask_before(question: str, stderr: OutputWrapper) -> None:
    """Ask whether to delete something; raises ``CommandError`` without a yes."""
    if not sys.stdin.isatty():
        hint = _("There is no terminal to ask on; add --yes.")
        raise failure(_("Nothing was deleted."), hint)
    stderr.write(printable(question), style_func=str, ending="")
    stderr.flush()
    yes = {"y", "yes", str(_("y")), str(_("yes"))}
    if sys.stdin.readline().strip().lower() not in yes:
        raise failure(_("Nothing was deleted."))
