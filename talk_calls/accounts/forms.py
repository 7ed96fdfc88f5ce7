"""A login form for sites that want guesses at their login page counted with all others."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from rest_framework.exceptions import AuthenticationFailed, Throttled

from talk_calls.api import throttling


class LoginForm(AuthenticationForm):
    """Django's login form, under the limit that HTTP Basic is under (docs/protocol.md, Guessing).

    ``LoginView.as_view(authentication_form=LoginForm)``. Whoever guessed too often, here or there,
    is told to wait, whatever they type.
    """

    def clean(self) -> dict[str, Any]:
        """Verify name and password; raises ``ValidationError`` if they are wrong, or to wait."""
        name = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if self.request is None or name is None or not password:
            return super().clean()
        try:
            with throttling.guessing_account(self.request, name, password):
                return self._verified()
        except Throttled as throttled:
            minutes = -(-int(getattr(throttled, "wait", None) or 60) // 60)
            message = f"Too many wrong passwords. Try again in {minutes} minutes."
            raise ValidationError(message, code="throttled") from throttled
        except AuthenticationFailed as failed:
            raise self.get_invalid_login_error() from failed

    def _verified(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError as error:
            raise AuthenticationFailed from error
