"""The page to call from: ``path("", include("talk_calls.call_page.urls"))``.

It goes beside ``talk_calls.urls``. Where it is mounted below a path, the setting ``CALL_PAGE`` has
to say so.
"""

from django.urls import re_path

from talk_calls.call_page.views import CallPage
from talk_calls.constants import TOKEN_PATTERN

app_name = "talk_web"

urlpatterns = [
    re_path(rf"^(?:index\.php/)?call/(?P<token>{TOKEN_PATTERN})\Z", CallPage.as_view(), name="call")
]
