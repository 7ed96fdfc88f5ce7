"""Whose a row is that names somebody by type and id, at its time."""

from datetime import timedelta

import pytest

from talk_calls.constants import SystemMessageKind
from talk_calls.models import Alias, Attendee, SystemMessage
from talk_calls.privacy import erasure
from talk_calls.privacy.people import person_of
from talk_calls.services import creation, participants, system_messages
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def said(conversation, user_id: str, when, name: str = "Anna") -> SystemMessage:
    return SystemMessage.objects.create(
        conversation=conversation,
        kind=SystemMessageKind.CALL_JOINED,
        at=when,
        actor_type="users",
        actor_id=user_id,
        display_name=name,
    )


def rename(user, username: str, time_machine, when) -> None:
    time_machine.move_to(when, tick=False)
    user.username = username
    user.save()


def test_an_id_that_changed_hands(time_machine):
    """Each of three accounts had the same id; only what the second one did is erased."""
    first, second, third = UserFactory(username="anna"), UserFactory(), UserFactory()
    room = ConversationFactory()
    messages = [said(room, "anna", at(5))]
    rename(first, "first", time_machine, at(10))
    rename(second, "anna", time_machine, at(11))
    messages.append(said(room, "anna", at(15)))
    rename(second, "second", time_machine, at(20))
    rename(third, "anna", time_machine, at(21))
    messages.append(said(room, "anna", at(25)))
    erasure.erase(second, now=at(30))
    names = [SystemMessage.objects.get(pk=each.pk).display_name for each in messages]
    assert names == ["Anna", "", "Anna"]
    erasure.erase(first, now=at(30))
    names = [SystemMessage.objects.get(pk=each.pk).display_name for each in messages]
    assert names == ["", "", "Anna"]


def test_named_in_details():
    """Whom a message is about goes; who did it stays, and both are told apart."""
    ben, anna = AttendeeFactory(user__username="ben"), AttendeeFactory(user__username="anna")
    kind = SystemMessageKind.USER_ADDED
    system_messages.new(
        ben.conversation, kind, ben, at=START, user=system_messages.person(anna)
    ).save()
    erasure.erase(anna.user, now=START)
    message = SystemMessage.objects.get(kind=kind)
    assert (message.actor_id, message.details["user"]["name"]) == ("ben", "")
    assert message.details["user"]["id"].startswith("deleted_user/")


def test_an_address_of_two_accounts_is_nobodys():
    """An invitation may be the other one's."""
    anna, ben = UserFactory(email="us@example.org"), UserFactory(email="Us@example.org")
    room = ConversationFactory()
    Attendee.objects.create(
        conversation=room, actor_type="emails", actor_id="us@example.org", display_name="us"
    )
    assert person_of(anna).emails == person_of(ben).emails == ()
    erasure.erase(anna, now=START)
    assert Attendee.objects.get().actor_id == "us@example.org"


def invited_by_mail(conversation, address: str, when) -> SystemMessage:
    message = said(conversation, address, when, name=address)
    message.actor_type = "emails"
    message.save()
    return message


def test_an_address_that_changed_hands(time_machine):
    """What it did while it was one account's is that one's, and the rest is the other's."""
    first = UserFactory(username="first", email="info@example.org")
    room = ConversationFactory()
    messages = [invited_by_mail(room, "Info@example.org", at(5))]
    time_machine.move_to(at(10), tick=False)
    first.email = "first@example.org"
    first.save()
    messages.append(invited_by_mail(room, "info@example.org", at(15)))
    assert [each.until for each in person_of(first).emails] == [None, None]  # nobody else's yet
    second = UserFactory(username="second", email="info@example.org")
    time_machine.move_to(at(20), tick=False)
    erasure.erase(second, now=at(20))
    assert named(messages) == [True, False]
    erasure.erase(first, now=at(30))
    assert named(messages) == [False, False]


def named(messages) -> list[bool]:
    found = SystemMessage.objects.filter(pk__in=[each.pk for each in messages]).order_by("pk")
    return [bool(each.display_name) for each in found]


@pytest.mark.parametrize("name", ['an"na', "anna%", "änna", "a_na", "anna\\", "安娜"])
def test_ids_of_any_letters(name):
    """Ids are compared as a whole, whatever letters they have, and those like them stay."""
    anna, other = AttendeeFactory(user__username=name), AttendeeFactory(user__username="anna")
    kind = SystemMessageKind.USER_ADDED
    for attendee in (anna, other):
        person = system_messages.person(attendee)
        system_messages.new(other.conversation, kind, None, at=START, user=person).save()
    erasure.erase(anna.user, now=START)
    ids = [each.details["user"]["id"] for each in SystemMessage.objects.filter(kind=kind)]
    assert [key.startswith("deleted_user/") for key in ids] == [True, False]


def test_a_save_without_a_new_id_stores_nothing(django_assert_num_queries):
    user = UserFactory(username="anna", email="anna@example.org")
    user.first_name = "Anna"
    user.save()
    assert not Alias.objects.exists()
    user.email = "a@example.org"
    user.save()
    assert Alias.objects.get().value == "anna@example.org"


def test_keys_that_begin_alike():
    """The pair of users 1 and 12 is none of user 2."""
    one, two, twelve = UserFactory(pk=1001), UserFactory(pk=2), UserFactory(pk=1002)
    room, _ = creation.create_one_to_one(user=one, other=twelve)
    erasure.erase(two, now=START)
    room.refresh_from_db()
    assert room.pair == ["1001", "1002"]
    assert not room.is_former


def test_an_erased_user_who_came_back():
    """What they do after that is theirs, and is erased under another pseudonym."""
    anna = AttendeeFactory(user__username="anna").user
    room = ConversationFactory()
    participants.add_user(conversation=room, user=UserFactory())
    first = said(room, "anna", at(1))
    erasure.erase(anna, now=at(2))
    second = said(room, "anna", at(3) + timedelta(seconds=1))
    erasure.erase(anna, now=at(5))
    ids = {SystemMessage.objects.get(pk=each.pk).actor_id for each in (first, second)}
    assert len(ids) == 2
    assert "anna" not in ids
