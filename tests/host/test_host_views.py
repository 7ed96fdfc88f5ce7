"""DRF views of a host below a conversation, with our permission classes (docs/python-api.md)."""

from base64 import b64encode
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.generics import RetrieveAPIView
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import situations
from talk_calls.api.mixins import ConversationMixin
from talk_calls.api.permissions import (
    ConversationIsWritable,
    HasSession,
    IsModerator,
    IsUser,
    MayUseTalk,
)
from talk_calls.exceptions import TalkError
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Conversation, Session
from tests.factories import ConversationFactory
from tests.pages import run
from tests.people import OUTSIDERS, PARTICIPANTS, arrive

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

PAGE = "python-api.md"
run(PAGE, "minutes-view", globals())


class NotesView(ConversationMixin, RetrieveAPIView):
    """A view that has other classes, and another name for the token."""

    token_url_kwarg = "room"
    permission_classes = [MayUseTalk, IsUser, HasSession, ConversationIsWritable]

    def get(self, request, room):
        situation = self.situation
        return Response({"call": situation.has_call, "device": situation.session.pk})


class Never(BasePermission):
    """A class of the host."""

    def has_permission(self, request, view):
        return False


class EitherView(ConversationMixin, RetrieveAPIView):
    """A view that combines classes, which is no way in."""

    permission_classes = [IsModerator | Never]

    def get(self, request, token):
        return Response()


def plain(request, token):
    """Answer without DRF."""
    try:
        policies.enforce(policies.MODERATE, situations.of_request(request, token))
    except TalkError as error:
        return HttpResponse(error.code, status=403)
    return HttpResponse("fine")


urlpatterns = [
    path("", include("talk_calls.urls")),
    path("notes/<str:room>/", NotesView.as_view()),
    path("either/<str:token>/", EitherView.as_view()),
    path("plain/<str:token>/", plain),
]
run(PAGE, "minutes-urls", globals())


class ClosedDoor(DjangoDirectory):
    """A site that lets none of its users use Talk."""

    def may_use_talk(self, user):
        return False


@pytest.fixture
def room():
    return ConversationFactory(token="weekly")


class Visitor:
    """Somebody's browser at the pages of the host: a user's who logged in, or a guest's."""

    def __init__(self, who, room):
        self.person = arrive(who, room)
        self.browser = self.person.device.browser
        if name := self.person.device.username:
            self.browser.force_login(get_user_model().objects.get(username=name))

    def get(self, url="/projects/weekly/minutes/"):
        return self.browser.get(url)

    def post(self, url="/projects/weekly/minutes/"):
        return self.browser.post(url, {"text": "We met."}, content_type="application/json")

    def talk(self, path):
        """POST to our own API with this browser."""
        url = f"/ocs/v2.php/apps/spreed/api/v4/{path}?format=json"
        assert self.browser.post(url, headers={"OCS-APIRequest": "true"}).status_code == 200


@pytest.fixture
def visitor(room):
    """Return a function that brings somebody to the conversation."""
    return partial(Visitor, room=room)


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_example_for_those_who_belong_to_it(visitor, who):
    """Everybody reads; moderators write, and the answer is in the form of the host."""
    someone = visitor(who)
    assert someone.get().json() == {"text": ""}
    answer = someone.post()
    if who in {"owner", "moderator", "guest moderator"}:
        assert (answer.status_code, answer.json()) == (201, {"by": str(someone.person.attendee)})
        assert someone.get().json() == {"text": "We met."}
    else:
        refusal = {"detail": "The action needs a moderator."}
        assert (answer.status_code, answer.json()) == (403, refusal)
        assert someone.get().json() == {"text": ""}


@pytest.mark.parametrize("who", OUTSIDERS)
def test_example_for_those_who_do_not(visitor, who):
    """The answer is the same as without a conversation, though this one is public."""
    someone = visitor(who)
    detail = "The conversation does not exist, or the actor may not know that it does."
    for url in ("/projects/weekly/minutes/", "/projects/nothing/minutes/"):
        for answer in (someone.get(url), someone.post(url)):
            assert (answer.status_code, answer.json()) == (404, {"detail": detail})


@pytest.mark.parametrize("token", ["%00", "week%00ly", "%FF", "x" * 31, "Weekly", "weekly%0A"])
def test_what_is_no_token(visitor, token, django_assert_num_queries):
    """The path of a host takes any text, also such as no database looks up."""
    owner = visitor("owner")
    with django_assert_num_queries(2):  # of the login
        answer = owner.get(f"/projects/{token}/minutes/")
    assert answer.status_code == 404
    assert owner.get(f"/plain/{token}/").content == b"no-conversation"


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_example_in_the_lobby(visitor, who):
    """Moderators pass; everybody else waits."""
    someone = visitor(who)
    Conversation.objects.update(lobby_state=1)
    moderates = who in {"owner", "moderator", "guest moderator"}
    assert someone.get().status_code == (200 if moderates else 412)
    assert someone.post().status_code == (201 if moderates else 412)


def test_guest_needs_a_csrf_token(visitor):
    """A cookie is all that a guest has, and a page of another site could use it."""
    guest = visitor("guest moderator")
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = guest.browser.cookies
    guest.browser = browser
    assert guest.get().status_code == 200
    answer = guest.post()
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("CSRF Failed")
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.post(
        "/projects/weekly/minutes/", {"text": "x"}, headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 201


def test_host_authenticates(room):
    """Without a browser, by what the host's DRF settings have: here Basic."""
    owner = arrive("owner", room)
    name = owner.device.username
    login = b64encode(f"{name}:{name}".encode()).decode()
    answer = Client().get("/projects/weekly/minutes/", headers={"Authorization": f"Basic {login}"})
    assert answer.status_code == 200


def test_one_query(visitor, django_assert_num_queries):
    """Looking up the situation takes one, after the two of the host's own login."""
    owner = visitor("owner")
    with django_assert_num_queries(3):
        owner.get()


def test_other_classes(visitor, settings):
    """The device of the browser, the lock, the call, the login and the directory."""
    url = "/notes/weekly/"
    assert visitor("guest").get(url).status_code == 403  # DRF: not logged in
    member = visitor("member")
    answer = member.get(url)  # another device of theirs is there, but not this browser
    assert answer.status_code == 404
    assert answer.json() == {"detail": "The actor has not joined the conversation."}
    member.talk("room/weekly/participants/active")
    newest = Session.objects.latest("pk").pk
    assert member.get(url).json() == {"call": False, "device": newest}
    member.talk("call/weekly")
    assert member.get(url).json() == {"call": True, "device": newest}
    Conversation.objects.update(read_only=1)
    assert member.get(url).status_code == 403
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDoor"}
    assert member.get(url).json() == {"detail": "The site does not let this user use Talk."}


def test_combined_classes_let_nobody_in(visitor):
    """They raise, so a combination refuses what one of them refuses."""
    assert visitor("member").get("/either/weekly/").status_code == 403
    assert visitor("owner").get("/either/weekly/").status_code == 200


def test_without_drf(visitor):
    """Rules can be asked about the situation of any request."""
    assert visitor("owner").get("/plain/weekly/").content == b"fine"
    assert visitor("member").get("/plain/weekly/").content == b"not-moderator"
    assert visitor("nobody").get("/plain/weekly/").content == b"no-conversation"
