"""Tests for the site of ``settings``; ``test_user_models`` runs them with each user model."""

import random
from base64 import b64encode
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.contrib.simulation import simulated
from talk_calls.contrib.simulation.users import make_users
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import creation, sweeper, users
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db(transaction=True)

User = get_user_model()
DOMAIN = "secret.example"
FIELDS = {field.name for field in User._meta.get_fields()}


def make(who: str, **values) -> User:
    """Make an account with everything that the model has of a person."""
    all_values = {
        "email": f"{who}@{DOMAIN}",
        "nick": who,
        "sub": None,
        "first_name": who.title(),
        "last_name": None,
        "name": who.title(),
        **values,
    }
    return User.objects.create(**{key: all_values[key] for key in all_values if key in FIELDS})


def app_of(user: User, version: str = "v4") -> OCSClient:
    """Log an app in, as people do it; the login name is what the flow returns."""
    app, browser = Client(), Client()
    started = app.post("/index.php/login/v2").json()
    browser.force_login(user)
    browser.post(started["login"].removeprefix("http://testserver"), {"decision": "grant"})
    got = app.post("/index.php/login/v2/poll", {"token": started["poll"]["token"]}).json()
    assert got["loginName"] == conf.directory.user_id(user)
    return OCSClient(version=version, username=got["loginName"], password=got["appPassword"])


def test_checks():
    """The site is fine as it is, and so is the whole of the app's database."""
    assert [each for each in checks.run_checks() if each.id.startswith("talk_calls.")] == []


def test_ids():
    """They are text, find the user, are no address, and one is never another."""
    ann, ben = make("ann"), make("ben")
    directory = conf.directory
    ids = {directory.user_id(ann), directory.user_id(ben)}
    assert len(ids) == 2
    assert "@" not in "".join(ids)
    assert directory.find_user(directory.user_id(ann)) == ann
    for other in ("nobody", "", "None", str(ann.pk).replace("-", "") + " ", f"ann@{DOMAIN}"):
        assert directory.find_user(other) is None
    assert directory.search(DOMAIN) == directory.search("@") == []
    assert directory.search("ann") == [ann]


def test_names():
    """What there is of a name, without "None"; else a neutral one, and never an address."""
    ann = make("ann")
    shown = conf.directory.display_name(ann)
    assert shown == ("ann" if "nick" in FIELDS else "Ann")
    nobody = make("x", first_name=None, name=" ")
    neutral = f"User {str(nobody.pk)[-6:]}"
    assert conf.directory.display_name(nobody) == ("x" if "nick" in FIELDS else neutral)


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_a_call(version):
    """Two people and a guest are in a call, who read names and ids, and no address."""
    ann, ben = make("ann"), make("ben")
    apps = {ann: app_of(ann, version), ben: app_of(ben, version)}
    guest = OCSClient(version=version)
    room = apps[ann].post("room", {"roomType": 3, "roomName": "Standup"})
    assert room.http == 201
    token = room.data["token"]
    answers = [room]
    for device in (*apps.values(), guest):
        answers.append(device.post(f"room/{token}/participants/active"))
        answers.append(device.post(f"call/{token}", {"flags": 7}))
    listed = guest.get(f"call/{token}")
    answers += [listed, guest.get(f"room/{token}"), apps[ben].get(f"room/{token}/participants")]
    assert {answer.http for answer in answers} == {200, 201}
    assert all(DOMAIN.encode() not in answer.response.content for answer in answers)
    ids = {peer["userId" if version in {"v1", "v2"} else "actorId"] for peer in listed.data}
    assert {conf.directory.user_id(user) for user in (ann, ben)} < ids


def test_own_account():
    """The address is one's own to read."""
    ann = make("ann")
    app = app_of(ann)
    app.service = "cloud"
    data = app.get("user").data
    assert (data["id"], data["groups"]) == (conf.directory.user_id(ann), [])
    assert data["email"] == (f"ann@{DOMAIN}" if "email" in FIELDS else None)


def test_an_app_password_under_the_user_name():
    """People type the name by which they log in; apps that were logged in before sent it too."""
    ann = make("ann", sub="ann-by-sso")
    app = app_of(ann)
    app.username = ann.get_username()
    assert app.get("room").http == 200
    app.username = "ben"
    assert app.get("room").http == 401
    headers = {"OCS-APIRequest": "true"}
    headers["Authorization"] = "Basic " + b64encode(f"None:{app.password}".encode()).decode()
    assert (
        app.browser.get("/ocs/v2.php/apps/spreed/api/v4/room", headers=headers).status_code == 401
    )


def test_invitations_and_one_to_ones():
    """People are invited, found again and removed by the id that clients know."""
    ann, ben = make("ann"), make("ben")
    app, user_id = app_of(ann, "v3"), conf.directory.user_id(ben)
    pair = app.post("room", {"roomType": 1, "invite": user_id})
    assert (pair.http, pair.data["name"]) == (201, user_id)
    room = app.post("room", {"roomType": 2, "roomName": "Team"}).data["token"]
    path = f"room/{room}/participants"
    assert app.post(path, {"newParticipant": user_id}).http == 200
    assert app.post(path, {"newParticipant": f"ben@{DOMAIN}"}).http == 404
    assert app.delete(path, {"participant": user_id}).http == 200


def test_searching():
    """People are found by what there is of a name, and added by the id that is found."""
    ann, ben = make("ann"), make("ben")
    app = app_of(ann)
    token = app.post("room", {"roomType": 2, "roomName": "Team"}).data["token"]
    query = {"itemType": "call", "itemId": token, "shareTypes[]": ["0", "1", "4"]}

    def found(**query_too):
        app.service = "core"
        answer = app.get("autocomplete/get", query | query_too)
        app.service = "apps/spreed/api/{version}"
        assert answer.http == 200
        assert DOMAIN.encode() not in answer.response.content
        return [(each["source"], each["id"]) for each in answer.data]

    me = ("users", conf.directory.user_id(ben))
    assert found() == found(search="be") == found(search=me[1]) == [me]
    assert found(search="ann") == found(search="secret") == []
    source, user_id = me
    added = {"newParticipant": user_id, "source": source}
    assert app.post(f"room/{token}/participants", added).http == 200
    assert found() == found(search="be") == []


def test_accounts_are_followed():
    """Names, deactivation where there is such a thing, and deletion."""
    ann, ben = make("ann"), make("ben")
    creation.create_one_to_one(user=ann, other=ben)
    for field in {"name", "first_name", "nick"} & FIELDS:
        setattr(ann, field, "Anna")
    ann.save()
    assert Attendee.objects.get(user=ann).display_name == "Anna"
    User.objects.filter(pk=ann.pk).update(password="changed")
    sweeper.sweep(now=timezone.now())
    users.follow(user_pks=[ann.pk, ben.pk])
    ben.delete()
    assert Conversation.objects.get().is_former


@pytest.mark.skipif("is_active" not in FIELDS, reason="accounts of this model are always active")
def test_deactivation():
    """Whoever is deactivated is out of the call."""
    ann = make("ann")
    app = app_of(ann)
    token = app.post("room", {"roomType": 3, "roomName": "Standup"}).data["token"]
    app.post(f"room/{token}/participants/active")
    ann.is_active = False
    ann.save()
    assert not Session.objects.exists()
    assert app.get("room").http == 401


@pytest.mark.skipif(User.__name__ != "NickUser", reason="only that model has a child")
def test_a_child_of_the_user_model():
    """It is saved under its own name, and followed as the user that it is."""
    from tests.user_models.models import Person

    person = Person.objects.create(nick="ann")
    make("ben")
    creation.create_one_to_one(
        user=User.objects.get(nick="ann"), other=User.objects.get(nick="ben")
    )
    person.nick = "anna"
    person.save()
    assert Attendee.objects.get(user=person.pk).display_name == "anna"


def test_commands():
    """Operators name people by whatever they know."""
    ann = make("ann", sub="ann-by-sso")
    for name in {str(ann.pk), str(ann.get_username()), conf.directory.email(ann)} - {None}:
        call_command("talk_app_password", name, stdout=StringIO())
    for name in ("none", "None", ""):
        with pytest.raises(CommandError):
            call_command("talk_app_password", name)


def test_simulated_people():
    """They are made and found again by what the model has."""
    make("ann")
    made = make_users(random.Random(1), 3)  # noqa: S311 -- simulated people
    assert {person.user_pk for person in made} == {user.pk for user in simulated.users()}


@pytest.mark.skipif("is_superuser" not in FIELDS, reason="the admin needs permissions")
@pytest.mark.parametrize("page", ["attendee", "session", "call", "conversation", "livecall"])
def test_searches_of_the_admin(page):
    """They look into names and user ids, of whatever type these are."""
    root = make("root", is_staff=True, is_superuser=True)
    User.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(root)
    assert browser.get(f"/admin/talk_calls/{page}/", {"q": "ann"}).status_code == 200
