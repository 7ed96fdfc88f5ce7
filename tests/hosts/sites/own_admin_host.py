"""What an operator does at an admin of the host's own class."""

import re
from html import unescape
from urllib.parse import urljoin

from django.contrib.auth import get_user_model

from talk_calls.constants import ConversationType
from talk_calls.host import clock
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.services import app_passwords, calls, creation, sessions
from tests.hosts.bookings.models import Booking
from tests.hosts.browser import Browser, text_of
from tests.hosts.host import Host


class AdminHost(Host):
    """An admin that is not called "admin", and knows the app by ``talk_calls.admin.register``."""

    STEPS = ("every_link_stays", "actions_work", "hosts_choose_rows")
    ADMIN = "/operations/"

    def open(self) -> None:
        """Have a call go on, and an operator who looks at it."""
        users = get_user_model().objects
        self.operator = users.create_superuser("operator", password=self.password)
        self.room = creation.create(kind=ConversationType.GROUP, name="Board", owner=self.operator)
        attendee = Attendee.objects.get(conversation=self.room)
        entrance = sessions.enter(
            conversation=self.room,
            actor=Actor(self.operator),
            attendee=attendee,
            password="",
            force=False,
            now=clock.now(),
        )
        calls.join(session=entrance.session, flags=7, now=clock.now())
        app_passwords.create(user=self.operator, name="phone")

    def every_link_stays(self) -> None:
        """Whatever a page links to exists, and is of this admin."""
        browser = self.operators_browser()
        start = [f"{self.ADMIN}", f"{self.ADMIN}talk_calls/call/statistics/?days=7"]
        waiting, seen = start, set(start)
        while waiting:
            here = waiting.pop()
            page = browser.get(here)
            assert page.status_code in {200, 302}, (here, page.status_code)
            if page.status_code == 302 or not page["Content-Type"].startswith("text/html"):
                continue
            for link in links(page):
                there = urljoin(here, link).partition("#")[0]
                assert not there.startswith("/admin/"), (here, there)
                if "talk_calls/" in there and "?" not in there and there not in seen:
                    seen.add(there)
                    waiting.append(there)
        names = {path.split("/")[3] for path in seen if path.count("/") > 3}
        assert names >= {"apppassword", "attendee", "call", "conversation", "livecall", "session"}
        assert f"{self.ADMIN}talk_calls/conversation/why/" in seen
        assert f"{self.ADMIN}talk_calls/call/{Call.objects.first().pk}/legs.csv" in seen

    def actions_work(self) -> None:
        """A button on a page leads to its confirmation, and from there back to the page."""
        browser = self.operators_browser()
        page = f"{self.ADMIN}talk_calls/conversation/{self.room.pk}/change/"
        lists = f"{self.ADMIN}talk_calls/conversation/"
        asked = browser.submit(
            browser.get(page), lists, action="lock", _selected_action=str(self.room.pk), next=page
        )
        assert asked.status_code == 200, text_of(asked)
        assert f'href="{page}"' in asked.content.decode()
        done = browser.submit(
            asked, lists, action="lock", reason="A test", _selected_action=str(self.room.pk)
        )
        assert done.status_code == 302, text_of(done)
        assert Conversation.objects.get(pk=self.room.pk).is_read_only

    def hosts_choose_rows(self) -> None:
        """The host's own admins find our rows by `autocomplete_fields` and `raw_id_fields`."""
        browser = self.operators_browser()
        assert browser.get(f"{self.ADMIN}bookings/booking/add/").status_code == 200
        asked = {"app_label": "bookings", "model_name": "booking"}
        for field, term in (("room", "Boa"), ("organizer", "oper")):
            query = asked | {"field_name": field, "term": term}
            found = browser.get(f"{self.ADMIN}autocomplete/", query)
            assert len(found.json()["results"]) == 1, (field, found.content)
        popup = browser.get(f"{self.ADMIN}talk_calls/session/?_to_field=id&_popup=1")
        assert popup.status_code == 200
        made = browser.submit(
            browser.get(f"{self.ADMIN}bookings/booking/add/"),
            f"{self.ADMIN}bookings/booking/add/",
            room=str(self.room.pk),
            device=str(Session.objects.first().pk),
        )
        assert made.status_code == 302, text_of(made)
        assert Booking.objects.get().room == self.room

    def operators_browser(self) -> Browser:
        browser = Browser()
        self.log_in(browser, self.operator)
        return browser


def links(page) -> list[str]:
    """Return what a page links to, and where its forms are sent."""
    found = re.findall(r'<(?:a|form)\b[^>]*\b(?:href|action)="([^"]+)"', page.content.decode())
    return [unescape(link) for link in found if not link.startswith(("#", "http", "javascript:"))]
