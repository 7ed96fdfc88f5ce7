"""Where the contract and the server of its time differ, and what was decided (behaviour 12)."""

import pytest

from tests.contract.conftest import EACH_VERSION
from tests.contract.expected import NOT_LOGGED_IN, UNKNOWN_ROUTE, ok, refused
from tests.people import MODERATORS, OTHERS, PARTICIPANTS

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[1, 2], ids=["v1.php", "v2.php"])
def entry(request):
    """Each entry point."""
    return request.param


@pytest.mark.contract("12/2")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_nobody_is_trapped_in_a_locked_conversation(arrive, who):
    """Locking ends the call, and leaving the conversation works in spite of the lock."""
    person, owner = arrive(who), arrive("owner")
    person.call("post")
    owner.room("put", "/read-only", {"state": 1})
    assert person.flags == 0
    answer = person.room("delete", "/participants/active")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("12/3")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_leave_fails_in_the_lobby_for_those_who_wait(arrive, who):
    """The contract's 412 counts; it is harmless, since the lobby has removed them already."""
    person, owner = arrive(who), arrive("owner")
    person.call("post")
    owner.room("put", "/webinar/lobby", {"state": 1})
    assert person.flags == (7 if who in MODERATORS else 0)
    answer = person.call("delete")
    assert answer.whole == (refused(answer, 412) if who in OTHERS else ok(answer, []))


@pytest.mark.contract("12/8", "12/9")
@EACH_VERSION
@pytest.mark.parametrize(
    ("who", "change", "status"),
    [
        ("stranger", {"read_only": 1, "lobby_state": 1}, 404),
        ("member", {"read_only": 1, "lobby_state": 1}, 403),
        ("member", {"lobby_state": 1}, 412),
        ("moderator", {"lobby_state": 1}, 404),
        ("member", {"lobby_state": 0}, 404),
    ],
)
def test_session_is_asked_for_last(arrive, conversation, who, change, status):
    """Conversation, participant, lock, lobby, and only then whether the caller joined before."""
    type(conversation).objects.update(**change)
    person = arrive(who, online=False)
    for method in ("post", "delete"):
        answer = person.call(method)
        assert answer.whole == refused(answer, status)


# --- 13: base paths and entry points ----------------------------------------------------------


@pytest.mark.contract("12/13")
def test_every_version_is_served_on_both_entries(arrive, entry):
    """v1, v2 and v3 are served together, below ``/ocs/v1.php`` and ``/ocs/v2.php``."""
    member = arrive("member")
    member.device.entry = entry
    for method in ("get", "post", "delete"):
        answer = member.call(method)
        assert answer.whole == ok(answer, [])


@pytest.mark.contract("12/13")
@pytest.mark.parametrize(
    ("who", "change", "status"),
    [
        ("nobody", {"lobby_state": 0}, 404),
        ("member", {"read_only": 1}, 403),
        ("member", {"lobby_state": 1}, 412),
    ],
)
def test_refusals_on_both_entries(arrive, entry, who, change, status):
    """``/ocs/v1.php`` has the status in the envelope alone and answers with HTTP 200."""
    person = arrive(who)
    type(person.conversation).objects.update(**change)
    person.device.entry = entry
    answer = person.call("get")
    assert answer.whole == refused(answer, status)
    assert answer.http == (200 if entry == 1 else status)
    assert answer.code == status


@pytest.mark.contract("12/13")
def test_bad_parameter_on_both_entries(arrive, entry):
    """A parameter that is refused reads 400 on both."""
    member = arrive("member")
    member.device.entry = entry
    answer = member.call("post", {"flags": "abc"})
    assert answer.whole == refused(answer, 400, answer.ocs["meta"]["message"])


@pytest.mark.contract("12/13")
def test_success_on_v1_php_reads_100(arrive):
    """A plain success is 100 there, and the paging fields are always present."""
    member = arrive("member")
    member.device.entry = 1
    answer = member.call("get")
    assert (answer.http, answer.code) == (200, 100)
    assert answer.ocs["meta"] == {
        "status": "ok",
        "statuscode": answer.ocs["meta"]["statuscode"],
        "message": "OK",
        "totalitems": "",
        "itemsperpage": "",
    }


@pytest.mark.contract("12/13")
def test_creation_on_v1_php_reads_failure(arrive):
    """201 is passed on as it is, and only 100 reads "ok" there."""
    stranger = arrive("stranger")
    stranger.device.entry = 1
    answer = stranger.device.post("room", {"roomType": 3, "roomName": "Weekly"})
    assert answer.whole == ok(answer, answer.data, status=201)
    assert (answer.http, answer.code, answer.ocs["meta"]["status"]) == (200, 201, "failure")
    assert answer.data["displayName"] == "Weekly"


@pytest.mark.contract("12/13", "12/15")
def test_login_is_asked_for_with_401_on_both_entries(arrive, entry):
    """Where a login is needed, 401 stays 401 on both, with the code 997."""
    nobody = arrive("nobody")
    nobody.device.entry = entry
    answer = nobody.device.get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    assert (answer.http, answer.code) == (401, 997)


@pytest.mark.contract("12/13")
def test_wrong_password_is_401_on_both_entries(arrive, entry):
    """Wrong credentials are refused with 401 and 997, on public endpoints too."""
    member = arrive("member")
    member.device.entry, member.device.password = entry, "wrong"
    answer = member.call("get")
    assert answer.whole == refused(answer, 401, "Unauthorised", code=997)
    assert (answer.http, answer.code) == (401, 997)


@pytest.mark.contract("12/13")
def test_unknown_route_on_both_entries(arrive, entry):
    """``/ocs/v1.php`` calls an unknown route 998, under HTTP 200."""
    member = arrive("member")
    member.device.entry = entry
    answer = member.device.get("call/nosuchtoken/ping")
    assert answer.whole == refused(answer, 404, UNKNOWN_ROUTE, code=998)
    assert (answer.http, answer.code) == ((200, 998) if entry == 1 else (404, 404))
