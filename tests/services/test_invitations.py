"""Inviting e-mail addresses (talk-api.md 7.2)."""

import pytest
from django.core import mail

from talk_calls.constants import ActorType, ConversationType
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.models import Attendee
from talk_calls.services import invitations
from tests.factories import ConversationFactory
from tests.moments import START

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LINK = "https://talk.example/call/abcd"


@pytest.fixture
def room():
    return ConversationFactory(type=2, name="Open\r\nday")


@pytest.fixture
def invite(room, django_capture_on_commit_callbacks):
    def call(address: str, conversation=room) -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            return invitations.invite_email(
                conversation=conversation, address=address, link=LINK, by=None, now=START
            )

    return call


def test_mail(room, invite):
    """The address gets the link, and the conversation becomes public for it."""
    assert invite(" Carol@Example.org ") is True
    attendee = Attendee.objects.get()
    assert (attendee.actor_type, attendee.actor_id) == (ActorType.EMAILS, "carol@example.org")
    room.refresh_from_db()
    assert room.type == ConversationType.PUBLIC
    [message] = mail.outbox
    assert (message.to, message.subject) == (["carol@example.org"], "Invitation: Open day")
    assert LINK in message.body


def test_twice(invite):
    """Who was invited before gets no second mail, and the conversation is public already."""
    assert [invite("carol@example.org") for _ in range(2)] == [True, False]
    assert len(mail.outbox) == Attendee.objects.count() == 1


@pytest.mark.parametrize("address", ["", "carol", "a@b", "a@example.org\nBcc: b@example.org"])
def test_no_address(room, invite, address):
    """What is no address changes nothing."""
    with pytest.raises(InvalidValue):
        invite(address)
    room.refresh_from_db()
    assert (room.type, mail.outbox) == (ConversationType.GROUP, [])


def test_one_to_one(invite):
    """Two are two."""
    with pytest.raises(InvalidValue):
        invite("carol@example.org", ConversationFactory(type=1))


def test_mail_server_that_is_away(invite, settings, caplog):
    """The invitation stands, and the log tells what went wrong."""
    settings.EMAIL_BACKEND = "tests.services.test_invitations.Away"
    assert invite("carol@example.org") is True
    assert Attendee.objects.count() == 1
    assert "ConnectionRefusedError" in caplog.text


class Away:
    """A mail server that does not answer."""

    def __init__(self, **_):
        pass

    def send_messages(self, _):
        raise ConnectionRefusedError


def test_resend(room, invite, django_capture_on_commit_callbacks):
    """To one of them, or to all."""
    for name in ("carol", "dave"):
        invite(f"{name}@example.org")
    mail.outbox.clear()
    carol = Attendee.objects.get(actor_id="carol@example.org")
    for who in (carol.pk, None):
        with django_capture_on_commit_callbacks(execute=True):
            invitations.resend(conversation=room, attendee_id=who, link=LINK)
    assert [message.to[0].split("@")[0] for message in mail.outbox] == ["carol", "carol", "dave"]


def test_resend_to_nobody(room):
    """Only invitees of this conversation get mail."""
    other = Attendee.objects.create(
        conversation=ConversationFactory(), actor_type="emails", actor_id="x@example.org"
    )
    with pytest.raises(NoSuchTarget):
        invitations.resend(conversation=room, attendee_id=other.pk, link=LINK)
