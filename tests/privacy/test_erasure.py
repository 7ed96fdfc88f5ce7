"""A person is erased from every column of every table, and nobody else is."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from talk_calls.models import Call, DaySummary
from talk_calls.privacy import erasure, history
from talk_calls.privacy.people import person_of
from talk_calls.privacy.registry import HOLDINGS
from talk_calls.reports.statistics import Days, Scope, compute_statistics, summaries
from tests.factories import UserFactory
from tests.privacy import scan
from tests.privacy.conftest import IDENTIFIERS, KEY, NAMES, NOON

pytestmark = pytest.mark.django_db


def by_command(user) -> None:
    call_command("talk_erase_user", str(KEY), "--no-input", "--json")


def in_the_admin(user) -> None:
    root = UserFactory(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    path = reverse("admin:auth_user_delete", args=[user.pk])
    assert client.post(path, {"post": "yes"}).status_code == 302


WAYS = {
    "command": by_command,
    "user.delete()": lambda user: user.delete(),
    "queryset": lambda user: get_user_model().objects.filter(pk=user.pk).delete(),
    "admin": in_the_admin,
}

#: Columns in which everybody stands who does all this: the test is worth something only with them.
EVERYWHERE = {
    "Alias.user",
    "Alias.value",
    "AppPassword.user",
    "Attendee.actor_id",
    "Attendee.display_name",
    "Attendee.user",
    "AuditEntry.actor_id",
    "AuditEntry.actor_name",
    "AuditEntry.actor_user",
    "AuditEntry.reason",
    "AuditEntry.target_id",
    "AuditEntry.target_name",
    "AuditEntry.target_user",
    "Ban.display_name",
    "Ban.internal_note",
    "Ban.moderator_id",
    "Ban.moderator_name",
    "Ban.shown_note",
    "Ban.user",
    "Call.ended_by_id",
    "Call.ended_by_name",
    "Call.rung",
    "Call.silent_for",
    "CallLeg.actor_id",
    "CallLeg.display_name",
    "CallLeg.user",
    "Conversation.pair_key",
    "HPBConversation.user_ids",
    "LoginFlow.client_name",
    "LoginFlow.user",
    "OutboxEvent.payload",
    "PendingEvent.payload",
    "PersonDay.user",
    "SignalingMessage.text",
    "SystemMessage.actor_id",
    "SystemMessage.details",
    "SystemMessage.display_name",
    "WebhookDelivery.error",
    "WebhookDelivery.response",
}


def of_others(row) -> bool:
    """Tell whether a row is that of the guest who has the same name."""
    return getattr(row, "actor_type", "") == "guests"


def mentions() -> list[tuple[str, str]]:
    """Return columns and values that name the person, without the guest of the same name."""
    return [
        (column, value)
        for column, row, value in scan.findings(IDENTIFIERS)
        if not of_others(row) and not names_only_the_guest(value)
    ]


def names_only_the_guest(value: str) -> bool:
    """Tell whether a value is about the guest, and has nothing of the person but the name."""
    rest = scan.pattern(NAMES).sub("", value)
    return "'guests'" in value and not scan.pattern(IDENTIFIERS).search(rest)


def statistics(*, counted: bool = False):
    """Return the figures of the days, from summaries, or counted anew."""
    now = NOON + timedelta(days=2)
    if counted:
        DaySummary.objects.update(is_stale=True)
    figures = compute_statistics(Scope(Days(date(2026, 2, 27), date(2026, 3, 2)), now))
    if counted:
        summaries.catch_up(now=now)
    return figures


#: What changes for others as somebody leaves who was in a call with them.
VOLATILE = {
    "Attendee": {"modified_at"},
    "Conversation": {"roster", "last_activity_at", "type", "read_only", "pair_key"},
    "HPBConversation": {"changes", "user_ids"},
    "Session": {"in_call", "moved_at"},
    "CallLeg": {"left_at", "reason"},
    "Call": {"ended_at", "end_reason"},
}


def test_everything_is_there(life):
    """The person stands in each column that the registry knows, or nearly."""
    columns = Counter(column for column, _ in mentions())
    assert EVERYWHERE - columns.keys() == set()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left(life, way, django_capture_on_commit_callbacks):
    """However the person is erased; the figures of all days stay, and so do all other rows."""
    named = {(type(row).__name__, row.pk) for _, row, _ in scan.findings(IDENTIFIERS)}
    before, figures = scan.rows(), statistics()
    with django_capture_on_commit_callbacks(execute=True):
        WAYS[way](life.anna)
    assert mentions() == []
    after = scan.rows()
    for key, row in before.items():
        if key not in named and key[0] not in {"Session"}:
            skipped = VOLATILE.get(key[0], set())
            kept = {name: value for name, value in row.items() if name not in skipped}
            assert kept == {name: after[key][name] for name in kept}, key
    assert statistics() == figures
    assert statistics(counted=True) == figures


def test_guests_of_the_same_name_stay(life, django_capture_on_commit_callbacks):
    """A guest is another one, whatever their name is."""

    def guests() -> Counter[str]:
        found = scan.findings(IDENTIFIERS)
        return Counter(column for column, row, _ in found if of_others(row))

    before = guests()
    assert before["CallLeg.display_name"]
    with django_capture_on_commit_callbacks(execute=True):
        life.anna.delete()
    assert guests() == before


def test_twice(life, run):
    """The second time there is nothing left but the entries of what was done."""
    run("talk_erase_user", str(KEY), "--no-input", "--json")
    again = run("talk_erase_user", str(KEY), "--dry-run", "--json")
    assert not any(again["counts"].values()), again
    rows = scan.rows()
    run("talk_erase_user", str(KEY), "--no-input", "--json")
    assert {key: row for key, row in scan.rows().items() if key in rows} == rows


def test_dry_run(life, run):
    """It counts, and changes nothing."""
    rows = scan.rows()
    counted = run("talk_erase_user", "annika", "--dry-run", "--json")
    assert {name for name, number in counted["counts"].items() if not number} == set()
    assert scan.rows() == rows


def test_each_part_is_needed(life, monkeypatch):
    """Whatever holding does nothing, the scan finds what it left: so it looks everywhere."""
    overlooked = []
    for holding in HOLDINGS:
        if holding.name in {"sessions", "one_to_ones", "webhook_deliveries"}:
            continue  # they go as the person leaves, or with their events
        with monkeypatch.context() as patch, transaction.atomic():
            patch.setattr(type(holding), "erase", lambda *args: None)
            erasure.erase(life.anna)
            if not mentions():
                overlooked.append(holding.name)
            transaction.set_rollback(True)
    assert overlooked == []


def add_somebody(value):
    """Return JSON with somebody else in it."""
    if isinstance(value, list):
        return [*value, "somebody else"]
    return {**value, "more": "somebody else"}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("calls", "rung"),
        ("messages", "details"),
        ("events", "payload"),
        ("events_of_old_processes", "payload"),
        ("signaling_servers", "user_ids"),
    ],
)
def test_rows_that_change_meanwhile(life, name, field):
    """What others store between reading a batch and erasing it stays."""
    [holding] = (each for each in HOLDINGS if each.name == name)
    person = person_of(life.anna)
    for rows in holding.batches(person):
        for row in holding.model.objects.filter(pk__in=[each.pk for each in rows]):
            setattr(row, field, add_somebody(getattr(row, field)))
            row.save(update_fields=[field])
        erasure._erase(holding, rows, person, "deleted_user/1")
        for row in holding.model.objects.filter(pk__in=[each.pk for each in rows]):
            assert "somebody else" in str(getattr(row, field))
    assert list(holding.batches(person)) == []


def test_open_calls_are_erased_under_the_lock(life, monkeypatch):
    """Whoever rings somebody has read the list under the lock of the conversation."""
    call = Call.objects.get(ended_at=None)
    Call.objects.filter(pk=call.pk).update(rung=[str(KEY)])
    taken = []
    monkeypatch.setattr(history, "lock_conversation", taken.append)
    holding, person = history.Calls(), person_of(life.anna)
    for rows in holding.batches(person):
        erasure._erase(holding, rows, person, "deleted_user/1")
    assert taken == [call.conversation_id]
    call.refresh_from_db()
    assert call.rung == []
