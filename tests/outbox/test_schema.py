"""Whatever happens, each body is what the schema says, and tells no secret."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from talk_calls.constants import (
    ActorType,
    BanKind,
    EventType,
    LegReason,
    LobbyState,
    PermissionChange,
    RecordingConsent,
)
from talk_calls.models import Attendee, AuditEntry, Conversation, Session
from talk_calls.models.audit import AuditAction, AuditSource
from talk_calls.services import (
    app_passwords,
    audit_context,
    bans,
    calls,
    conversations,
    creation,
    groups,
    links,
    lobby,
    locking,
    permissions,
    sessions,
    sweeper,
)
from talk_calls.services.conversation_options import ConversationOptions
from tests.audit.test_api import CHANGES
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
    WebhookEndpointFactory,
)
from tests.outbox import bodies
from tests.outbox.bodies import Body
from tests.people import arrive
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("endpoint")]


@pytest.fixture
def endpoint(time_machine, settings):
    settings.TALK_CALLS = {"RECORDING_CONSENT": "optional"}
    time_machine.move_to(START, tick=False)
    return WebhookEndpointFactory()


@pytest.fixture
def room():
    return ConversationFactory(name="Weekly")


@pytest.fixture
def owner(room):
    return AttendeeFactory(
        conversation=room, participant_type=1, user__username="olga", display_name="Olga"
    )


def joined(attendee: Attendee, seconds: float = 0) -> Session:
    session = SessionFactory(attendee=attendee, last_ping=at(seconds))
    calls.join(session=session, flags=7, now=at(seconds))
    return session


def told() -> list[Body]:
    """Return what was stored, after checking each."""
    found = bodies.sent()
    bodies.check(found)
    return found


def kinds(found: list[Body]) -> list[str]:
    """Return the types, with the action of what moderators did."""
    return [body["data"].get("action") or body["type"] for body in found]


@pytest.mark.parametrize(
    "change", CHANGES, ids=[f"{path} {action} {target}" for _, path, _, action, target in CHANGES]
)
def test_changes_by_moderators(room, change):
    """Each is one event ``moderation``, before what follows from it."""
    olga = arrive("owner", room, version="v4", username="olga")
    UserFactory(username="carol")
    values = {
        "token": room.token,
        "bob": AttendeeFactory(conversation=room, user__username="bob", display_name="Bob").pk,
        "mod": AttendeeFactory(conversation=room, participant_type=2, display_name="Mod").pk,
        "guest": GuestFactory(conversation=room, display_name="Gina").pk,
    }
    olga.device.post(f"call/{room.token}")
    before = len(told())
    method, path, data, action, target = change
    data = {name: str(value).format(**values) for name, value in data.items()}
    assert olga.device.request(method, path.format(**values), data).http in {200, 201}
    found = told()[before:]
    assert kinds(found).count(action) == 1
    assert kinds(found)[0] == action
    assert found[0]["data"]["target_name"] == target
    assert found[0]["data"]["actor_id"] == "olga"


OPTIONS = ConversationOptions(password="very secret", description="very secret", lobby_state=1)


def be_created(room, owner):
    user, other = owner.user, UserFactory()
    creation.create(kind=3, name="x", owner=user, options=OPTIONS, created_by=user)
    creation.create(kind=2, name="by the site")
    creation.create_one_to_one(user=user, other=other, created_by=user)
    links.get_or_create(link=links.Link("app.model", "1"), name="linked")


def be_changed(room, owner):
    conversations.set_password(conversation=room, password="very secret", performed_by=owner)
    conversations.set_recording_consent(
        conversation=room, consent=RecordingConsent.NEEDED, performed_by=owner
    )
    lobby.set_state(
        conversation=room,
        state=LobbyState.NON_MODERATORS,
        timer=at(60),
        performed_by=owner,
        now=at(1),
    )
    locking.apply_timeouts(room.pk, now=at(100))  # the timer


def be_banned(room, owner):
    guest = GuestFactory(conversation=room, display_name="Gina")
    joined(guest)
    ban = bans.ban_attendee(attendee=guest, performed_by=owner)
    bans.lift(conversation=room, ban_id=ban.pk, performed_by=owner)
    for kind, who in [(BanKind.USERS, UserFactory().username), (BanKind.ADDRESSES, "9.9.9.9")]:
        bans.ban(conversation=room, kind=kind, actor_id=who)


def be_rung(room, owner):
    bob = AttendeeFactory(conversation=room)
    calls.ring_users(conversation=room, users=[bob.user], performed_by=owner)
    joined(owner)
    calls.ring_users(
        conversation=room, users=[AttendeeFactory(conversation=room).user], performed_by=owner
    )


def be_given_permissions(room, owner):
    bob = AttendeeFactory(conversation=room, display_name="Bob")
    joined(bob)
    permissions.of_everybody(
        conversation=room, change=PermissionChange.REMOVE, permissions=32, performed_by=owner
    )
    permissions.of_attendee(
        attendee=bob, change=PermissionChange.SET, permissions=7, performed_by=owner
    )


def time_out(room, owner):
    joined(owner)
    joined(GuestFactory(conversation=room))
    AttendeeFactory(conversation=room)
    locking.apply_timeouts(room.pk, now=at(1000))
    joined(owner, 1005)
    sweeper.sweep(now=at(100_000))


def resume(room, owner):
    session = joined(owner)
    calls.leave(session=session, now=at(1))
    calls.join(session=session, flags=1, now=at(2), silent=True)


def have_groups(room, owner):
    bob = UserFactory(username="bob")
    bob.groups.create(name="staff")
    groups.add(conversation=room, group_id="staff", performed_by=owner)
    joined(room.attendees.get(user=bob))
    groups.remove(attendee=room.attendees.get(actor_type=ActorType.GROUPS), performed_by=owner)


def be_operated(room, owner):
    session = SessionFactory(attendee=AttendeeFactory(conversation=room))
    joined(owner)
    with audit_context.acting_from(AuditSource.COMMAND, name="root", reason="maintenance"):
        sessions.remove(session=session)
        calls.end(conversation=room)
        permissions.set_owner(conversation=room, user=session.attendee.user)


def lose_accounts(room, owner):
    creation.create_one_to_one(user=owner.user, other=UserFactory())
    joined(owner)
    AttendeeFactory(conversation=room)
    owner.user.delete()


def be_deleted_by_the_host(room, owner):
    joined(owner)
    Conversation.objects.filter(pk=room.pk).delete()


STORIES: list[Callable[[Any, Any], None]] = [
    be_created,
    be_changed,
    be_banned,
    be_rung,
    be_given_permissions,
    time_out,
    resume,
    have_groups,
    be_operated,
    lose_accounts,
    be_deleted_by_the_host,
]


@pytest.mark.parametrize("story", STORIES, ids=[story.__name__ for story in STORIES])
def test_stories(room, owner, story):
    """What is rare is described as well."""
    story(room, owner)
    found = told()
    assert found
    text = json.dumps(found)
    secrets = [*Session.objects.values_list("session_id", flat=True), "very secret", "md5$"]
    assert [secret for secret in secrets if secret in text] == []


def test_values_of_the_schema():
    """The schema knows every type, reason, action and source."""
    described = bodies.schema()
    types = {*EventType, "test"}
    assert set(described["properties"]["type"]["enum"]) == types
    assert types - described["$defs"].keys() == {"test"}
    assert set(described["$defs"]["reason"]["enum"]) == set(LegReason)
    moderation = described["$defs"]["moderation"]["properties"]
    of_no_conversation = {
        AuditAction.APP_PASSWORD_CREATED,
        AuditAction.APP_PASSWORD_REVOKED,
        AuditAction.SIGNALING_KEY_ROTATED,
        AuditAction.PERSON_ERASED,
        AuditAction.ENDPOINT_CREATED,
        AuditAction.ENDPOINT_CHANGED,
        AuditAction.ENDPOINT_DELETED,
        AuditAction.SECRET_ROTATED,
        AuditAction.EVENTS_REPLAYED,
    }
    assert set(moderation["action"]["enum"]) == set(AuditAction) - of_no_conversation
    assert set(moderation["source"]["enum"]) == set(AuditSource)
    assert set(described["$defs"]["actor_type"]["enum"]) == {*ActorType, ""}


def test_what_the_schema_refuses(room, owner):
    """A field too many, one too few, and an unknown value."""
    joined(owner)
    [started] = [body for body in told() if body["type"] == EventType.CALL_STARTED]
    assert bodies.errors(started | {"more": 1})
    assert bodies.errors(started | {"number": 0})
    assert bodies.errors(started | {"data": started["data"] | {"more": 1}})
    assert bodies.errors(started | {"data": {"call_id": 1}})
    assert bodies.errors(started | {"timestamp": "yesterday"})


def test_entries_without_a_conversation(owner):
    """They are no events: webhooks are of conversations."""
    app_passwords.create(user=owner.user, name="phone")
    assert AuditEntry.objects.count() == 1
    assert told() == []
