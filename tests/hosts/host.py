"""What the contract asks of a site; a site that does it in another way subclasses it."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.shortcuts import resolve_url

from tests.hosts.browser import Browser, text_of


class Host:
    """A site with Django's own users and a login page with name and password.

    ``STEPS`` are methods that the contract runs after its own.
    """

    STEPS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe()

    def prepare(self) -> None:
        """Make the tables, and whatever the site needs before people come."""
        call_command("migrate", verbosity=0, run_syncdb=True)

    def open(self) -> None:
        """Do what is left when everybody has an account."""

    def close(self) -> None:
        """Stop what was started."""

    def make_person(self, name: str) -> Any:
        """Return somebody new, who can log in."""
        users: Any = get_user_model()._default_manager
        address = f"{name}@example.org"
        return users.create_user(name, address, self.password, first_name=name.title())

    def command_name(self, user: Any) -> str:
        """Return what commands call somebody."""
        return str(user.get_username())

    def log_in(self, browser: Browser, user: Any) -> None:
        """Log in at the login page, like somebody who knows their password."""
        login = resolve_url(settings.LOGIN_URL)
        sent = browser.submit(
            browser.get(login), login, username=user.get_username(), password=self.password
        )
        assert sent.status_code == 302, text_of(sent)
