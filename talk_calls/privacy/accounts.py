"""What is stored about accounts: app passwords, logins of apps, and what they were called."""

from talk_calls.models import Alias, AppPassword, LoginFlow
from talk_calls.privacy.holdings import DeletedHolding, Facts
from talk_calls.privacy.people import Person


class AppPasswords(DeletedHolding):
    """Passwords of apps; of the secret there is only a hash, which nobody gets."""

    model, name = AppPassword, "app_passwords"
    columns = frozenset({"user", "name", "digest"})

    def facts(self, row: AppPassword, person: Person) -> Facts:
        return {
            "name": row.name,
            "created_at": row.created_at,
            "last_used_at": row.last_used_at,
        }


class LoginFlows(DeletedHolding):
    """Logins of apps that the person granted, for 20 minutes."""

    model, name = LoginFlow, "login_flows"
    columns = frozenset({"user", "client_name", "digest"})

    def facts(self, row: LoginFlow, person: Person) -> Facts:
        return {
            "client": row.client_name,
            "started_at": row.started_at,
            "granted_at": row.granted_at,
            "redeemed_at": row.redeemed_at,
        }


class Aliases(DeletedHolding):
    """Earlier user ids and e-mail addresses. The last to go, since the others are found by them."""

    model, name = Alias, "earlier_names"
    columns = frozenset({"user", "value"})

    def facts(self, row: Alias, person: Person) -> Facts:
        return {"kind": row.kind, "value": row.value, "until": row.until}
