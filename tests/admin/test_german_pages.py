"""A German operator finds no English word on the pages of the admin."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.html import strip_tags
from django.utils.translation import override

from talk_calls.constants import ConversationType, LobbyState
from talk_calls.models import Attendee, Call, Conversation, Session
from tests.factories import ConversationFactory, GuestFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db

#: Words of English that are none of German, and that no name in this test has.
ENGLISH = re.compile(
    r"\b(?:a|and|are|as|at|ban|by|call|calls|conversation|devices?|ended|every\w*|for|from|group|"
    r"guest|has|is|joined|left|moderators|not|nobody|of|on|owner|people|session|started|statistics|"
    r"that|the|their|they|to|user|users|who|why|with|you|your)\b",
    flags=re.IGNORECASE,
)

#: What Django 6.1 says of a list by day, which its own German catalogue lacks.
OF_DJANGO = "Filter by "


@pytest.fixture
def pages(meeting, time_machine):
    """Return the addresses of all pages, of objects too, in a world with something of each kind."""
    time_machine.move_to(at(100), tick=False)
    weekly, past = meeting(token="weekly", name="Woche"), meeting(token="past", name="Vorbei")
    weekly.join("Alice", 0)
    weekly.join("Bob", 6, device="phone", flags=3)
    past.join("Carol", 10)
    past.leave("Carol", 20)
    weekly.ping(at(90))
    ConversationFactory(token="leer", name="Leer", type=ConversationType.GROUP)
    guest = GuestFactory(conversation=Conversation.objects.get(token="weekly"))
    Conversation.objects.filter(token="weekly").update(lobby_state=LobbyState.NON_MODERATORS)
    base = "/admin/talk_calls/"
    labels = [each._meta.label_lower for each in admin.site._registry]
    lists = [f"/admin/{each.replace('.', '/')}/" for each in labels if "talk_calls" in each]
    objects = [
        f"{base}{model._meta.model_name}/{obj.pk}/change/"
        for model in (Attendee, Call, Conversation, Session)
        for obj in model.objects.all()
    ]
    why = f"{base}conversation/why/"
    users = [*get_user_model().objects.values_list("username", flat=True), ""]
    asked = [
        f"{why}?conversation={token}&user={name}"
        for token in ("weekly", "past", "leer")
        for name in users
    ]
    asked.append(f"{why}?conversation=weekly&user=&attendee={guest.pk}")
    more = [f"{base}call/statistics/", f"{base}apppassword/add/", base, why]
    return [*lists, *objects, *asked, *more]


def lines_of(html: str) -> list[str]:
    """Return what people read and hear of a page, without scripts, icons and codes of errors."""
    main = re.sub(
        r"<(script|style|symbol)\b.*?</\1>|„.*?“", " ", html.partition("<main")[2], flags=re.DOTALL
    )
    heard = re.findall(r'\b(?:aria-label|title|placeholder|data-\w+)="([^"]*)"', main)
    return [line.strip() for line in [*strip_tags(main.replace("<", "\n<")).splitlines(), *heard]]


def test_no_english(admin_client, pages):
    """Every page speaks German, with calls, devices, guests, explanations and charts on it."""
    with override("de"):
        for page in pages:
            answer = admin_client.get(page)
            assert answer.status_code == 200, page
            lines = lines_of(answer.content.decode())
            assert 'id="content-start"' in lines[0], page
            ours = [line for line in lines if not line.startswith(OF_DJANGO)]
            assert [line for line in ours if ENGLISH.search(line)] == [], page
