"""The URLs of the site with an admin of its own class."""

from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.urls import include, path

from tests.hosts.bookings.models import Booking
from tests.pages import run


class OperationsSite(AdminSite):
    """The host's own admin."""

    site_header = "Operations"


class BookingAdmin(ModelAdmin):
    """Chooses rows of talk_calls in each of Django's ways."""

    autocomplete_fields = ("room", "organizer")
    raw_id_fields = ("device",)


operations = OperationsSite(name="operations")
operations.register(User, UserAdmin)
operations.register(Booking, BookingAdmin)

run("integrate.md", "own-admin", globals())

urlpatterns = [
    path("admin/", admin.site.urls),  # Django's, to which wrong links would lead
    path("operations/", operations.urls),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html"), name="login"),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
]
