"""Django system checks of the settings and of the site around the app.

======================  =====================================================================
``talk_calls.E001``     ``TALK_CALLS`` is no dict
``talk_calls.E002``     an unknown key
``talk_calls.E003``     a value of the wrong type or out of range
``talk_calls.E004``     values that contradict each other
``talk_calls.E005``     ``DIRECTORY``, ``LOGINS`` or ``CLOCK`` cannot be imported or is wrong
``talk_calls.E006``     a middleware is missing that sessions or logins need
``talk_calls.E007``     ``WAKEUP`` needs a package or a database that is not there
``talk_calls.E008``     database routers split the app over several databases
``talk_calls.E009``     database routers put the app and the user model in different databases
``talk_calls.E010``     ``AUTHENTICATION`` lists no authentication classes, or not ours
``talk_calls.W001``     ``check --deploy``: each process has a cache of its own
``talk_calls.W002``     ``check --deploy``: the site is served by WSGI, where polls hold workers
``talk_calls.W003``     ``ACCOUNT_PASSWORDS`` passes by what the site's logins ask for
======================  =====================================================================
"""

from django.core import checks

from talk_calls.checks.databases import check_routers
from talk_calls.checks.logins import check_account_passwords
from talk_calls.checks.settings import check_settings
from talk_calls.checks.site import check_cache, check_middleware, check_server


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_settings)
    checks.register(check_middleware)
    checks.register(check_routers)
    checks.register(check_account_passwords)
    checks.register(check_cache, deploy=True)
    checks.register(check_server, deploy=True)
