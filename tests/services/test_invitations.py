"""Inviting e-mail addresses (behaviour 7.2)."""

import pytest
from django.core import mail

from talk_calls.constants import ActorType, ConversationType
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.models import Attendee
from talk_calls.services import invitations
from tests.factories import ConversationFactory
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SITE = "https://talk.example/"


@pytest.fixture
def room():
    return ConversationFactory(type=2, name="Open\r\nday")


@pytest.fixture
def invite(room, django_capture_on_commit_callbacks):
    def call(address: str, conversation=room) -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            return invitations.invite_email(
                conversation=conversation, address=address, site=SITE, performed_by=None, now=START
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
    assert f"https://talk.example/call/{room.token}\n" in message.body


def test_page_elsewhere(room, invite, settings):
    """A site may have its call page on another host."""
    settings.TALK_CALLS = {"CALL_PAGE": "https://calls.example/{token}/in"}
    invite("carol@example.org")
    assert f"https://calls.example/{room.token}/in\n" in mail.outbox[0].body


def test_twice(invite):
    """An address that was invited before gets no second mail."""
    assert [invite("carol@example.org") for _ in range(2)] == [True, False]
    assert len(mail.outbox) == Attendee.objects.count() == 1


LONG = "a" * 60 + "@" + ".".join(["b" * 50] * 4) + ".example"


@pytest.mark.parametrize("address", ["", "carol", "a@b", "a@example.org\nBcc: b@example.org", LONG])
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


def test_mail_server_that_is_away(invite, monkeypatch, caplog):
    """The invitation is kept, and the failure is logged."""

    def refuse(self):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    assert invite("carol@example.org") is True
    assert Attendee.objects.count() == 1
    assert "ConnectionRefusedError" in caplog.text


@pytest.fixture
def resend(room, django_capture_on_commit_callbacks):
    def call(attendee_id: int | None = None, seconds: int = 601) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            invitations.resend(
                conversation=room,
                attendee_id=attendee_id,
                site=SITE,
                performed_by=None,
                now=at(seconds),
            )

    return call


def test_resend(invite, resend):
    """To one of them, or to all."""
    for name in ("carol", "dave"):
        invite(f"{name}@example.org")
    mail.outbox.clear()
    resend(Attendee.objects.get(actor_id="carol@example.org").pk)
    resend(seconds=1202)
    assert [message.to[0].split("@")[0] for message in mail.outbox] == ["carol", "carol", "dave"]


def test_nobody_is_mailed_twice_in_ten_minutes(invite, resend):
    """However often somebody asks."""
    invite("carol@example.org")
    for seconds in (1, 300, 599, 601, 700, 1202):
        resend(seconds=seconds)
    assert len(mail.outbox) == 3


def test_site_that_mails_nothing(room, settings, invite, resend):
    """Without a page there is no link to send."""
    invite("carol@example.org")
    settings.TALK_CALLS = {"CALL_PAGE": ""}
    with pytest.raises(InvalidValue):
        invite("dave@example.org")
    resend()
    assert len(mail.outbox) == 1


def test_too_many(room, invite):
    """A conversation is no mailing list."""
    Attendee.objects.bulk_create(
        Attendee(conversation=room, actor_type="emails", actor_id=f"{number}@example.org")
        for number in range(100)
    )
    with pytest.raises(InvalidValue):
        invite("carol@example.org")
    assert not mail.outbox


def test_resend_to_nobody(room):
    """Only invitees of this conversation get mail."""
    other = Attendee.objects.create(
        conversation=ConversationFactory(), actor_type="emails", actor_id="x@example.org"
    )
    with pytest.raises(NoSuchTarget):
        invitations.resend(
            conversation=room, attendee_id=other.pk, site=SITE, performed_by=None, now=START
        )
