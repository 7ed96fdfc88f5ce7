"""The page to call from: ``path("", include("talk_calls.urls.web"))``.

It goes beside ``talk_calls.urls``. Where it is mounted below a path, the setting ``CALL_PAGE`` has
to say so.
"""

from django.urls import re_path

from talk_calls.constants import TOKEN_PATTERN
from talk_calls.web.views import CallPage

app_name = "talk_web"

urlpatterns = [
    re_path(rf"^(?:index\.php/)?call/(?P<token>{TOKEN_PATTERN})\Z", CallPage.as_view(), name="call")
]
