"""A deactivated account is off every list at once, and each of its devices is told that it is."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from talk_calls.models import Attendee, CallLeg, Conversation, Session
from talk_calls.services import users
from talk_calls.signaling import poll, wakeup
from tests.factories import ConversationFactory
from tests.patience import in_time
from tests.people import Person, arrive
from tests.signaling.conftest import pull
from tests.signaling.test_polls import Waiting

pytestmark = pytest.mark.django_db(transaction=True)

User = get_user_model()


@pytest.fixture(autouse=True)
def _long_polls(monkeypatch) -> None:
    """A poll ends by what happened, and not by itself."""
    monkeypatch.setattr(wakeup, "QUERY_INTERVAL", 60)
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=20))


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


def by_save(user) -> None:
    user.is_active = False
    user.save()


def by_update(user) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    users.follow(user_pks=[user.pk])


def with_cookie(person: Person) -> Person:
    """Let the device be a browser that is logged in, instead of an app with its password."""
    person.device.browser.force_login(person.attendee.user)
    person.device.username = person.device.password = None
    return person


@pytest.mark.parametrize("deactivate", [by_save, by_update])
@pytest.mark.parametrize("who", ["member", "self-joined", "moderator"])
@pytest.mark.parametrize("kind", ["app", "browser"])
def test_a_waiting_device_is_told(room, old_version, deactivate, who, kind):
    """Its poll ends at once with 401: not as if it had joined elsewhere, or been removed."""
    bob = arrive(who, room, version=old_version)
    if kind == "browser":
        bob = with_cookie(bob)
    assert bob.room("post", "/participants/active").http == 200
    assert bob.call("post").http == 200
    assert pull(bob).http == 200
    with Waiting(bob) as waiting:
        deactivate(bob.attendee.user)
    in_time(waiting.ended - waiting.began, 1)
    assert (waiting.answer.http, waiting.answer.code) == (401, 997)
    assert not Session.objects.exists()
    assert Attendee.objects.filter(pk=bob.attendee.pk).exists() == (who != "self-joined")


def test_others_see_that_they_are_gone(room, version):
    """From the lists of the call and of polls, in every version; the call goes on."""
    ann, bob = (arrive(who, room, version=version) for who in ("owner", "member"))
    for person in (ann, bob):
        person.room("post", "/participants/active")
        assert person.call("post").http == 200
    name = bob.device.username
    assert len(ann.call("get").data) == 2
    by_save(bob.attendee.user)
    [left] = ann.call("get").data
    assert name not in str(left)
    [own] = [each for each in ann.room("get", "/participants").data if each["displayName"] == name]
    assert own["inCall"] == own["lastPing"] == 0
    assert own.get("sessionId", "0") == "0"
    assert own.get("sessionIds", []) == []
    assert ann.room("get").data["hasCall"] is True
    assert CallLeg.objects.get(user=bob.attendee.user).left_at is not None


def test_a_poll_of_others_shows_it_at_once(room):
    """Whoever waits hears of it by the hint."""
    ann, bob = (arrive(who, room) for who in ("owner", "member"))
    for person in (ann, bob):
        assert person.call("post").http == 200
    pull(ann)
    with Waiting(ann) as waiting:
        by_save(bob.attendee.user)
    in_time(waiting.ended - waiting.began, 1)
    [shown] = waiting.answer.data[-1]["data"]
    assert shown["userId"] == ann.device.username


@pytest.mark.parametrize("kind", ["app", "browser"])
def test_no_request_acts_for_it_any_more(room, kind):
    """An app gets 401 from all routes; a browser is a guest whom nobody knows."""
    bob = arrive("member", room, version="v4")
    if kind == "browser":
        bob = with_cookie(bob)
    assert bob.room("post", "/participants/active").http == 200
    by_save(bob.attendee.user)
    expected = 401 if kind == "app" else 404
    assert bob.call("post").http == expected
    assert bob.call("get").http == expected
    assert bob.room("get", "/participants").http == expected
    bob.device.version = "v3"
    assert pull(bob).http == expected
    assert not Session.objects.exists()


def test_a_rolled_back_deactivation_tells_nobody(room):
    """The account goes on."""
    bob = arrive("member", room)
    with transaction.atomic():
        by_save(bob.attendee.user)
        transaction.set_rollback(True)
    assert bob.call("post").http == 200


def test_a_removed_device_of_an_active_account(room):
    """That is 404, as before: the account itself is as good as ever."""
    bob = arrive("member", room)
    pull(bob)
    with Waiting(bob) as waiting:
        bob.attendee.delete()
        wakeup.notify(room.pk)
    assert waiting.answer.http == 404
