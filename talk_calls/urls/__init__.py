"""What a site includes at its root: ``path("", include("talk_calls.urls"))``."""

from django.urls import include, re_path

from talk_calls.api.client_address import client_address
from talk_calls.ocs.views import UnknownRouteView

app_name = "talk_calls"

urlpatterns = [
    re_path(
        r"^ocs/v(?P<ocs_version>[12])\.php/",
        include(
            [
                re_path(r"^apps/spreed/api/", include("talk_calls.api.urls")),
                re_path(
                    r"^apps/talk_calls/client-address\Z",
                    client_address,
                    name="client-address",
                ),
                re_path("", include("talk_calls.api.views.absent_apps")),
                # What lies below these two is answered by `talk_calls.accounts.urls`, in whichever
                # order a site includes both.
                re_path(r"^(?!cloud/|core/)", UnknownRouteView.as_view(), name="unknown-route"),
            ]
        ),
    ),
]
