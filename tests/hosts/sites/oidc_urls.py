"""The URLs of the site behind an identity provider."""

from django.contrib import admin
from django.urls import path

from tests.hosts.sites.base_urls import home
from tests.pages import run

urlpatterns = [path("", home), path("admin/", admin.site.urls)]

run("integrate.md", "oidc-urls", globals())
