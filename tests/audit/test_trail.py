"""The audit trail itself: what the site does, erasure, and that entries are only added."""

import asyncio

import pytest
from django.contrib.auth import get_user_model
from django.db import models

from talk_calls import rooms
from talk_calls.constants import ActorType, LobbyState, ReadOnly
from talk_calls.db import transactions
from talk_calls.exceptions import InvalidValue
from talk_calls.models import AuditEntry
from talk_calls.models.audit import AuditAction
from talk_calls.reports import audit as reports
from talk_calls.services import (
    app_passwords,
    audit_context,
    bans,
    calls,
    conversations,
    creation,
    groups,
    lobby,
    participants,
    permissions,
    sessions,
)
from talk_calls.signals import call_started
from tests.audit.entries import clear, trail
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.times import START

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def room():
    return ConversationFactory()


@pytest.fixture
def bob(room):
    user = UserFactory(username="bob", first_name="Bob", last_name="Builder")
    return AttendeeFactory(conversation=room, user=user, display_name="Bob Builder")


def in_call(attendee):
    session = SessionFactory(attendee=attendee, last_ping=START)
    calls.join(session=session, flags=7, now=START)
    return session


def test_what_the_site_does(room, bob):
    """Functions that a host calls: nobody did it, and it comes from the site."""
    session = in_call(bob)
    calls.end(conversation=room, now=START)
    sessions.remove(session=session, now=START)
    lobby.set_state(conversation=room, state=LobbyState.NON_MODERATORS, timer=None, now=START)
    lobby.set_state(conversation=room, state=LobbyState.NONE, timer=None, now=START)
    permissions.set_owner(conversation=room, user=bob.user, now=START)
    permissions.set_owner(conversation=room, user=None, now=START)
    conversations.set_public(conversation=room, public=False, now=START)
    conversations.set_public(conversation=room, public=True, password="x", now=START)
    conversations.set_password(conversation=room, password="", now=START)
    bob.user.groups.create(name="staff")
    groups.add(conversation=room, group_id="staff", now=START)
    groups.remove(attendee=room.attendees.get(actor_type=ActorType.GROUPS), now=START)
    rooms.sync(room, {bob.user: rooms.Role.MODERATOR})
    rooms.delete(room)
    assert trail() == [
        ("call_ended", "host", "", "", ""),
        ("session_removed", "host", "", "Bob Builder", ""),
        ("lobby_raised", "host", "", "", ""),
        ("lobby_lowered", "host", "", "", ""),
        ("promoted", "host", "", "Bob Builder", ""),
        ("owner_set", "host", "", "Bob Builder", ""),
        ("demoted", "host", "", "Bob Builder", ""),
        ("made_private", "host", "", "", ""),
        ("password_set", "host", "", "", ""),
        ("made_public", "host", "", "", ""),
        ("password_removed", "host", "", "", ""),
        ("attendee_added", "host", "", "staff", ""),
        ("attendee_removed", "host", "", "staff", ""),
        ("promoted", "host", "", "Bob Builder", ""),
        ("conversation_deleted", "host", "", "", ""),
    ]


def test_creation(bob):
    """Who created what is recorded, and who was added; not who calls whom."""
    made = creation.create(kind=2, name="New", owner=bob.user, created_by=bob.user)
    participants.add_user(conversation=made, user=UserFactory(username="carol"))
    creation.create_one_to_one(user=bob.user, other=UserFactory())
    assert trail() == [
        ("conversation_created", "host", "Bob Builder", "", ""),
        ("attendee_added", "host", "", "carol", ""),
    ]


def test_the_same_again(room):
    """What changes nothing is not recorded."""
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_WRITE, now=START)
    conversations.rename(conversation=room, name=room.name, now=START)
    assert trail() == []


def test_rollback(room, bob):
    """What is rolled back leaves no entry, and neither does what a service refuses."""
    with transactions.atomic():
        conversations.set_read_only(conversation=room, state=ReadOnly.READ_ONLY, now=START)
        transactions.connection().set_rollback(True)
    with pytest.raises(InvalidValue):
        permissions.of_attendee(attendee=bob, change="set", permissions=-1, now=START)
    assert trail() == []


def test_receivers_are_the_site(room, bob):
    """A receiver of the site that changes something is the site, whoever started the call."""

    def lock(event, **kwargs):
        conversations.rename(conversation=room, name="In a call")

    call_started.connect(lock)
    try:
        with audit_context.acting_from("api"), transactions.atomic():
            in_call(bob)
            in_call_events = list(transactions.connection().run_on_commit)
        for _, send, _ in in_call_events:
            with audit_context.acting_from("api"):
                send()
    finally:
        call_started.disconnect(lock)
    assert {source for _, source, *_ in trail()} == {"host"}


def test_entries_are_only_added(room):
    """Neither rows nor querysets can be changed or deleted."""
    conversations.rename(conversation=room, name="New", now=START)
    entry = AuditEntry.objects.get()
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason="x"),
        lambda: AuditEntry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(TypeError), transactions.atomic():
            change()
    assert AuditEntry.objects.get() == entry


def test_tasks_have_contexts_of_their_own():
    """Two that wait for each other do not get the source of the other one."""

    async def act(source, seen):
        with audit_context.acting_from(source):
            await asyncio.sleep(0)
            seen.append((source, audit_context.current().source))

    async def both():
        seen = []
        await asyncio.gather(act("api", seen), act("admin", seen))
        return [*seen, audit_context.current().source]

    assert asyncio.run(both()) == [("api", "api"), ("admin", "admin"), "host"]


def everything_about(bob):
    """Do something of each kind to a user and by a user, with what names them in every text."""
    room = bob.conversation
    by_root = participants.operator(UserFactory(username="root"))
    with audit_context.acting_from("admin", reason="Bob Builder shouts"):
        permissions.of_attendee(
            attendee=bob, change="set", permissions=6, performed_by=by_root, now=START
        )
        app_passwords.create(user=bob.user, name="bob's phone", performed_by=by_root)
        permissions.promote(attendee=bob, performed_by=by_root, now=START)
    guest = GuestFactory(conversation=room, display_name="Gina")
    participants.remove(attendee=guest, performed_by=bob, now=START)
    conversations.set_read_only(
        conversation=room, state=ReadOnly.READ_ONLY, performed_by=bob, now=START
    )
    permissions.demote(attendee=bob, performed_by=by_root, now=START)
    bans.ban_attendee(attendee=bob, notes=bans.Notes("bob!"), performed_by=by_root, now=START)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_erasure(bob, one_by_one):
    """After an account is deleted no text of any entry names it; what was done stays."""
    AttendeeFactory(conversation=bob.conversation)  # somebody who keeps the conversation
    other = UserFactory(username="carol")
    creation.create_one_to_one(user=bob.user, other=other)
    everything_about(bob)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    users = get_user_model().objects.filter(pk=bob.user.pk)
    users.get().delete() if one_by_one else users.delete()
    kept = AuditEntry.objects.order_by("pk")
    assert [entry.action for entry in kept][: len(actions)] == actions
    texts = [
        str(getattr(entry, field.attname)).lower()
        for entry in kept
        for field in AuditEntry._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField, models.JSONField))
    ]
    assert [text for text in texts if "bob" in text or "builder" in text] == []
    assert not kept.filter(actor_user=None, target_user=None, actor_name="root").exclude(
        target_type="users"
    )
    by_them = kept.get(action=AuditAction.LOCKED)
    assert (reports.actor_text(by_them), by_them.actor_user) == ("Deleted user", None)
    of_them = kept.get(action=AuditAction.BANNED)
    assert (reports.actor_text(of_them), reports.target_text(of_them)) == ("root", "Deleted user")
    assert kept.get(action=AuditAction.ATTENDEE_REMOVED, target_name="Gina").actor_type == "users"


def test_entries_outlive_the_conversation(room):
    """They keep its number, token and name, and a deletion rewrites none of them."""
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_ONLY, now=START)
    pk, token = room.pk, room.token
    conversations.delete(conversation=room, now=START)
    kept = AuditEntry.objects.values_list(
        "conversation_pk", "conversation_token", "conversation_name"
    )
    assert list(kept) == [(pk, token, "Weekly")] * 2
    clear()
