"""What works at every site that installs the app, whoever its users are."""

import base64
import io
import json
import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.management import call_command
from django.http import HttpResponse
from django.urls import reverse

from talk_calls.conf import conf
from talk_calls.constants import ConversationType
from talk_calls.host import clock
from talk_calls.services import creation, participants
from tests.hosts.browser import Browser, text_of
from tests.hosts.host import Host

AUDIO, VIDEO = 3, 5


class Device:
    """Speaks OCS with the cookies of a browser, or with credentials."""

    def __init__(self, browser: Browser, authorization: str = "") -> None:
        self.browser = browser
        self.headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        if authorization:
            self.headers["Authorization"] = authorization

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """Return the data of an answer, which must be a success."""
        base = reverse("talk_accounts:status").removesuffix("status.php")
        answer = self.browser.generic(
            method,
            f"{base}ocs/v2.php/apps/spreed/api/v4/{path}",
            json.dumps(data) if data else "",
            content_type="application/json",
            headers=self.headers,
        )
        assert answer.status_code in {200, 201}, (method, path, answer.status_code, answer.content)
        return answer.json()["ocs"]["data"]

    def join_and_leave(self, token: str) -> list[str]:
        """Enter a conversation, join its call, list it, leave it; return who was listed."""
        self.ask("POST", f"room/{token}/participants/active")
        self.ask("POST", f"call/{token}", flags=AUDIO)
        listed = [peer["actorId"] for peer in self.ask("GET", f"call/{token}")]
        self.ask("PUT", f"call/{token}", flags=VIDEO)
        self.ask("DELETE", f"call/{token}")
        assert self.ask("GET", f"call/{token}") == [], "still listed after leaving"
        self.ask("DELETE", f"room/{token}/participants/active")
        return listed


class Contract:
    """The steps, in order; each is independent of the others."""

    STEPS: ClassVar = (
        "checks_are_clean",
        "host_session",
        "app_password_of_the_login_flow",
        "app_password_of_the_command",
        "guest",
        "call_page",
    )

    def __init__(self, host: Host) -> None:
        self.host = host
        self.person, other = host.make_person("person"), host.make_person("other")
        self.person_id = conf.directory.user_id(self.person)
        room = creation.create(kind=ConversationType.GROUP, name="Room", owner=other)
        participants.add_users(conversation=room, users=[self.person], now=clock.now())
        self.room = room.token
        self.open_room = creation.create(
            kind=ConversationType.PUBLIC, name="Open", owner=other
        ).token

    def checks_are_clean(self) -> None:
        """``manage.py check`` has nothing to say."""
        call_command("check", fail_level="WARNING", stdout=io.StringIO())

    def host_session(self) -> None:
        """Somebody who logged in at the site's own login page uses the API with that session."""
        browser = self.logged_in()
        device = Device(browser)
        assert self.room in [room["token"] for room in device.ask("GET", "room")]
        assert device.join_and_leave(self.room) == [self.person_id]

    def app_password_of_the_login_flow(self) -> None:
        """An app gets a password through its user's browser, and speaks Basic and Bearer."""
        app, browser = Browser(), self.logged_in()
        started = app.post(reverse("talk_accounts:login-start")).json()
        page = urlsplit(started["login"]).path
        granted = browser.submit(browser.get(page), page, decision="grant")
        assert granted.status_code == 200, text_of(granted)
        poll = urlsplit(started["poll"]["endpoint"]).path
        login = app.post(poll, {"token": started["poll"]["token"]}).json()
        assert login["loginName"] == self.person_id
        self.use_app_password(login["appPassword"])

    def app_password_of_the_command(self) -> None:
        """An operator makes one."""
        out = io.StringIO()
        call_command("talk_app_password", self.host.command_name(self.person), stdout=out)
        self.use_app_password(out.getvalue().split()[-1])

    def use_app_password(self, secret: str) -> None:
        """Join and leave with it; it opens nothing but the API."""
        basic = base64.b64encode(f"{self.person_id}:{secret}".encode()).decode()
        for authorization in (f"Basic {basic}", f"Bearer {secret}"):
            browser = Browser()
            listed = Device(browser, authorization).join_and_leave(self.room)
            assert listed == [self.person_id]
            assert "_auth_user_id" not in browser.session

    def guest(self) -> None:
        """Somebody without an account enters a public conversation, and no other."""
        browser = Browser()
        device = Device(browser)
        assert len(device.join_and_leave(self.open_room)) == 1
        page = browser.get(self.page_of(self.open_room))
        assert page.status_code == 200

    def call_page(self) -> None:
        """The page to call from is there, and knows its API and its user."""
        for browser, is_user in ((Browser(), False), (self.logged_in(), True)):
            page = browser.get(self.page_of(self.open_room))
            config = self.config_of(page)
            assert (config["name"] is not None) is is_user
            known = browser.get(
                f"{config['api']}v4/room/{self.open_room}", headers={"OCS-APIRequest": "true"}
            )
            assert known.status_code == 200, known.content
            login = re.search(r'href="([^"]+)\?next=', page.content.decode())
            assert is_user or (login and browser.get(login[1]).status_code in {200, 302})

    def config_of(self, page: HttpResponse) -> dict[str, Any]:
        """Return what the page tells its scripts."""
        assert page.status_code == 200, text_of(page)
        found = re.search(r'<script id="call-config"[^>]*>(.*?)</script>', page.content.decode())
        assert found
        return dict(json.loads(found[1]))

    def page_of(self, token: str) -> str:
        """Return the path of the call page."""
        return reverse("talk_web:call", kwargs={"token": token})

    def logged_in(self) -> Browser:
        """Return a browser in which the person has logged in."""
        browser = Browser()
        self.host.log_in(browser, self.person)
        return browser
