"""``GET /call/{token}/download``: who takes part, as a file (behaviour 5)."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone, translation

from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session

pytestmark = pytest.mark.django_db


class NoAddresses(DjangoDirectory):
    """Users without e-mail addresses."""

    def email_path(self) -> str:
        return ""


def rows(answer) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("who", ["owner", "moderator", "guest moderator"])
@pytest.mark.parametrize("data", [{}, {"format": "csv"}])
def test_download(arrive, who, data):
    """Everybody who joined, also those who left again, each once; guests read no addresses."""
    person = arrive(who)
    bob = arrive("member", username="bob")
    bob.attendee.user.email = "bob@example.org"
    bob.attendee.user.save()
    person.call("post")
    for method in ("post", "delete", "post", "delete"):
        bob.call(method)
    person.device.wire = data.get("format", "json")
    answer = person.device.browser.get(
        f"/ocs/v2.php/apps/spreed/api/v4/call/{person.conversation.token}/download",
        query_params=data,
        headers=person.device._headers(None),
    )
    found = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0] == ["name", "email", "type", "identifier"]
    address = "" if who == "guest moderator" else "bob@example.org"
    assert ["bob", address, "users", "bob"] in found
    assert len(found) == 3
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    day = f"{timezone.localdate()}"
    assert answer["Content-Disposition"] == f'attachment; filename="Weekly {day}.csv"'


def test_a_link_is_enough(arrive):
    """A browser follows a link with its cookie and no header."""
    owner = arrive("owner")
    owner.call("post")
    browser = Client()
    browser.force_login(owner.attendee.user)
    path = f"/ocs/v2.php/apps/spreed/api/v4/call/{owner.conversation.token}/download?format=csv"
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK()"])
def test_no_cell_is_a_formula(arrive, name):
    """A spreadsheet shows what a guest called themselves, and computes nothing."""
    owner, guest = arrive("owner"), arrive("guest")
    Attendee.objects.filter(pk=guest.attendee.pk).update(display_name=name)
    for person in (owner, guest):
        person.call("post")
    owner.device.wire = "csv"
    found = rows(owner.call("get", path="/download"))
    assert f"'{name.strip()}" in [row[0] for row in found]


@pytest.mark.parametrize(
    ("who", "running", "wanted", "status"),
    [
        ("owner", False, "csv", 400),
        ("owner", True, "json", 400),
        ("owner", True, "pdf", 400),
        ("member", True, "csv", 403),
        ("guest", True, "csv", 403),
        ("stranger", True, "csv", 404),
        ("nobody", True, "csv", 404),
    ],
)
def test_refused(arrive, who, running, wanted, status):
    """Moderators only, of a running call; a refusal of a file has no body."""
    person, other = arrive(who), arrive("member")
    if running:
        other.call("post")
    person.device.wire = wanted
    response = person.call("get", path="/download").response
    assert response.status_code == status
    if wanted == "csv":
        assert response.content == b""


def test_last_call(arrive):
    """After its end moderators with an account read who took part in the last call alone."""
    owner, guest = arrive("owner", username="anna"), arrive("guest moderator")
    for people in ([owner, guest], [owner]):
        for person in people:
            person.call("post")
        for person in people:
            person.call("delete")
    CallLeg.objects.filter(actor_type="users").update(display_name="Anna")
    for person in (owner, guest):
        person.device.wire = "csv"
    assert [row[0] for row in rows(owner.call("get", path="/download"))] == ["name", "Anna"]
    assert guest.call("get", path="/download").response.status_code == 400
    Call.objects.all().delete()
    assert owner.call("get", path="/download").response.status_code == 400


def test_call_that_timed_out(arrive):
    """A call in which nobody is left is the last one, before the database says so."""
    owner = arrive("owner")
    owner.call("post")
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=60))
    assert Call.objects.get().ended_at is None
    owner.device.wire = "csv"
    assert len(rows(owner.call("get", path="/download"))) == 2


def test_language_does_not_change_it(arrive):
    """The file of the protocol has the same words and commas for everybody."""
    owner = arrive("owner")
    owner.call("post")
    owner.device.wire = "csv"
    with translation.override("de"):
        assert rows(owner.call("get", path="/download"))[0] == [
            *("name", "email", "type", "identifier")
        ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a/b\\c:d", "a b c d"), ('x"y', "x y"), ("x" * 200, "x" * 100), ("...", "")],
)
def test_file_name(arrive, name, shown):
    """The name of the conversation, as far as a file can have it."""
    Conversation.objects.update(name=name)
    owner = arrive("owner")
    owner.call("post")
    owner.device.wire = "csv"
    header = owner.call("get", path="/download").response["Content-Disposition"]
    file = f"{shown} {timezone.localdate()}.csv".strip()
    assert header == f'attachment; filename="{file}"'


def test_site_without_addresses(arrive, settings):
    """Where users have no e-mail address, the column is empty."""
    settings.TALK_CALLS = {"DIRECTORY": "tests.api.v4.test_download.NoAddresses"}
    owner = arrive("owner", username="anna")
    owner.call("post")
    owner.device.wire = "csv"
    assert rows(owner.call("get", path="/download"))[1] == ["anna", "", "users", "anna"]
    assert CallLeg.objects.count() == 1
