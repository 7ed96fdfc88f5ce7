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
``talk_calls.E011``     ``USER_ID`` names no field that can hold user ids
``talk_calls.E014``     a class of ``rooms.register`` is wrong (``rooms/checks``)
``talk_calls.E015``     the app's database is neither PostgreSQL nor SQLite
``talk_calls.E016``     ``USE_TZ`` is off
``talk_calls.E017``     URLs of the app are included below another namespace or an argument
``talk_calls.E018``     URLs of the app are included inside of ``i18n_patterns``
``talk_calls.E019``     another route answers at an address of the app, or none
``talk_calls.E020``     no template engine finds the templates of pages that are included
``talk_calls.E021``     the call page is included, and ``STATIC_URL`` is not set
``talk_calls.E022``     ``SIGNALING`` is wrong
``talk_calls.E023``     external signaling needs a package that is not there
``talk_calls.E024``     ``KEY`` of ``SIGNALING`` cannot be used (``hpb/checks``)
``talk_calls.E030``     ``FRAME_ANCESTORS`` is no list of sites
``talk_calls.E031``     ``METRICS`` needs a package or a directory that is not there
``talk_calls.E032``     ``WEBHOOKS`` needs a package that is not there
``talk_calls.W001``     ``check --deploy``: each process has a cache of its own
``talk_calls.W002``     ``check --deploy``: the site is served by WSGI, where polls hold workers
``talk_calls.W003``     ``ACCOUNT_PASSWORDS`` passes by what the site's logins ask for
``talk_calls.W005``     ``ROOT_URLCONF`` does not include the API
``talk_calls.W006``     the call page is included, and ``staticfiles`` is not installed
``talk_calls.W007``     account pages are included, and ``LOGIN_URL`` leads nowhere
``talk_calls.W008``     ``check --deploy``: ``NUM_PROXIES`` is missing behind a proxy, or no number
``talk_calls.W009``     a signaling server is reached without encryption
``talk_calls.W010``     the page of metrics is included, and nobody may read it
``talk_calls.W011``     ``check --deploy``: webhooks of ``WEBHOOKS`` are sent without encryption
======================  =====================================================================
"""

from django.core import checks

from talk_calls.checks.databases import check_routers, check_vendor
from talk_calls.checks.external_signaling import check_external_signaling
from talk_calls.checks.logins import check_account_passwords
from talk_calls.checks.metrics import check_metrics
from talk_calls.checks.pages import check_login_page, check_static_files, check_templates
from talk_calls.checks.settings import check_settings
from talk_calls.checks.site import (
    check_cache,
    check_middleware,
    check_proxies,
    check_server,
    check_time_zones,
)
from talk_calls.checks.urls import check_urls
from talk_calls.checks.webhooks import check_encryption, check_receivers


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_settings)
    checks.register(check_external_signaling)
    checks.register(check_middleware)
    checks.register(check_time_zones)
    checks.register(check_routers)
    checks.register(check_vendor)
    checks.register(check_urls)
    checks.register(check_templates)
    checks.register(check_static_files)
    checks.register(check_login_page)
    checks.register(check_account_passwords)
    checks.register(check_metrics)
    checks.register(check_receivers)
    checks.register(check_cache, deploy=True)
    checks.register(check_server, deploy=True)
    checks.register(check_proxies, deploy=True)
    checks.register(check_encryption, deploy=True)
