"""A person who did everything that there is to do, beside people who are called alike."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from talk_calls.constants import EventType
from talk_calls.models import (
    Attendee,
    Conversation,
    HPBConversation,
    OutboxEvent,
    PendingEvent,
    Session,
    SignalingMessage,
    WebhookDelivery,
    WebhookEndpoint,
)
from talk_calls.reports.statistics import summaries
from talk_calls.services import login_flows
from tests.factories import UserFactory
from tests.management.conftest import run
from tests.services.conftest import clock

__all__ = ["clock", "run"]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

#: A primary key that is no other number of the tests.
KEY = 987_654_321

#: All by which rows may name the person: key, user ids, names and addresses, old and new.
NAMES = ["Anna Beispiel", "Annika Neumann"]
IDENTIFIERS = [
    str(KEY),
    *("anna", "annika"),
    *NAMES,
    *("anna@example.org", "annika@example.org"),
]


@dataclass
class Life:
    """The person and the others."""

    anna: object
    ben: object
    cleo: object
    guest: Attendee | None = None
    rooms: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def life(db, device, settings, time_machine, django_capture_on_commit_callbacks) -> Life:
    """Return somebody who called, chatted, moderated, was moderated, invited, and renamed."""
    settings.TALK_CALLS = {"CALL_PAGE": "/call/{token}"}
    time_machine.move_to(NOON, tick=False)
    anna = UserFactory(
        pk=KEY, username="anna", first_name="Anna", last_name="Beispiel", email="anna@example.org"
    )
    ben = UserFactory(username="ben", first_name="Ben")
    cleo = UserFactory(username="anna-lena", first_name="Anna-Lena", last_name="Beispiel")
    made = Life(anna, ben, cleo)
    endpoint = WebhookEndpoint.objects.create(name="receiver", url="https://example.org/")
    with django_capture_on_commit_callbacks(execute=True):
        _call(made, device, time_machine)
        _be_moderated(made, device, time_machine)
    anna.username, anna.email = "annika", "annika@example.org"
    anna.first_name, anna.last_name = "Annika", "Neumann"
    with django_capture_on_commit_callbacks(execute=True):
        anna.save()
    time_machine.move_to(NOON + timedelta(hours=2), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        _call(made, device, time_machine)
        _be_moderated(made, device, time_machine)
    _be_delivered(endpoint)
    time_machine.move_to(NOON + timedelta(days=2), tick=False)
    summaries.catch_up(now=NOON + timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        _be_online(made, device, time_machine)
    return made


def _ok(answer):
    assert answer.http in {200, 201}, answer.whole
    return answer.data


def _call(life: Life, device, time_machine) -> None:
    """Own a public room, call in it with others and a guest of the same name, end the call."""
    name = life.anna.get_full_name()
    anna, ben, cleo = (device(each, version="v4") for each in (life.anna, life.ben, life.cleo))
    token = _ok(anna.post("room", {"roomType": 3, "roomName": "Weekly"}))["token"]
    life.rooms["own"] = token
    for user in ("ben", "anna-lena"):
        _ok(anna.post(f"room/{token}/participants", {"newParticipant": user}))
    guest = device(None, version="v4")
    for client in (anna, ben, cleo, guest):
        _ok(client.post(f"room/{token}/participants/active"))
    guest.service = "apps/spreed/api/v1"
    _ok(guest.post(f"guest/{token}/name", {"displayName": name}))
    guest.service = "apps/spreed/api/{version}"
    for client in (anna, ben, cleo, guest):
        _ok(client.post(f"call/{token}", {"flags": 7}))
        time_machine.shift(10)
    _ok(anna.delete(f"call/{token}"))
    time_machine.shift(5)
    _ok(anna.post(f"call/{token}", {"flags": 3}))
    time_machine.shift(5)
    _ok(anna.delete(f"call/{token}", {"all": "1"}))
    anna.service = "apps/spreed/api/v1"
    data = {"actorType": "users", "actorId": "anna-lena", "internalNote": "not me"}
    _ok(anna.post(f"ban/{token}", data))
    anna.service = "apps/spreed/api/{version}"
    # A one-to-one into which only one came.
    pair = _ok(anna.post("room", {"roomType": 1, "invite": "ben"}))["token"]
    life.rooms["pair"] = pair
    _ok(anna.post(f"room/{pair}/participants/active"))
    _ok(anna.post(f"call/{pair}", {"flags": 3}))
    time_machine.shift(20)
    _ok(anna.delete(f"call/{pair}"))
    _ok(anna.delete(f"room/{pair}/participants/active"))
    login = login_flows.read(
        login_flows.start(client_name=f"{name}'s phone", now=NOON + timedelta(days=2)).login,
        now=NOON + timedelta(days=2),
    )
    login_flows.grant(login=login, user=life.anna, now=NOON + timedelta(days=2))


def _be_moderated(life: Life, device, time_machine) -> None:
    """Be added, promoted, rung, demoted, invited by mail and banned by others."""
    anna, ben = (device(each, version="v4") for each in (life.anna, life.ben))
    token = _ok(ben.post("room", {"roomType": 3, "roomName": "Daily"}))["token"]
    life.rooms["other"] = token
    me = life.anna.username
    _ok(ben.post(f"room/{token}/participants", {"newParticipant": me}))
    _ok(
        ben.post(
            f"room/{token}/participants", {"newParticipant": life.anna.email, "source": "emails"}
        )
    )
    number = _attendee(token, life.anna)
    _ok(ben.post(f"room/{token}/moderators", {"attendeeId": number}))
    _ok(anna.put(f"room/{token}/description", {"description": "Every day"}))
    _ok(ben.delete(f"room/{token}/moderators", {"attendeeId": number}))
    _ok(ben.post(f"room/{token}/participants/active"))
    _ok(ben.post(f"call/{token}", {"flags": 3, "silentFor[]": [me]}))
    _ok(ben.post(f"call/{token}/ring/{number}"))
    time_machine.shift(10)
    _ok(ben.delete(f"call/{token}"))
    ben.service = "apps/spreed/api/v1"
    data = {"actorType": "users", "actorId": me, "internalNote": f"{me} shouts", "shownNote": me}
    _ok(ben.post(f"ban/{token}", data))
    conversation = Conversation.objects.get(token=token)
    HPBConversation.objects.update_or_create(
        conversation=conversation.pk, defaults={"token": token, "user_ids": ["ben", me]}
    )


def _be_delivered(endpoint: WebhookEndpoint) -> None:
    """Deliver what there is to a receiver that repeats what it gets, and leave one undelivered."""
    for number, event in enumerate(OutboxEvent.objects.order_by("pk"), 1):
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            event=event,
            conversation_id=event.conversation_id,
            number=number,
            state="delivered",
            response=str(event.payload),
            error=str(event.payload)[:255],
        )
    OutboxEvent.objects.update(for_webhooks=False)
    actor = {"actor_type": "users", "actor_id": "annika", "display_name": NAMES[1]}
    PendingEvent.objects.create(conversation_id=1, kind="CallStarted", payload=actor)
    newest = OutboxEvent.objects.filter(type=EventType.CALL_ENDED).last()
    OutboxEvent.objects.filter(pk=newest.pk).update(for_receivers=True)


def _be_online(life: Life, device, time_machine) -> None:
    """Be in a call that is running."""
    anna, ben = (device(each, version="v4") for each in (life.anna, life.ben))
    token = life.rooms["own"]
    for client in (anna, ben):
        _ok(client.post(f"room/{token}/participants/active"))
        _ok(client.post(f"call/{token}", {"flags": 7}))
    sender = Session.objects.filter(attendee__user=life.anna, conversation__token=token).last()
    recipient = Session.objects.filter(attendee__user=life.ben, conversation__token=token).last()
    name = life.anna.get_full_name()
    text = f'{{"from": "{sender.session_id}", "type": "nickChanged", "name": "{name}"}}'
    SignalingMessage.objects.create(recipient=recipient.pk, text=text)


def _attendee(token: str, user: object) -> int:
    return Attendee.objects.get(conversation__token=token, user=user).pk
