"""What apps need to add an account: ``path("", include("talk_calls.urls.accounts"))``.

It goes at the site's root beside ``talk_calls.urls``, before or after it.
"""

from django.urls import include, path, re_path

from talk_calls.accounts import avatars, status
from talk_calls.accounts.cloud import CapabilitiesView, OwnAppPasswordView, UserView
from talk_calls.ocs.views import UnknownRouteView

app_name = "talk_accounts"

ocs = [
    re_path(r"^cloud/capabilities\Z", CapabilitiesView.as_view(), name="capabilities"),
    re_path(r"^cloud/user\Z", UserView.as_view(), name="user"),
    re_path(r"^core/apppassword\Z", OwnAppPasswordView.as_view(), name="own-app-password"),
    re_path(r"^(?:cloud|core)/", UnknownRouteView.as_view(), name="unknown-route"),
]

# Apps ask for these with and without /index.php.
pages = [
    path("status.php", status.status, name="status"),
    path("avatar/<str:user_id>/<int:size>", avatars.avatar, name="avatar"),
]

urlpatterns = [
    re_path(r"^ocs/v(?P<ocs_version>[12])\.php/", include(ocs)),
    re_path(r"^(?:index\.php/)?", include(pages)),
]
