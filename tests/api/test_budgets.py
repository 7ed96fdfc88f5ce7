"""How many SQL statements a request may cost, BEGIN and COMMIT included.

The database is a real one here and not a transaction around each test, so that nothing is hidden:
what is counted is what a site's database has to do.
"""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import Attendee, Call, Conversation, Session, SignalingMessage
from talk_calls.signaling import poll
from tests.app_passwords import app_password_in_use
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 1000
BUDGETS = {"list": 4, "join": 9, "leave": 9, "room": 4}
#: More, where the call starts or ends: its record, and for its end the message of who was in it.
START_AND_END = 2
#: Of any change of a single conversation; deleting one goes on to all that refers to it.
MOST, MOST_OF_DELETION = 15, 17
#: Loading the session and its user instead of an app password with its user.
LOGIN_BY_SESSION = 2


def cost(request: Callable[[], OCSAnswer]) -> int:
    """Return how many statements a successful request costs."""
    with CaptureQueriesContext(connection) as captured:
        answer = request()
    assert answer.http == 200, answer.whole
    return len(captured)


def participants_in_call(conversation, size):
    """Put ``size`` users into the call of a conversation, by bulk inserts."""
    Call.objects.get_or_create(
        conversation=conversation,
        ended_at=None,
        defaults={"started_at": timezone.now(), "flags": 7},
    )
    User = get_user_model()
    first = User.objects.count()
    users = User.objects.bulk_create(
        User(username=f"crowd{first + number}", password="!") for number in range(size)
    )
    attendees = Attendee.objects.bulk_create(
        Attendee(conversation=conversation, user=user, display_name=user.username) for user in users
    )
    Session.objects.bulk_create(
        Session(
            conversation=conversation,
            attendee=attendee,
            session_id=f"{attendee.pk:0512}",
            in_call=7,
        )
        for attendee in attendees
    )


@pytest.fixture
def member():
    """Return a member who is online in a conversation."""
    attendee = AttendeeFactory(user__username="alice")
    SessionFactory(attendee=attendee)
    return attendee


def with_app_password(user, version):
    """Return a client without cookies: each of its requests starts from nothing."""
    return OCSClient(version=version, username=user.username, password=app_password_in_use(user))


def costs(device: OCSClient, token: str) -> dict[str, int]:
    """Return what each endpoint costs; the member is online and not in the call before."""
    return {
        "list": cost(lambda: device.get(f"call/{token}")),
        "join": cost(lambda: device.post(f"call/{token}")),
        "room": cost(lambda: device.get(f"room/{token}")),
        "leave": cost(lambda: device.delete(f"call/{token}")),
    }


def beyond(measured: dict[str, int], more: int = 0) -> dict[str, int]:
    """Return what costs more than it may."""
    return {name: count for name, count in measured.items() if count > BUDGETS[name] + more}


def test_counting_sees_transactions(member):
    """These tests would prove little if BEGIN and COMMIT were not counted."""
    device = with_app_password(member.user, "v3")
    with CaptureQueriesContext(connection) as captured:
        device.post(f"call/{member.conversation.token}")
    words = [query["sql"].split()[0] for query in captured]
    assert words.count("BEGIN") == words.count("COMMIT") == 1


def test_call_and_room_stay_within_their_budgets(member, version):
    """Costs are within the budget, and the same for 1 and for 1,000 participants in the call."""
    device = with_app_password(member.user, version)
    participants_in_call(member.conversation, 1)
    with_one = costs(device, member.conversation.token)
    participants_in_call(member.conversation, MANY - 1)
    with_many = costs(device, member.conversation.token)
    assert beyond(with_one) == {}
    assert with_many == with_one


def test_starting_and_ending_a_call_stays_within_the_budgets(member, version):
    """The first one to join, and the last one to leave, cost little more than the budget."""
    device = with_app_password(member.user, version)
    assert beyond(costs(device, member.conversation.token), more=START_AND_END) == {}


def test_changing_flags_stays_within_the_budget_of_a_join(member, version):
    """Another join of a session in the call takes no more statements than the first."""
    device = with_app_password(member.user, version)
    path = f"call/{member.conversation.token}"
    device.post(path, {"flags": 1})
    assert beyond({"join": cost(lambda: device.post(path, {"flags": 7}))}) == {}


def test_session_login_adds_little(member, version):
    """A login by the session cookie costs at most 2 more statements."""
    browser = Client()
    browser.force_login(member.user)
    device = OCSClient(version=version, browser=browser)
    token = member.conversation.token
    device.post(f"room/{token}/participants/active")
    participants_in_call(member.conversation, 1)
    assert beyond(costs(device, token), more=LOGIN_BY_SESSION) == {}


def test_guest_costs_no_more_than_a_user_with_a_session(version):
    """A guest is known by the session cookie alone."""
    conversation = ConversationFactory()
    guest = OCSClient(version=version)
    guest.post(f"room/{conversation.token}/participants/active")
    participants_in_call(conversation, 1)
    assert beyond(costs(guest, conversation.token), more=LOGIN_BY_SESSION) == {}


def test_participant_list_costs_the_same_for_many(member, version):
    """The participant list is constant, however many belong to the conversation and are online."""
    device = with_app_password(member.user, version)
    path = f"room/{member.conversation.token}/participants"
    participants_in_call(member.conversation, 1)
    with_one = cost(lambda: device.get(path))
    participants_in_call(member.conversation, MANY - 1)
    for _ in range(10):
        SessionFactory(attendee=GuestFactory(conversation=member.conversation))
    assert cost(lambda: device.get(path)) == with_one <= 5


def test_room_list_costs_the_same_for_many(member, version):
    """The list of conversations is constant, with calls in them and people in these."""
    device = with_app_password(member.user, version)
    Conversation.objects.update(name="")  # members name it, which has to be asked once for all
    participants_in_call(member.conversation, 1)
    with_one = cost(lambda: device.get("room"))
    for number in range(20):
        conversation = ConversationFactory(name="" if number % 2 else "Weekly")
        SessionFactory(attendee=AttendeeFactory(conversation=conversation, user=member.user))
        participants_in_call(conversation, 2)
    answer = device.get("room")
    assert len(answer.data) == 21
    assert cost(lambda: device.get("room")) == with_one


@pytest.mark.parametrize("names", [["Staff"], ["Pupils"]])
def test_groups_that_start_calls_cost_one_statement(settings, member, version, names):
    """Whether somebody may start calls is asked once for all rooms in a list."""
    member.user.groups.create(name="Staff")
    device = with_app_password(member.user, version)
    without = cost(lambda: device.get("room"))
    settings.TALK_CALLS = {"START_CALLS_GROUPS": names}
    assert cost(lambda: device.get("room")) == without + 1
    rooms = Conversation.objects.bulk_create(
        Conversation(token=f"many{number}", type=2, name="Weekly") for number in range(199)
    )
    Attendee.objects.bulk_create(Attendee(conversation=room, user=member.user) for room in rooms)
    answer = device.get("room")
    assert [room["canStartCall"] for room in answer.data] == [names == ["Staff"]] * 200
    assert cost(lambda: device.get("room")) == without + 1


def test_groups_that_start_calls_are_asked_about_once(settings, member, version):
    """A call that starts costs one statement more, and one that runs already none."""
    member.user.groups.create(name="Staff")
    device = with_app_password(member.user, version)
    token = member.conversation.token
    for is_running, more in ((False, 1), (True, 0)):
        if is_running:
            participants_in_call(member.conversation, 1)
        settings.TALK_CALLS = {}
        without = costs(device, token)
        settings.TALK_CALLS = {"START_CALLS_GROUPS": ["Staff"]}
        asked = {"join": without["join"] + more, "room": without["room"] + 1}
        assert costs(device, token) == without | asked


def test_unnamed_room_costs_the_same_for_many(version):
    """A conversation that is named after its members is constant too."""
    user = UserFactory()
    device = with_app_password(user, version)
    conversation = ConversationFactory(name="")
    AttendeeFactory(conversation=conversation, user=user)
    participants_in_call(conversation, 1)
    path = f"room/{conversation.token}"
    with_one = cost(lambda: device.get(path))
    participants_in_call(conversation, 50)
    assert beyond({"room": with_one}) == {}
    assert cost(lambda: device.get(path)) == with_one


WRITES = {
    "join": ("post", "call/{token}", {}),
    "flags": ("put", "call/{token}", {"flags": 1}),
    "leave": ("delete", "call/{token}", {}),
    "end": ("delete", "call/{token}", {"all": "true"}),
    "enter": ("post", "room/{token}/participants/active", {}),
    "exit": ("delete", "room/{token}/participants/active", {}),
    "state": ("put", "room/{token}/participants/state", {"state": 0}),
    "rename": ("put", "room/{token}", {"roomName": "x"}),
    "describe": ("put", "room/{token}/description", {"description": "x"}),
    "private": ("delete", "room/{token}/public", {}),
    "lock": ("put", "room/{token}/read-only", {"state": 1}),
    "lobby": ("put", "room/{token}/webinar/lobby", {"state": 1}),
    "listable": ("put", "room/{token}/listable", {"scope": 1}),
    "password": ("put", "room/{token}/password", {"password": "x"}),
    "invite": ("post", "room/{token}/participants", {"newParticipant": "other"}),
    "email": (
        *("post", "room/{token}/participants"),
        {"newParticipant": "x@example.org", "source": "emails"},
    ),
    "promote": ("post", "room/{token}/moderators", {"attendeeId": "{guest}"}),
    "remove": ("delete", "room/{token}/attendees", {"attendeeId": "{guest}"}),
    "permissions": (
        *("put", "room/{token}/attendees/permissions"),
        {"attendeeId": "{guest}", "permissions": 6},
    ),
    "all permissions": ("put", "room/{token}/attendees/permissions/all", {"permissions": 6}),
    "default permissions": ("put", "room/{token}/permissions/default", {"permissions": 6}),
    "favourite": ("post", "room/{token}/favorite", {}),
    "notify": ("post", "room/{token}/notify", {"level": 1}),
    "ring": ("post", "call/{token}/ring/{guest}", {}),
    "delete": ("delete", "room/{token}", {}),
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("size", [1, 50])
def test_writes_stay_within_the_budget(name, size):
    """Whatever is changed in one conversation, 15 statements do, with 1 and with 50 in call."""
    owner = AttendeeFactory(participant_type=1, user__username="owner")
    SessionFactory(attendee=owner, in_call=0)
    UserFactory(username="other")
    participants_in_call(owner.conversation, size)
    guest = Attendee.objects.exclude(pk=owner.pk).first()
    device = with_app_password(owner.user, "v4")
    token = owner.conversation.token
    if name in {"flags", "leave", "end", "exit", "ring"}:
        device.post(f"call/{token}", {"flags": 7})
    method, path, data = WRITES[name]
    data = {key: str(value).format(guest=guest.pk) for key, value in data.items()}
    with CaptureQueriesContext(connection) as captured:
        answer = device.request(method, path.format(token=token, guest=guest.pk), data)
    assert answer.http == 200 or name == "ring", answer.whole
    most = MOST_OF_DELETION if name == "delete" else MOST
    assert len(captured) <= most, "\n".join(query["sql"][:400] for query in captured)


# --- signaling ------------------------------------------------------------------------------------

#: An answer at once without and with news (a message in it), and sending; with an app password.
POLL, POLL_WITH_NEWS, SEND = 5, 9, 6


@pytest.mark.parametrize("size", [1, MANY])
def test_signaling(member, size, monkeypatch):
    """A poll and a message cost the same however many are in the conversation."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))
    participants_in_call(member.conversation, size)
    other = member.conversation.sessions.exclude(attendee=member).first()
    own = member.sessions.get()
    device = with_app_password(member.user, "v3")
    path = f"signaling/{member.conversation.token}"

    def message(to, sender):
        item = {"ev": "message", "sessionId": sender, "fn": json.dumps({"to": to})}
        return {"messages": json.dumps([item])}

    assert cost(lambda: device.get(path)) <= POLL_WITH_NEWS
    assert cost(lambda: device.get(path)) <= POLL
    forth = message(other.session_id, own.session_id)
    assert cost(lambda: device.post(path, forth)) <= SEND
    SignalingMessage.objects.create(recipient=own.pk, text="{}")
    assert cost(lambda: device.get(path)) <= POLL_WITH_NEWS
