"""A page on which users see and revoke their own app passwords."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from talk_calls.accounts.pages import Page
from talk_calls.models import AppPassword
from talk_calls.services import app_passwords


class AppPasswordsPage(Page):
    """The list, newest first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the user's own app passwords; none of them can be read again."""
        own = AppPassword.objects.filter(user=self.user).order_by("-created_at", "-pk")
        return self.page("app_passwords", app_passwords=own)


class RevokePage(Page):
    """Revoking one; of anybody else's it is not even told that it exists."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Revoke it and show the list again."""
        own = get_object_or_404(AppPassword, pk=pk, user=self.user)
        app_passwords.revoke(own)
        return redirect("talk_accounts:app-passwords")
