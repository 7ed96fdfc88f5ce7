"""``/status.php``: the first request of an app to a site (clients 5)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from talk_calls.conf import conf
from talk_calls.ocs.unchanged_sessions import leaves_session_unchanged

PRODUCT_NAME = "talk_calls"


@login_not_required
@require_safe
@leaves_session_unchanged
def status(request: HttpRequest) -> JsonResponse:
    """Return that the site is installed, and its version; public."""
    return JsonResponse(
        {
            "installed": True,
            "maintenance": False,
            "needsDbUpgrade": False,
            "version": f"{conf.server_version}.0",
            "versionstring": conf.server_version,
            "edition": "",
            "productname": PRODUCT_NAME,
            "extendedSupport": False,
        }
    )
