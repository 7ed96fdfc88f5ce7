"""Constraints of the tables, which hold for every writer."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from talk_calls.constants import ActorType, ConversationType, LegReason
from talk_calls.models import AppPassword, Attendee, Call, CallLeg, Conversation, Session
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BEFORE = NOW - timedelta(seconds=1)


def refuse(constraint: str, write, *columns: str) -> None:
    """Assert that ``write`` runs into ``constraint``; SQLite names a unique one by its columns."""
    refusal = "|".join([f"\\b{constraint}\\b", f"UNIQUE constraint failed: {', '.join(columns)}$"])
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        write()


def open_call(**values) -> Call:
    return Call.objects.create(
        **{"conversation": ConversationFactory(), "started_at": NOW} | values
    )


def open_leg(**values) -> CallLeg:
    fixed = {"session_key": "a" * 32, "actor_type": ActorType.GUESTS, "joined_at": NOW, "flags": 7}
    return CallLeg.objects.create(**fixed | values)


def test_one_conversation_has_one_open_call():
    """Two calls of one conversation are never open at once; ended ones do not count."""
    conversation = ConversationFactory()
    ended = {"ended_at": NOW, "end_reason": LegReason.LEFT}
    open_call(conversation=conversation, **ended)
    open_call(conversation=conversation, **ended)
    open_call(conversation=conversation)
    open_call()
    refuse(
        "talk_call_one_open",
        lambda: open_call(conversation=conversation),
        "talk_calls_call.conversation_id",
    )
    refuse(
        "talk_call_one_open",
        lambda: conversation.calls.filter(ended_at=NOW).update(ended_at=None, end_reason=""),
        "talk_calls_call.conversation_id",
    )


def test_call_does_not_end_before_it_starts():
    """A call may end in the instant it starts, and not earlier."""
    call = open_call()
    refuse(
        "talk_call_ends_after_start",
        lambda: open_call(ended_at=BEFORE, end_reason=LegReason.LEFT),
    )
    refuse(
        "talk_call_ends_after_start",
        lambda: Call.objects.filter(pk=call.pk).update(ended_at=BEFORE, end_reason=LegReason.LEFT),
    )
    open_call(ended_at=NOW, end_reason=LegReason.LEFT)


@pytest.mark.parametrize(
    "values", [{"ended_at": NOW}, {"end_reason": LegReason.LEFT}], ids=["no reason", "no end"]
)
def test_call_has_end_and_reason_or_neither(values):
    """A call that ended has a reason, and an open one has none."""
    refuse("talk_call_end_has_reason", lambda: open_call(**values))


def test_open_call_belongs_to_a_conversation():
    """Only history outlives its conversation."""
    open_call(conversation=None, ended_at=NOW, end_reason=LegReason.CONVERSATION_DELETED)
    refuse("talk_call_open_has_conversation", lambda: open_call(conversation=None))


def test_an_open_call_has_a_conversation():
    """A conversation that goes ends its call first (tests/services/test_deletion.py)."""
    calls = Call.objects.filter(pk=open_call().pk)
    refuse("talk_call_open_has_conversation", partial(calls.update, conversation=None))


def test_session_has_one_open_leg():
    """A session is in one call at a time, wherever."""
    first, second = open_call(), open_call()
    open_leg(call=first, left_at=NOW, reason=LegReason.LEFT)
    open_leg(call=first)
    refuse(
        "talk_leg_one_open_per_session",
        lambda: open_leg(call=second),
        "talk_calls_callleg.session_key",
    )


def test_leg_does_not_end_before_it_starts():
    """Nobody leaves before they joined."""
    call = open_call()
    refuse(
        "talk_leg_leaves_after_join",
        lambda: open_leg(call=call, left_at=BEFORE, reason=LegReason.TIMEOUT),
    )
    open_leg(call=call, left_at=NOW, reason=LegReason.TIMEOUT)


@pytest.mark.parametrize(
    "values", [{"left_at": NOW}, {"reason": LegReason.LEFT}], ids=["no reason", "no end"]
)
def test_leg_has_end_and_reason_or_neither(values):
    """Every leg ends with a reason, and an open one has none."""
    call = open_call()
    refuse("talk_leg_end_has_reason", lambda: open_leg(call=call, **values))


def test_user_is_an_attendee_once():
    """One user is one attendee of a conversation, and may be one of another too."""
    attendee = AttendeeFactory()
    AttendeeFactory(user=attendee.user)
    refuse(
        "talk_attendee_user_once",
        lambda: AttendeeFactory(conversation=attendee.conversation, user=attendee.user),
        "talk_calls_attendee.conversation_id",
        "talk_calls_attendee.user_id",
    )


def test_guest_is_an_attendee_once():
    """One guest is one attendee of a conversation."""
    guest = GuestFactory()
    GuestFactory(actor_id=guest.actor_id)
    refuse(
        "talk_attendee_actor_once",
        lambda: GuestFactory(conversation=guest.conversation, actor_id=guest.actor_id),
        "talk_calls_attendee.conversation_id",
        "talk_calls_attendee.actor_type",
        "talk_calls_attendee.actor_id",
    )


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"actor_type": ActorType.USERS, "actor_id": ""}, id="user without user"),
        pytest.param({"actor_type": ActorType.USERS, "actor_id": "bob"}, id="user by name"),
        pytest.param({"actor_type": ActorType.GUESTS, "actor_id": ""}, id="guest without id"),
    ],
)
def test_attendee_without_user_is_somebody_else(values):
    """Nobody is a user by name alone, and a guest has an id."""
    conversation = ConversationFactory()
    refuse(
        "talk_attendee_user_is_identity",
        lambda: Attendee.objects.create(conversation=conversation, **values),
    )


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"actor_type": ActorType.GUESTS, "actor_id": "a" * 40}, id="guest"),
        pytest.param({"actor_type": ActorType.USERS, "actor_id": "bob"}, id="user by name too"),
    ],
)
def test_attendee_with_user_is_that_user_and_nothing_else(values):
    """A user is known by the user row alone."""
    conversation, user = ConversationFactory(), UserFactory()
    refuse(
        "talk_attendee_user_is_identity",
        lambda: Attendee.objects.create(conversation=conversation, user=user, **values),
    )


def test_session_ids_are_unique_everywhere():
    """No two sessions share an id, not even in different conversations."""
    session = SessionFactory()
    refuse(
        "talk_session_id_unique",
        lambda: SessionFactory(session_id=session.session_id),
        "talk_calls_session.session_id",
    )


@pytest.mark.parametrize("flags", [16, 32767, -1])
def test_session_has_flags_that_exist(flags):
    """In-call flags are a bit field of 0 to 15."""
    session = SessionFactory(in_call=15)
    with pytest.raises(IntegrityError, match=r"talk_session_flags_known|in_call"):
        Session.objects.filter(pk=session.pk).update(in_call=flags)


def test_tokens_are_unique():
    """A token leads to one conversation."""
    conversation = ConversationFactory()
    refuse(
        "talk_conversation_token_unique",
        lambda: ConversationFactory(token=conversation.token),
        "talk_calls_conversation.token",
    )


def test_two_users_have_one_conversation_of_their_own():
    """A pair has one one-to-one; conversations without a pair are many."""
    ConversationFactory(type=ConversationType.ONE_TO_ONE, pair_key="1:2")
    ConversationFactory()
    ConversationFactory()
    refuse(
        "talk_conversation_pair_unique",
        lambda: ConversationFactory(type=ConversationType.ONE_TO_ONE, pair_key="1:2"),
        "talk_calls_conversation.pair_key",
    )


def test_an_object_has_one_conversation():
    """Conversations of no object are many, and so are objects of a model."""
    link = {"linked_model": "projects.project", "linked_pk": "7"}
    ConversationFactory(**link)
    ConversationFactory(**link | {"linked_pk": "8"})
    ConversationFactory.create_batch(2)
    refuse(
        "talk_conversation_link_unique",
        lambda: ConversationFactory(**link),
        "talk_calls_conversation.linked_model, talk_calls_conversation.linked_pk",
    )


def test_app_passwords_are_unique():
    """A secret belongs to one user."""
    user, other = UserFactory(), UserFactory()
    AppPassword.objects.create(user=user, digest="d" * 64)
    refuse(
        "talk_app_password_digest_unique",
        lambda: AppPassword.objects.create(user=other, digest="d" * 64),
        "talk_calls_apppassword.digest",
    )


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("model", "field", "length"),
    [(Session, "session_id", 512), (Attendee, "actor_id", 255), (Attendee, "display_name", 255)],
)
def test_columns_are_as_wide_as_the_protocol(model, field, length):
    """The database itself holds the lengths of the protocol, with room for all of it."""
    row = SessionFactory() if model is Session else GuestFactory()
    model.objects.filter(pk=row.pk).update(**{field: "x" * length})
    with pytest.raises(DataError):
        model.objects.filter(pk=row.pk).update(**{field: "x" * (length + 1)})


def test_every_constraint_is_tried_here():
    """A constraint that nobody tries to break proves nothing."""
    rows = [Conversation, Attendee, Session, Call, CallLeg, AppPassword]
    named = {constraint.name for model in rows for constraint in model._meta.constraints}
    text = Path(__file__).read_text()
    assert {name for name in named if name not in text} == set()
