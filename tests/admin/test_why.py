"""The page "Why can't they join?"."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from talk_calls.constants import LobbyState
from talk_calls.host.policy import HostPolicy
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
URL = "/admin/talk_calls/conversation/why/"


@pytest.fixture
def conversation():
    return ConversationFactory(token="standup")


@pytest.fixture
def operator():
    client = Client()
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def verdicts(response):
    found = re.findall(r'<p class="talk-verdict[^>]*>(.*?)</p>', response.content.decode(), re.S)
    return [" ".join(re.sub("<[^>]*>", "", each).split()) for each in found]


def test_url(operator):
    """It stands beside Django's pages of conversations."""
    assert reverse("admin:talk_calls_conversation_why") == URL


def test_a_form_that_is_filled_in(operator, conversation):
    """``?conversation=`` alone asks nothing yet."""
    page = operator.get(URL, {"conversation": "standup"})
    assert page.context["form"].initial == {"conversation": "standup"}
    assert (page.context["report"], verdicts(page)) == (None, [])


def test_a_user(operator, conversation):
    """The sentence stands on top."""
    AttendeeFactory(conversation=conversation, user__username="bob")
    conversation.lobby_state = LobbyState.NON_MODERATORS
    conversation.save()
    page = operator.get(URL, {"conversation": "standup", "user": "bob", "attendee": ""})
    assert verdicts(page) == [
        "No: bob cannot start a call: the lobby is up until a moderator takes it down; "
        "moderators pass."
    ]


def test_a_guest_and_versions_that_differ(operator, conversation, settings):
    """Nobody is named: somebody without an account; one verdict for each kind of app."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "yes"}
    page = operator.get(URL, {"conversation": "standup", "user": ""})
    assert [each.partition(":")[0] for each in verdicts(page)] == [
        "No with v1, v2, v3",
        "Yes with v4",
    ]


def test_names_are_text(operator, conversation):
    """What a guest calls themselves is no markup."""
    guest = GuestFactory(conversation=conversation, display_name="<b>Ann</b>")
    page = operator.get(URL, {"conversation": "standup", "attendee": guest.pk})
    assert "&lt;b&gt;Ann&lt;/b&gt; can start a call" in page.content.decode()
    assert "<b>Ann" not in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({"conversation": ""}, {"conversation": ["This field is required."]}),
        ({"conversation": "x"}, {"conversation": ["There is no conversation with this token."]}),
        (
            {"conversation": "\x00"},
            {"conversation": ["Null characters are not allowed."]},
        ),
        (
            {"conversation": "\x1b[2J\ud7ff\x07"},
            {"conversation": ["There is no conversation with this token."]},
        ),
        ({"user": "nobody"}, {"user": ["There is no active user of this name."]}),
        (
            {"user": "twin@example.org"},
            {
                "user": [
                    "That is ambiguous: 901 (one, twin@example.org); 902 (two, Twin@example.org)."
                ]
            },
        ),
        ({"user": "a\x00b"}, {"user": ["Null characters are not allowed."]}),
        ({"attendee": "a"}, {"attendee": ["Enter a whole number."]}),
        (
            {"attendee": str(2**63)},
            {"attendee": [f"Ensure this value is less than or equal to {2**63 - 1}."]},
        ),
        (
            {"attendee": str(2**63 - 1)},
            {"attendee": ["The conversation has no such attendee who could act."]},
        ),
        (
            {"user": "root", "attendee": "1"},
            {"attendee": ["Enter either a user name or an attendee number."]},
        ),
    ],
)
def test_what_is_not_there(operator, conversation, asked, errors):
    """An error in the form, and no traceback."""
    UserFactory(pk=901, username="one", email="twin@example.org")
    UserFactory(pk=902, username="two", email="Twin@example.org")
    page = operator.get(URL, {"conversation": "standup", "user": "", **asked})
    assert page.status_code == 200
    assert page.context["form"].errors == errors
    assert verdicts(page) == []


def staff(*permissions):
    client = Client()
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        (["view_conversation", "view_attendee"], 200),
        (["view_conversation"], 403),
        (["view_attendee"], 403),
    ],
)
def test_needs_the_permissions_to_view(conversation, permissions, status):
    """The page requires the permissions to view conversations and attendees."""
    client = staff(*permissions)
    assert client.get(URL).status_code == status


def test_links(operator, conversation):
    """From the list and from a conversation's page, for those who may ask."""
    pages = [
        reverse("admin:talk_calls_conversation_changelist"),
        reverse("admin:talk_calls_conversation_change", args=[conversation.pk]),
    ]
    links = [f'href="{URL}"', f'href="{URL}?conversation=standup"']
    assert [page for page, link in zip(pages, links, strict=True) if link in text(operator, page)]
    outsider = staff("view_conversation")
    assert not [page for page in pages if URL in text(outsider, page)]


def text(client, page):
    return client.get(page).content.decode()


@pytest.mark.parametrize("others", [0, 50])
def test_few_statements(operator, conversation, others):
    """Session and operator, the user by name and by id, conversation and attendee."""
    session = SessionFactory(attendee__conversation=conversation)
    SessionFactory.create_batch(others, attendee__conversation=conversation)
    with CaptureQueriesContext(connection) as queries:
        operator.get(URL, {"conversation": "standup", "user": session.attendee.user.username})
    assert len(queries) == 6


class NoPublicRooms(HostPolicy):
    """A site where nobody opens a conversation."""

    def may_make_public(self, user, conversation):
        return False


def test_policy_of_the_site(operator, conversation, settings):
    """What it answers besides calls has a section of its own, on sites that have a policy."""
    AttendeeFactory(conversation=conversation, user__username="bob")
    ask = {"conversation": "standup", "user": "bob", "attendee": ""}
    assert "site's policy" not in operator.get(URL, ask).content.decode()
    settings.TALK_CALLS = {"POLICY": f"{__name__}.NoPublicRooms"}
    html = operator.get(URL, ask).content.decode()
    assert "What the site's policy answers besides" in html
    assert f"({__name__}.NoPublicRooms.may_make_public) does not let them open" in html
