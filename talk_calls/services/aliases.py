"""Noting what an account was called before it was changed, for exports and erasures."""

from collections.abc import Mapping
from datetime import datetime

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.models.aliases import Alias, AliasKind


def note(*, user: HostUser, before: Mapping[str, object], now: datetime) -> None:
    """Store the user id and the e-mail address that an account had, if it has others now.

    ``before`` are its fields as they were, as far as they may have changed. One statement, and none
    where neither changed. User ids that are primary keys do not change.
    """
    paths = {
        AliasKind.USER_ID: conf.directory.user_id_path(),
        AliasKind.EMAIL: conf.directory.email_path(),
    }
    changed = [
        Alias(user_id=user.pk, kind=kind, value=str(before[path])[:255], until=now)
        for kind, path in paths.items()
        if before.get(path) and before[path] != getattr(user, path)
    ]
    if changed:
        Alias.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["user", "kind", "value"],
            update_fields=["until"],
        )
