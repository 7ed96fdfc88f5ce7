"""The URLs of the site with allauth."""

from django.contrib import admin
from django.urls import path

from tests.hosts.sites.base_urls import home
from tests.pages import run

urlpatterns = [path("", home), path("admin/", admin.site.urls)]

run("integrate.md", "allauth-urls", globals())
