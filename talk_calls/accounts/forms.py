"""A login form that counts wrong passwords at a site's login page with those of the API."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, Throttled

from talk_calls.api.throttling import guesses
from talk_calls.exceptions import ServerBusy


class LoginForm(AuthenticationForm):
    """Django's login form with the rate limit of HTTP Basic (docs/protocol.md, Guessing).

    Use it as ``LoginView.as_view(authentication_form=LoginForm)``. After too many wrong passwords,
    here or over HTTP Basic, even the right one is refused for a while; so it is for a second while
    the server verifies too many others.
    """

    def clean(self) -> dict[str, Any]:
        """Verify name and password.

        Raises ``ValidationError`` if they are wrong, with code ``throttled`` after too many wrong
        ones, or with code ``busy`` while the server verifies too many others.
        """
        name = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if self.request is None or name is None or not password:
            return super().clean()
        try:
            with guesses.guessing_account(self.request, name, password):
                return self._verified()
        except Throttled as throttled:
            minutes = -(-int(getattr(throttled, "wait", None) or 60) // 60)
            message = _("Too many wrong passwords. Try again in {minutes} minutes.")
            raise ValidationError(message.format(minutes=minutes), code="throttled") from throttled
        except ServerBusy as busy:
            raise ValidationError(busy.message, code=busy.code) from busy
        except AuthenticationFailed as failed:
            raise self.get_invalid_login_error() from failed

    def _verified(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError as error:
            raise AuthenticationFailed from error
