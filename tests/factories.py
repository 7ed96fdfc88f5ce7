"""Rows for tests. Fields that rules depend on are fixed, never random."""

from datetime import timedelta

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone

from talk_calls.constants import ActorType, ConversationType, EventType, ParticipantType
from talk_calls.models import Attendee, Conversation, OutboxEvent, Session, WebhookEndpoint
from talk_calls.services.sessions import generate_session_id


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose password is their username."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password(factory.SelfAttribute("username"))


class ConversationFactory(factory.django.DjangoModelFactory):
    """A public conversation, open to everybody."""

    class Meta:
        model = Conversation

    token = factory.Sequence(lambda n: f"token{n:05}")
    type = ConversationType.PUBLIC
    name = "Weekly"
    last_activity_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class AttendeeFactory(factory.django.DjangoModelFactory):
    """An ordinary member."""

    class Meta:
        model = Attendee

    conversation = factory.SubFactory(ConversationFactory)
    user = factory.SubFactory(UserFactory)
    participant_type = ParticipantType.USER
    display_name = factory.LazyAttribute(lambda o: o.user.username if o.user else "")


class GuestFactory(AttendeeFactory):
    """A guest."""

    user = None
    actor_type = ActorType.GUESTS
    actor_id = factory.Sequence(lambda n: f"{n:040x}")
    participant_type = ParticipantType.GUEST


class SessionFactory(factory.django.DjangoModelFactory):
    """A device that has just pinged and is not in the call."""

    class Meta:
        model = Session

    attendee = factory.SubFactory(AttendeeFactory)
    conversation = factory.SelfAttribute("attendee.conversation")
    session_id = factory.LazyFunction(generate_session_id)
    in_call = 0
    last_ping = factory.LazyFunction(timezone.now)


class OutboxEventFactory(factory.django.DjangoModelFactory):
    """The start of a call, which receivers of signals did not get yet."""

    class Meta:
        model = OutboxEvent

    conversation_id = 1
    conversation_token = "token"
    type = EventType.CALL_STARTED
    at = factory.SelfAttribute("created_at")
    created_at = factory.LazyFunction(timezone.now)
    payload = factory.LazyFunction(dict)
    for_receivers = True


class WebhookEndpointFactory(factory.django.DjangoModelFactory):
    """An enabled endpoint that gets all events."""

    class Meta:
        model = WebhookEndpoint

    name = factory.Sequence(lambda n: f"endpoint {n}")
    url = "https://receiver.example/hook"
