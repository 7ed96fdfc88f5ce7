"""The URLs of the site with allauth."""

from django.contrib import admin
from django.urls import path

from tests.hosts.page import use
from tests.hosts.sites.base_urls import home

urlpatterns = [path("", home), path("admin/", admin.site.urls)]

use("allauth-urls", globals())
