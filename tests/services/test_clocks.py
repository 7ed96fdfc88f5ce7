"""Machines whose clocks are a little apart write one history, in order."""

import pytest

from talk_calls.constants import LegReason
from talk_calls.models import Attendee, Call, CallLeg, Session
from talk_calls.services import calls, participants
from tests.factories import ConversationFactory, SessionFactory
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def devices():
    room = ConversationFactory()
    return [SessionFactory(attendee__conversation=room, last_ping=START) for _ in range(2)]


def test_nobody_joins_before_the_call_began(devices):
    """The machine of the first one was ahead."""
    calls.join(session=devices[0], flags=7, now=at(0.1))
    calls.join(session=devices[1], flags=7, now=at(0))
    assert list(CallLeg.objects.values_list("joined_at", flat=True)) == [at(0.1)] * 2


def test_a_call_begins_with_its_first_leg(devices):
    """A start by a session that left another call on a machine ahead is not before that leave."""
    devices[0].moved_at = at(0.1)
    devices[0].save()
    calls.join(session=devices[0], flags=7, now=at(0))
    assert Call.objects.get().started_at == CallLeg.objects.get().joined_at == at(0.1)


def test_a_call_begins_after_the_one_before(devices):
    """Its last one left on a machine that was ahead."""
    calls.join(session=devices[0], flags=7, now=at(0))
    calls.leave(session=devices[0], now=at(0.1))
    calls.join(session=devices[1], flags=7, now=at(0))
    assert Call.objects.get(ended_at=None).started_at == at(0.1)


def test_a_call_ends_with_its_last_leg(devices):
    """Somebody was removed on a machine that was ahead, before the last one left."""
    for device in devices:
        calls.join(session=device, flags=7, now=at(0))
    participants.remove(attendee=Attendee.objects.get(sessions=devices[0]), now=at(0.1))
    calls.leave(session=devices[1], now=at(0.05))
    call = Call.objects.get()
    assert (call.ended_at, call.end_reason) == (at(0.1), LegReason.LEFT)


def test_a_clock_that_was_wrong_is_not_followed(devices):
    """After a clock was an hour ahead and corrected, no session times out by it."""
    calls.join(session=devices[0], flags=7, now=at(0))
    Call.objects.update(started_at=at(3600))
    calls.join(session=devices[1], flags=7, now=at(1))
    assert Call.objects.get().ended_at is None
    assert Session.objects.in_call().count() == 2


def test_a_change_without_a_time_happens_by_the_clock(devices, time_machine):
    """Hosts need not pass `now`."""
    for device in devices:
        calls.join(session=device, flags=7, now=at(0))
    time_machine.move_to(at(7), tick=False)
    calls.end(conversation=devices[0].conversation)
    call = Call.objects.get()
    assert (call.started_at, call.ended_at) == (at(0), at(7))
