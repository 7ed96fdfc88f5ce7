"""What a site includes to show the API: ``path("schema/", include("talk_calls.api.schema.urls"))``.

The pages need ``drf_spectacular_sidecar`` and ``django.contrib.staticfiles`` in INSTALLED_APPS.
"""

from django.urls import re_path
from django.views.generic import RedirectView

from talk_calls.api.schema.views import OpenAPIPage, openapi
from talk_calls.api.versioning import VERSIONS

app_name = "talk_calls_schema"

_VERSION = f"(?P<version>{'|'.join(VERSIONS)})"

urlpatterns = [
    re_path(r"^\Z", RedirectView.as_view(url=f"{VERSIONS[-1]}/"), name="index"),
    re_path(rf"^{_VERSION}\.json\Z", openapi, name="document"),
    re_path(rf"^{_VERSION}/\Z", OpenAPIPage.as_view(), name="page"),
]
