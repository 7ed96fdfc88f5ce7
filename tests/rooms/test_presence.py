"""The template tags, and the address that keeps their numbers current."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from talk_calls import rooms
from talk_calls.constants import InCallFlag, Listable, LobbyState
from talk_calls.models import Conversation
from tests.api.test_authentication_classes import Replica
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    SessionFactory,
    UserFactory,
)
from tests.projects.models import Project

pytestmark = pytest.mark.django_db

BUTTON = "{% load talk_calls %}{% talk_join_button project %}"
PEOPLE = "{% load talk_calls %}{% talk_people_in_call project %}"
LIST = (
    "{% load talk_calls %}{% talk_prefetch projects %}{% for project in projects %}"
    "{% talk_join_button project %}{% talk_people_in_call project %}{% endfor %}"
)


@pytest.fixture
def alice():
    return UserFactory(username="alice")


@pytest.fixture
def project(alice):
    project = Project.objects.create(name="Launch")
    rooms.sync(rooms.room_for(project), {alice: rooms.Role.USER})
    return project


def render(template: str, user=None, **context) -> str:
    return Template(template).render(Context({"user": user or AnonymousUser(), **context})).strip()


def in_call(project, people: int = 1) -> None:
    room = rooms.find_room(project)
    for _ in range(people):
        attendee = AttendeeFactory(conversation=room)
        SessionFactory.create_batch(2, attendee=attendee, in_call=InCallFlag.DEFAULT)


def change(project, **fields) -> None:
    Conversation.objects.filter(pk=rooms.find_room(project).pk).update(**fields)


def test_join_button(project, alice, settings):
    """A link for those who belong there, in the language of the page; the script finds both."""
    token = rooms.find_room(project).token
    assert render(BUTTON, alice, project=project) == (
        f'<a class="talk-join-button" href="/call/{token}" data-token="{token}" '
        'data-start="Start a call" data-join="Join call">Start a call</a>'
    )
    in_call(project)
    project = Project.objects.get()
    settings.LANGUAGE_CODE = "de"
    html = render(BUTTON, alice, project=project)
    assert '<a class="talk-join-button talk-join-button-running" href=' in html
    assert html.endswith('data-join="Anruf beitreten">Anruf beitreten</a>')


def test_people_in_call(project, alice):
    """People and not devices are counted, and the element knows where to ask again."""
    in_call(project, 3)
    token = rooms.find_room(project).token
    assert render(PEOPLE, alice, project=project) == (
        f'<talk-people-in-call class="talk-people-in-call" token="{token}" people="3" '
        'source="/talk/people-in-calls">In the call: 3</talk-people-in-call>'
    )


def test_a_site_without_a_page_to_call_from(project, alice, settings):
    """A button would lead nowhere; apps still call there."""
    settings.TALK_CALLS = {"CALL_PAGE": ""}
    assert render(BUTTON, alice, project=project) == ""
    assert render(PEOPLE, alice, project=project) != ""


def test_nobody_in_call(project, alice):
    assert "Nobody is in a call." in render(PEOPLE, alice, project=project)


def test_a_page_without_the_address(project, alice, settings):
    """The number is shown, and stays as it is."""
    settings.ROOT_URLCONF = "tests.ocs.urls"
    assert "source" not in render(PEOPLE, alice, project=project)


@pytest.mark.parametrize("template", [BUTTON, PEOPLE])
def test_others_see_nothing(project, template):
    """Strangers and guests do not learn that there is a room, nor of an object without one."""
    in_call(project)
    assert render(template, UserFactory(), project=project) == ""
    assert render(template, project=project) == ""
    alone = Project.objects.create(name="Alone")
    assert render(template, UserFactory(), project=alone) == ""


def test_the_user_of_the_request_counts(project, alice, rf):
    """Pages with a request need no `user` in their context."""
    request = rf.get("/")
    request.user = alice
    assert "href" in Template(BUTTON).render(Context({"request": request, "project": project}))


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_one_query(alice, django_assert_num_queries, number):
    """However many objects it has."""
    projects = [Project.objects.create(name=str(n)) for n in range(number)]
    for project in projects:
        rooms.sync(rooms.room_for(project), {alice: rooms.Role.USER})
        in_call(project)
    with django_assert_num_queries(1):
        html = render(LIST, alice, projects=projects)
    assert html.count(">Join call<") == html.count("In the call: 1") == number


def test_a_queryset_costs_one_query_more(project, alice, django_assert_num_queries):
    """It is read once, and the page keeps what was found."""
    with django_assert_num_queries(2):
        html = render(LIST, alice, projects=Project.objects.all())
    assert ">Start a call<" in html


def test_rooms_themselves(project, alice, django_assert_num_queries):
    """A list may have rooms, also among objects."""
    in_call(project)
    room, public = rooms.find_room(project), ConversationFactory()
    hidden = ConversationFactory(type=2)
    with django_assert_num_queries(1):
        html = render(LIST, alice, projects=[room, project, public, hidden])
    assert html.count("In the call: 1") == 2
    assert html.count("Nobody is in a call.") == 1
    assert hidden.token not in html


def test_an_object_that_others_looked_up(project, alice):
    """What one viewer may know is not shown to the next who gets the same object."""
    assert render(BUTTON, alice, project=project) != ""
    assert render(BUTTON, UserFactory(), project=project) == ""


def test_an_object_that_outlives_the_page(project, alice):
    """A site may keep objects in memory: each page shows what is true then."""
    assert "Start a call" in render(BUTTON, alice, project=project)
    in_call(project)
    assert "Join call" in render(BUTTON, alice, project=project)
    rooms.sync(rooms.find_room(project), {})
    assert render(BUTTON, alice, project=project) == ""


def test_templates_that_are_included(project, alice, django_assert_num_queries):
    """They use what the page has looked up."""
    part = Template("{% load talk_calls %}{% talk_people_in_call project %}")
    page = (
        "{% load talk_calls %}{% talk_prefetch projects %}{% for project in projects %}"
        "{% include part %}{% include part with user=user project=project only %}{% endfor %}"
    )
    with django_assert_num_queries(1):
        html = render(page, alice, projects=[project], part=part)
    assert html.count("Nobody is in a call.") == 2


def test_an_object_that_is_not_saved(alice, django_assert_num_queries):
    """It has no room."""
    with django_assert_num_queries(0):
        assert render(LIST + BUTTON, alice, projects=[Project()], project=Project()) == ""


def test_names_are_escaped(alice):
    """Tokens come from the app and paths from the site, but nobody trusts them."""
    project = Project.objects.create(name="<script>")
    rooms.sync(rooms.room_for(project), {alice: rooms.Role.USER})
    assert "<script>" not in render(BUTTON + PEOPLE, alice, project=project)


def test_the_script_is_a_module():
    """One file, which a strict Content-Security-Policy lets in."""
    html = render("{% load talk_calls %}{% talk_scripts %}")
    assert html == '<script type="module" src="/static/talk_calls/people-in-call.js"></script>'


def ask(client: Client, *tokens: str):
    return client.get(reverse("talk_web:people-in-calls"), {"token": tokens})


def test_numbers_stay_current(project, alice, client, django_assert_num_queries):
    """One request tells all numbers that the viewer may know; two queries for the login."""
    token = rooms.find_room(project).token
    in_call(project, 2)
    client.force_login(alice)
    with django_assert_num_queries(3):
        answer = ask(client, token, token)
    assert answer.json() == {token: {"people": 2, "text": "In the call: 2"}}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("who", ["stranger", "guest", "inactive", "inactive since the replica"])
def test_no_oracle(project, alice, client, settings, who):
    """A room that is not for the viewer answers as one that does not exist."""
    in_call(project)
    if who == "stranger":
        client.force_login(UserFactory())
    elif who != "guest":
        if who != "inactive":
            settings.AUTHENTICATION_BACKENDS = [f"{Replica.__module__}.{Replica.__name__}"]
        client.force_login(alice)
        type(alice).objects.update(is_active=False)
    there, nowhere = (
        ask(client, token) for token in (rooms.find_room(project).token, "abcdefghijklm")
    )
    assert there.content == nowhere.content == b"{}"
    assert there.status_code == nowhere.status_code == 200


def test_public_and_listed_rooms(client):
    """Guests see those that are open to them, users also those they may find."""
    public, listed = ConversationFactory(), ConversationFactory(type=2, listable=Listable.USERS)
    assert set(ask(client, public.token, listed.token).json()) == {public.token}
    client.force_login(UserFactory())
    assert set(ask(client, public.token, listed.token).json()) == {public.token, listed.token}


def test_who_waits_in_the_lobby_sees_nobody(project, alice, client):
    """As in the API, they do not learn of the call."""
    in_call(project)
    change(project, lobby_state=LobbyState.NON_MODERATORS)
    client.force_login(alice)
    token = rooms.find_room(project).token
    assert ask(client, token).json()[token]["people"] == 0
    assert ">Start a call<" in render(BUTTON, alice, project=project)


@pytest.mark.parametrize(
    ("who", "listable", "people"),
    [
        ("guest", Listable.PARTICIPANTS, 0),
        ("stranger", Listable.PARTICIPANTS, 0),
        ("stranger", Listable.USERS, 1),
        ("member", Listable.PARTICIPANTS, 1),
    ],
)
def test_who_lacks_the_password_sees_nobody(project, alice, client, *, who, listable, people):
    """Only of a listed room outsiders learn that there is a call, as in the API."""
    in_call(project)
    change(project, type=3, password="hash", listable=listable)
    if who != "guest":
        client.force_login(alice if who == "member" else UserFactory())
    token = rooms.find_room(project).token
    assert ask(client, token).json()[token]["people"] == people


@pytest.mark.parametrize(
    "token", ["", "A", "\0", "x" * 31, "ok-ok", "abcd\n", "äöüß", "abcd' or 1=1"]
)
def test_what_is_no_token(client, token, django_assert_num_queries):
    """It is left out, and not looked up."""
    with django_assert_num_queries(0):
        assert ask(client, token).json() == {}


def test_a_bounded_request(client):
    """Nobody asks about all of them."""
    assert ask(client, *(f"token{n}" for n in range(201))).status_code == 400
    assert client.post(reverse("talk_web:people-in-calls")).status_code == 405
