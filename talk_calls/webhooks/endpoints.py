"""The endpoints of webhooks: those of the database, and those of the setting ``WEBHOOKS``."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from talk_calls import names, webhook_values
from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue
from talk_calls.host import clock
from talk_calls.models import Attendee, WebhookEndpoint, WebhookStream
from talk_calls.models.audit import AuditAction
from talk_calls.models.webhooks import DisabledReason
from talk_calls.reports.webhooks import address
from talk_calls.servers import WebhookReceiver
from talk_calls.services import audit

#: For how long after a rotation the old secret signs as well, so that a receiver can follow.
ROTATION = timedelta(hours=24)


def active() -> QuerySet[WebhookEndpoint]:
    """Return the endpoints to which events are sent."""
    return WebhookEndpoint.objects.enabled()


@transactions.atomic()
def create(
    *,
    name: str,
    url: str,
    event_types: Iterable[str] = (),
    performed_by: Attendee | None = None,
) -> WebhookEndpoint:
    """Create an endpoint with a new secret, which is in its ``secret``.

    ``event_types`` are types such as ``call.started`` or groups such as ``call.*``; all if there
    are none. Raises ``InvalidValue``.
    """
    wanted = sorted(set(event_types))
    name = check(name=name, url=url, event_types=wanted)
    with _name_is_new():
        endpoint = WebhookEndpoint.objects.create(
            name=name,
            url=url,
            event_types=wanted,
            secret=webhook_values.new_secret(),
            created_at=clock.now(),
        )
    _record(AuditAction.ENDPOINT_CREATED, endpoint, performed_by, **_facts(endpoint))
    return endpoint


@transactions.atomic()
def change(
    endpoint: WebhookEndpoint,
    *,
    name: str,
    url: str,
    event_types: Iterable[str],
    performed_by: Attendee | None = None,
) -> None:
    """Change an endpoint of the database; raises ``InvalidValue``."""
    _refuse_settings(endpoint)
    wanted = sorted(set(event_types))
    name = check(name=name, url=url, event_types=wanted, without=endpoint)
    stored = WebhookEndpoint.objects.get(pk=endpoint.pk)
    endpoint.name, endpoint.url, endpoint.event_types = name, url, wanted
    with _name_is_new():
        endpoint.save(update_fields=["name", "url", "event_types"])
    before, after = _facts(stored), _facts(endpoint)
    changed: dict[str, Any] = {key: {"before": before[key], "after": after[key]} for key in after}
    _record(
        AuditAction.ENDPOINT_CHANGED,
        stored,
        performed_by,
        **{key: each for key, each in changed.items() if each["before"] != each["after"]},
    )


@transactions.atomic()
def rotate_secret(endpoint: WebhookEndpoint, *, performed_by: Attendee | None = None) -> str:
    """Give an endpoint a new secret and return it; the old one signs as well for ``ROTATION``.

    Raises ``InvalidValue`` for an endpoint of the settings, whose secrets are there.
    """
    # Locked, so that of two rotations at once the second keeps the secret of the first.
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    _refuse_settings(stored)
    endpoint.previous_secret, endpoint.secret = stored.secret, webhook_values.new_secret()
    endpoint.previous_secret_until = clock.now() + ROTATION
    endpoint.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    _record(AuditAction.SECRET_ROTATED, endpoint, performed_by)
    return endpoint.secret


def forget_old_secrets(now: datetime) -> None:
    """Delete the secrets that were rotated and sign no more."""
    rotated = WebhookEndpoint.objects.filter(previous_secret_until__lte=now)
    rotated.update(previous_secret="", previous_secret_until=None)


@retried
def enable(endpoint: WebhookEndpoint, *, performed_by: Attendee | None = None) -> None:
    """Send events to an endpoint again, those first that were waiting when it was disabled.

    What happened meanwhile it does not get; one number of each sequence is left out, so that the
    receiver sees a gap.
    """
    with transactions.atomic():
        changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_enabled=False).update(
            is_enabled=True, disabled_reason="", failing_since=None
        )
        if changed:
            streams = WebhookStream.objects.filter(endpoint=endpoint)
            streams.update(last_number=F("last_number") + 1)
            _record_state(endpoint, performed_by, is_enabled=True)
    _refresh(endpoint)


@transactions.atomic()
def disable(
    endpoint: WebhookEndpoint,
    reason: DisabledReason | None = None,
    *,
    performed_by: Attendee | None = None,
) -> None:
    """Send nothing more to an endpoint; ``reason`` is why, unless an operator wants it."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_enabled=True)
    if rows.update(is_enabled=False, disabled_reason=reason or ""):
        _record_state(endpoint, performed_by, is_enabled=False, reason=reason)
    _refresh(endpoint)


@retried
@transactions.atomic()
def delete(endpoint: WebhookEndpoint, *, performed_by: Attendee | None = None) -> None:
    """Delete an endpoint with its deliveries; raises ``InvalidValue`` for one of the settings."""
    _refuse_settings(endpoint)
    _lock_with_streams(endpoint)
    _record(AuditAction.ENDPOINT_DELETED, endpoint, performed_by, **_facts(endpoint))
    WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()  # keeps the key, for another try


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Return the secrets that sign what an endpoint gets: one, or two after a rotation.

    There are none for an endpoint of the settings that was just taken out of them.
    """
    if endpoint.is_from_settings:
        found = (each.secrets for each in conf.webhooks if each.name == endpoint.name)
        return list(next(found, ()))
    until = endpoint.previous_secret_until
    is_rotating = until is not None and now < until
    return [endpoint.secret, *([endpoint.previous_secret] if is_rotating else [])]


@retried
def synchronize() -> None:
    """Make rows for the endpoints of the settings, and disable those that are gone from there.

    An endpoint of the database of the same name becomes one of the settings. One that was disabled
    for another reason stays disabled. What is gone from the settings becomes a disabled endpoint of
    the database, which operators can delete or take over.
    """
    receivers = conf.webhooks
    with transactions.atomic():
        configured = [receiver.name for receiver in receivers]
        _make_missing(receivers)
        rows = {row.name: row for row in WebhookEndpoint.objects.filter(name__in=configured)}
        for receiver in receivers:
            _follow(receiver, rows[receiver.name])
        from_settings = WebhookEndpoint.objects.filter(is_from_settings=True)
        for gone in from_settings.exclude(name__in=configured):
            _release(gone)


def _release(row: WebhookEndpoint) -> None:
    """Let a row be one of the database, with a secret that nobody knows until it is rotated."""
    rows = WebhookEndpoint.objects.filter(pk=row.pk, is_from_settings=True)
    rows.filter(is_enabled=True).update(
        is_enabled=False, disabled_reason=DisabledReason.NOT_IN_SETTINGS
    )
    rows.update(is_from_settings=False, secret=webhook_values.new_secret())


def _make_missing(receivers: Iterable[WebhookReceiver]) -> None:
    """Make rows for new endpoints, unless another process that starts now does so."""
    known = set(WebhookEndpoint.objects.values_list("name", flat=True))
    missing = [
        WebhookEndpoint(name=each.name, url=each.url, is_from_settings=True)
        for each in receivers
        if each.name not in known
    ]
    WebhookEndpoint.objects.bulk_create(missing, ignore_conflicts=True)


def _follow(receiver: WebhookReceiver, row: WebhookEndpoint) -> None:
    """Let a row be what the settings say, and write nothing if it is."""
    wanted = {
        "url": receiver.url,
        "event_types": list(receiver.events),
        "is_from_settings": True,
        "secret": "",
        "previous_secret": "",
    }
    if any(getattr(row, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
    if row.disabled_reason == DisabledReason.NOT_IN_SETTINGS:
        enable(row)


def check(
    *, name: str, url: str, event_types: Iterable[str], without: WebhookEndpoint | None = None
) -> str:
    """Return the name as it is to be stored; ``without`` is the endpoint that has these values.

    Raises ``InvalidValue`` for what no endpoint may have.
    """
    name = check_name(name, without=without)
    check_url(url)
    webhook_values.check_event_types(event_types)
    return name


def check_name(name: str, *, without: WebhookEndpoint | None = None) -> str:
    """Return a name as it is to be stored; raises ``InvalidValue``."""
    name = names.checked(name, most=webhook_values.NAME_MAX_LENGTH)
    others = WebhookEndpoint.objects.filter(name=name)
    if without is not None:
        others = others.exclude(pk=without.pk)
    if others.exists():
        raise _name_is_taken()
    return name


def check_url(url: str) -> None:
    """Raise ``InvalidValue`` for an address to which no endpoint may be."""
    target = webhook_values.target_of(url)
    if not target.is_secure and not conf.webhook_private_addresses:
        raise InvalidValue(
            _("The URL has to begin with https:// (http:// is for WEBHOOK_PRIVATE_ADDRESSES only).")
        )


def _lock_with_streams(endpoint: WebhookEndpoint) -> None:
    """Lock an endpoint that is to be deleted, so that no delivery is made for it meanwhile.

    Whoever distributes events has locked streams when they need the endpoint, as they commit: so
    streams come first here as well, and in the same order.
    """
    streams = WebhookStream.objects.filter(endpoint=endpoint.pk).order_by("pk")
    list(streams.select_for_update().values_list("pk"))
    list(WebhookEndpoint.objects.filter(pk=endpoint.pk).select_for_update().values_list("pk"))


def _facts(endpoint: WebhookEndpoint) -> dict[str, str]:
    """Return what the audit trail keeps; what an address has after a "?" may be a secret."""
    return {
        "name": endpoint.name,
        "address": address(endpoint),
        "event_types": ", ".join(endpoint.event_types),
    }


def _record_state(
    endpoint: WebhookEndpoint,
    by: Attendee | None,
    *,
    is_enabled: bool,
    reason: DisabledReason | None = None,
) -> None:
    changed: dict[str, Any] = {"enabled": {"before": not is_enabled, "after": is_enabled}}
    if reason:
        changed["cause"] = reason.value
    _record(AuditAction.ENDPOINT_CHANGED, endpoint, by, **changed)


def _record(
    action: AuditAction, endpoint: WebhookEndpoint, by: Attendee | None, **changed: Any
) -> None:
    """Store who did it in the open transaction, with the name that the endpoint had."""
    details: dict[str, Any] = {"endpoint": endpoint.name, **changed}
    if details.get("name") == endpoint.name:
        del details["name"]
    entry = audit.new(action, None, by, at=clock.now(), **details)
    entry.save(force_insert=True)


def _refresh(endpoint: WebhookEndpoint) -> None:
    """Read an endpoint again, unless it was deleted meanwhile."""
    with suppress(WebhookEndpoint.DoesNotExist):
        endpoint.refresh_from_db()


@contextmanager
def _name_is_new() -> Iterator[None]:
    """Raise ``InvalidValue`` if somebody else took the name after it was checked."""
    try:
        with transactions.atomic():
            yield
    except IntegrityError:
        raise _name_is_taken() from None


def _name_is_taken() -> InvalidValue:
    return InvalidValue(_("There is an endpoint of this name already."))


def _refuse_settings(endpoint: WebhookEndpoint) -> None:
    if endpoint.is_from_settings:
        raise InvalidValue(_("The endpoint is in the setting WEBHOOKS. Change it there."))
