"""People of the site with allauth."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.urls import reverse

from tests.hosts.browser import Browser, text_of
from tests.hosts.host import Host


class AllauthHost(Host):
    """Everybody has verified their address, and logs in with a second factor."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[Any, list[str]] = {}

    def make_person(self, name: str) -> Any:
        users: Any = get_user_model()._default_manager
        user = users.create_user(f"{name}@example.org", self.password, name=name.title())
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        hide = get_adapter().encrypt
        codes = self.codes[user.pk] = [f"{secrets.randbelow(10**8):08}" for _ in range(10)]
        kinds = Authenticator.Type
        for kind, data in (
            (kinds.TOTP, {"secret": hide("JBSWY3DPEHPK3PXP")}),
            (kinds.RECOVERY_CODES, {"migrated_codes": [hide(code) for code in codes]}),
        ):
            Authenticator.objects.create(user=user, type=kind, data=data)
        return user

    def log_in(self, browser: Browser, user: Any) -> None:
        login = reverse("account_login")
        sent = browser.submit(browser.get(login), login, login=user.email, password=self.password)
        second = reverse("mfa_authenticate")
        assert sent.status_code == 302, text_of(sent)
        assert sent["Location"] == second
        assert "_auth_user_id" not in browser.session
        code = self.codes[user.pk].pop()
        sent = browser.submit(browser.get(second), second, code=code)
        assert sent.status_code == 302, text_of(sent)
        assert "_auth_user_id" in browser.session
