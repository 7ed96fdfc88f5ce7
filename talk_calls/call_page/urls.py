"""URLs of the call page: ``path("", include("talk_calls.call_page.urls"))``.

Include it beside ``talk_calls.urls``. Links in mails lead to it wherever it is, unless
``CALL_PAGE`` names another page.
"""

from django.urls import path, re_path

from talk_calls.call_page.people import people_in_calls
from talk_calls.call_page.views import CallPage
from talk_calls.constants import TOKEN_PATTERN

app_name = "talk_web"

urlpatterns = [
    re_path(
        rf"^(?:index\.php/)?call/(?P<token>{TOKEN_PATTERN})\Z", CallPage.as_view(), name="call"
    ),
    path("talk/people-in-calls", people_in_calls, name="people-in-calls"),
]
