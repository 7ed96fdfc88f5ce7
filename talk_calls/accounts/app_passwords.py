"""A page on which users see and revoke their own app passwords."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from talk_calls.accounts.pages import Page
from talk_calls.models import AppPassword
from talk_calls.services import app_passwords, participants


class AppPasswordsPage(Page):
    """The list of the user's app passwords, newest first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        own = AppPassword.objects.filter(user=self.user).order_by("-created_at", "-pk")
        return self.page("app_passwords", app_passwords=own)


class RevokePage(Page):
    """Revokes an app password of the user; 404 for any other, whether or not it exists."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        own = get_object_or_404(AppPassword, pk=pk, user=self.user)
        app_passwords.revoke(own, performed_by=participants.operator(self.user))
        return redirect("talk_accounts:app-passwords")
