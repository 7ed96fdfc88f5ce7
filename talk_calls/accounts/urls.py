"""URLs that apps need to add an account: ``path("", include("talk_calls.accounts.urls"))``.

Include them at the site's root, before or after ``talk_calls.urls``.
"""

from django.urls import include, path, re_path

from talk_calls.accounts import avatars, login, status
from talk_calls.accounts.again import LogInAgainPage
from talk_calls.accounts.app_passwords import AppPasswordsPage, RevokePage
from talk_calls.accounts.cloud import CapabilitiesView, OwnAppPasswordView, UserView
from talk_calls.accounts.people import FindPeopleView, OtherUserView
from talk_calls.ocs.views import UnknownRouteView

app_name = "talk_accounts"

ocs = [
    re_path(r"^cloud/capabilities\Z", CapabilitiesView.as_view(), name="capabilities"),
    re_path(r"^cloud/user\Z", UserView.as_view(), name="user"),
    re_path(r"^cloud/users/(?P<user_id>[^/]+)\Z", OtherUserView.as_view(), name="other-user"),
    re_path(r"^core/autocomplete/get\Z", FindPeopleView.as_view(), name="find-people"),
    re_path(r"^core/apppassword\Z", OwnAppPasswordView.as_view(), name="own-app-password"),
    re_path(r"^(?:cloud|core)/", UnknownRouteView.as_view(), name="unknown-route"),
]

# Apps request these with and without /index.php.
pages = [
    path("status.php", status.status, name="status"),
    path("login/v2", login.start, name="login-start"),
    path("login/v2/poll", login.poll, name="login-poll"),
    path("login/v2/flow/<str:token>", login.FlowPage.as_view(), name="login-flow"),
    path("login/flow", login.DirectPage.as_view(), name="login-direct"),
    path("avatar/<str:user_id>/<int:size>", avatars.avatar, name="avatar"),
    path("avatar/<str:user_id>/<int:size>/dark", avatars.avatar, name="avatar-dark"),
]

urlpatterns = [
    re_path(r"^ocs/v(?P<ocs_version>[12])\.php/", include(ocs)),
    re_path(r"^(?:index\.php/)?", include(pages)),
    path("talk/log-in-again/", LogInAgainPage.as_view(), name="log-in-again"),
    path("talk/app-passwords/", AppPasswordsPage.as_view(), name="app-passwords"),
    path("talk/app-passwords/<int:pk>/revoke/", RevokePage.as_view(), name="revoke"),
]
