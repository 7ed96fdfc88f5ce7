"""The URLs of the site behind an identity provider."""

from django.contrib import admin
from django.urls import path

from tests.hosts.page import use
from tests.hosts.sites.base_urls import home

urlpatterns = [path("", home), path("admin/", admin.site.urls)]

use("oidc-urls", globals())
