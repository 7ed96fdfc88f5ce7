"""The call of v4: flags in place, silence, consent, the end for all, ringing (behaviour 5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.constants import LegReason, Permission
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.signals import CallRang, CallStarted, call_rang, call_started
from tests.contract.expected import ok, refused
from tests.factories import AttendeeFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(django_capture_on_commit_callbacks):
    """Collect the events of calls that start and of people who are rung."""
    events = []

    def hear(event, **_):
        events.append(event)

    for signal in (call_started, call_rang):
        signal.connect(hear)
    yield events
    for signal in (call_started, call_rang):
        signal.disconnect(hear)


def in_call() -> int:
    return Session.objects.in_call().count()


# Joining


@pytest.mark.parametrize(
    ("kwargs", "flags"),
    [
        ({}, 7),
        ({"data": {"flags": "3", "silent": "false", "recordingConsent": "false"}}, 3),
        ({"data": {"flags": "7", "silent": "0"}}, 7),
        ({"data": {"flags": "1"}}, 1),
        ({"json": '{"flags": 3, "silent": true, "silentFor": ["bob"]}'}, 3),
        ({"json": '{"flags": null, "silent": null, "silentFor": null}'}, 7),
        ({"data": {"silentFor[]": ["bob", "carol"]}}, 7),
        ({"data": {"silentFor": "bob"}}, 7),
        ({"data": {"silentFor[]": ""}}, 7),
    ],
)
def test_join(arrive, wire, kwargs, flags):
    """Whatever the apps send, the call has the flags."""
    member = arrive("member", wire=wire)
    answer = member.call("post", **kwargs)
    assert answer.whole == ok(answer)
    assert member.flags == flags


@pytest.mark.parametrize(
    ("data", "silent", "silent_for"),
    [
        ({}, False, ()),
        ({"silent": "true"}, True, ()),
        ({"silentFor[]": ["bob", "carol"]}, False, ("bob", "carol")),
    ],
)
def test_silent_start_is_reported(
    arrive, received, django_capture_on_commit_callbacks, *, data, silent, silent_for
):
    """The event of the start names those to whom it is not to be announced."""
    with django_capture_on_commit_callbacks(execute=True):
        arrive("member").call("post", data)
    [event] = received
    assert isinstance(event, CallStarted)
    assert (event.silent, event.silent_for) == (silent, silent_for)


@pytest.mark.parametrize(
    "data",
    [{"flags": "16"}, {"flags": "-1"}, {"flags": "x"}, {"silentFor[]": [["x"]], "flags": "y"}],
)
def test_nonsense_changes_nothing(arrive, data):
    """Flags are 0 to 15."""
    member = arrive("member")
    assert member.call("post", data).http == 400
    assert in_call() == 0


@pytest.mark.parametrize(
    "json",
    [
        '{"silentFor": {"a": 1}}',
        '{"silentFor": 7}',
        '{"silent": []}',
        f'{{"silentFor": ["{"x" * 256}"]}}',
        f'{{"silentFor": {[str(number) for number in range(1001)]}}}'.replace("'", '"'),
    ],
    ids=["object", "number", "list", "long name", "many names"],
)
def test_nonsense_as_json(arrive, json):
    """A list of names is a list of names."""
    assert arrive("member").call("post", json=json).http == 400


def test_flags_follow_the_permissions(arrive):
    """What somebody may not send is taken off, on joining and on changing (constants 2.7)."""
    member = arrive("member")
    listener = Permission.CUSTOM | Permission.START_CALL | Permission.PUBLISH_AUDIO
    Attendee.objects.filter(pk=member.attendee.pk).update(permissions=listener)
    member.call("post", {"flags": "7"})
    assert member.flags == 3
    member.call("put", {"flags": "5"})
    assert member.flags == 1


# Consent


@pytest.mark.parametrize(
    ("rule", "wanted", "given", "status"),
    [
        ("no", 1, "false", 200),
        ("yes", 0, "false", 400),
        ("yes", 0, "true", 200),
        ("optional", 0, "false", 200),
        ("optional", 1, "false", 400),
        ("optional", 1, "true", 200),
    ],
)
def test_consent(arrive, room, settings, rule, wanted, given, status):  # noqa: PLR0917
    """Where consent is needed, nobody joins without it."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": rule}
    Conversation.objects.update(recording_consent=wanted)
    member = arrive("member")
    answer = member.call("post", {"recordingConsent": given})
    needed = {"error": "consent"}
    assert answer.whole == (ok(answer) if status == 200 else refused(answer, 400, data=needed))
    assert in_call() == (status == 200)
    assert member.room("get").data["recordingConsent"] == int(
        rule == "yes" or (rule == "optional" and wanted)
    )


@pytest.mark.parametrize(("online", "error"), [(True, "consent"), (False, "consent")])
def test_consent_is_asked_before_the_session(arrive, settings, online, error):
    """Missing consent is reported before a missing session (behaviour 5)."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "yes"}
    member = arrive("member", online=online)
    assert member.call("post").data == {"error": error}
    Conversation.objects.update(lobby_state=1)
    assert member.call("post").data == {"error": "lobby"}
    Conversation.objects.update(read_only=1)
    assert member.call("post").data == {"error": "read-only"}


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_leaving_by_flags_takes_no_consent(arrive, settings, version):
    """No flags are a leave, from everybody."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "yes"}
    member = arrive("member")
    member.call("post", {"recordingConsent": "true"})
    member.device.version = version
    assert member.call("post", {"flags": "0"}).http == 200
    assert in_call() == 0


def test_older_clients_cannot_consent(arrive, room, settings, old_version):
    """v1 to v3 have no parameter for it and are refused where consent is needed."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "yes"}
    member = arrive("member")
    member.device.version = old_version
    answer = member.call("post", {"recordingConsent": "true"})
    assert answer.whole == refused(answer, 400)
    assert in_call() == 0


# Changing flags


@pytest.mark.parametrize(
    "kwargs", [{"data": {"flags": "1"}}, {"json": '{"flags": 1}'}, {"data": {"flags": " 1 "}}]
)
def test_change_flags(arrive, wire, kwargs):
    """Flags change in place: there is no new leg, and the call keeps its own flags."""
    member = arrive("member", wire=wire)
    member.call("post", {"flags": "7"})
    answer = member.call("put", **kwargs)
    assert answer.whole == ok(answer)
    assert member.flags == 1
    assert CallLeg.objects.get().flags == 7


def test_camera_that_comes_on_later_counts(arrive):
    """The flags of the call widen with it."""
    member = arrive("member")
    member.call("post", {"flags": "3"})
    member.call("put", {"flags": "7"})
    assert member.room("get").data["callFlag"] == 7


@pytest.mark.parametrize(
    ("before", "data", "error"),
    [
        (None, {"flags": "7"}, "in-call"),
        ("7", {"flags": "2"}, "in-call"),
        ("7", {"flags": "0"}, "in-call"),
    ],
)
def test_change_flags_refused(arrive, before, data, error):
    """Only who is in the call has flags, and stays in it by changing them."""
    member = arrive("member")
    if before:
        member.call("post", {"flags": before})
    answer = member.call("put", data)
    assert answer.whole == refused(answer, 400, data={"error": error})
    assert member.flags == int(before or 0)


def test_change_flags_needs_flags(arrive):
    """A parameter that is missing is named."""
    member = arrive("member")
    member.call("post")
    answer = member.call("put")
    assert answer.whole == refused(answer, 400, "flags: This field is required.")


# Leaving and ending


@pytest.mark.parametrize("lock", ["read_only", "lobby_state"])
def test_nobody_is_kept_in(arrive, lock):
    """v4 lets everybody go, whatever happened to the conversation meanwhile."""
    member = arrive("member")
    member.call("post")
    Conversation.objects.update(**{lock: 1})
    answer = member.call("delete")
    assert answer.whole == ok(answer)
    assert member.flags == 0


@pytest.mark.parametrize(
    "kwargs",
    [{"data": {"all": "true"}}, {"data": {"all": "1"}}, {"json": '{"all": true}'}],
)
@pytest.mark.parametrize("who", ["owner", "moderator", "guest moderator"])
def test_end_for_all(arrive, who, kwargs):
    """A moderator ends the call for everybody, in one go."""
    moderator, other = arrive(who), arrive("guest")
    for person in (moderator, other):
        person.call("post")
    answer = moderator.call("delete", **kwargs)
    assert answer.whole == ok(answer)
    assert in_call() == 0
    assert Call.objects.get().end_reason == LegReason.ENDED_FOR_ALL


@pytest.mark.parametrize(
    ("who", "data"),
    [("member", {"all": "true"}), ("owner", {"all": "0"}), ("owner", {"all": "false"})],
)
def test_leaving_only(arrive, who, data):
    """From anybody else, "all" is silently an ordinary leave."""
    person, other = arrive(who), arrive("guest")
    for each in (person, other):
        each.call("post")
    answer = person.call("delete", data)
    assert answer.whole == ok(answer)
    assert (person.flags, other.flags) == (0, 7)


def test_end_for_all_by_query(arrive):
    """Android sends it in the query."""
    owner, other = arrive("owner"), arrive("guest")
    for person in (owner, other):
        person.call("post")
    path = f"/ocs/v2.php/apps/spreed/api/v4/call/{owner.conversation.token}"
    response = owner.device.browser.delete(
        path, query_params={"all": "true"}, headers=owner.device._headers(None)
    )
    assert (response.status_code, in_call()) == (200, 0)


# Ringing


def test_ring(arrive, wire, received, django_capture_on_commit_callbacks):
    """A session in the call rings a user, which is reported as an event."""
    caller, target = arrive("member", wire=wire), arrive("member", username="bob")
    caller.call("post")
    with django_capture_on_commit_callbacks(execute=True):
        answer = caller.call("post", path=f"/ring/{target.attendee.pk}")
    assert answer.whole == ok(answer)
    assert received == [
        CallRang(
            conversation_id=caller.conversation.pk,
            token=caller.conversation.token,
            at=received[0].at,
            actor_type="users",
            actor_id=caller.device.username,
            display_name=caller.attendee.display_name,
            call_id=Call.objects.get().pk,
            target_id=target.attendee.pk,
            target_user="bob",
            user_pk=str(target.attendee.user_id),
        )
    ]


def test_ring_again(arrive, received, time_machine, django_capture_on_commit_callbacks):
    """While a device rings already, no second event is sent."""
    caller, target = arrive("member"), arrive("member")
    caller.call("post")
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            assert caller.call("post", path=f"/ring/{target.attendee.pk}").http == 200
    assert len(received) == 1


@pytest.mark.parametrize(
    ("case", "status", "error"),
    [
        ("no call", 400, "in-call"),
        ("not in it", 400, "in-call"),
        ("no session", 404, "no-session"),
        ("may not start", 403, "start-call"),
        ("nobody", 404, "no-target"),
        ("elsewhere", 404, "no-target"),
        ("guest", 400, "target"),
        ("group", 400, "target"),
        ("address", 400, "target"),
        ("in the call", 400, "target"),
    ],
)
@pytest.mark.contract("14/ring")
def test_ring_refused(arrive, settings, received, case, status, error):  # noqa: PLR0917
    """Ringing is refused without the right, and for targets that cannot be rung."""
    caller = arrive("member", online=case != "no session")
    target = arrive("guest" if case == "guest" else "member")
    if case not in ("no call", "no session"):
        (target if case in ("not in it", "in the call") else caller).call("post")
    if case == "in the call":
        caller.call("post")
    if case == "may not start":
        settings.TALK_CALLS = {"START_CALLS": "moderators"}
    key = target.attendee.pk
    if case == "nobody":
        key = 10**17
    if case == "elsewhere":
        key = SessionFactory().attendee.pk
    if case in ("group", "address"):
        kind = {"group": "groups", "address": "emails"}[case]
        nobody = {"user": None, "actor_type": kind, "actor_id": "1", "display_name": "x"}
        key = AttendeeFactory(conversation=caller.conversation, **nobody).pk
    answer = caller.call("post", path=f"/ring/{key}")
    message = "Can not start a call" if case == "may not start" else ""
    assert answer.whole == refused(answer, status, message, data={"error": error})
    assert not [event for event in received if isinstance(event, CallRang)]


# What a ringing device asks


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("no call", 201),
        ("running", 200),
        ("joined", 404),
        ("left again", 404),
        ("timed out", 201),
        ("lobby", 404),
    ],
)
def test_notification_state(arrive, wire, case, status):
    """Keep ringing, show a missed call, or nothing."""
    member, other = arrive("member", wire=wire), arrive("member")
    if case != "no call":
        other.call("post")
    if case in ("joined", "left again"):
        member.call("post")
    if case == "left again":
        member.call("delete")
    if case == "timed out":
        Session.objects.update(last_ping=timezone.now() - timedelta(seconds=31))
    if case == "lobby":
        arrive("owner").call("post")
        Conversation.objects.update(lobby_state=1)
    answer = member.call("get", path="/notification-state")
    gone = refused(answer, 404, data={"error": "no-conversation"})
    assert answer.whole == (gone if status == 404 else ok(answer, status=status))


def test_joined_an_earlier_call(arrive):
    """Having been in the last call does not silence the next."""
    member, other = arrive("member"), arrive("member")
    member.call("post")
    member.call("delete")
    other.call("post")
    assert member.call("get", path="/notification-state").http == 200
