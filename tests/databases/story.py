"""A day of a site: what people, apps and operators do, and what they are answered.

Everything is decided by something that happened a moment before. On a site with a frozen replica
the answers are those of a site without one, and no statement about calls reaches the replica.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client

from talk_calls.constants import ConversationType
from talk_calls.host import clock
from talk_calls.models import AppPassword, Attendee, Conversation, Session
from talk_calls.services import app_passwords, creation, participants, sweeper
from tests.ocs_client import OCSClient

TOKEN = "standup"
#: What was there before the replica froze; whoever is not named came later.
PEOPLE = ("alice", "ben", "carol", "dora", "root")
#: Tables that Django itself reads to know who is logged in and what they may do.
_OF_THE_HOST = re.compile(r'FROM "(auth_|django_|people_)')


def prepare() -> None:
    """Make the people and the group, and a conversation that alice and ben are in."""
    alice, ben, *_, root = (User.objects.create_user(name, password=name) for name in PEOPLE)
    User.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    Group.objects.create(name="hatters").user_set.add(ben)
    room = creation.create(kind=ConversationType.PUBLIC, name="Stand-up", owner=alice, token=TOKEN)
    participants.add_user(conversation=room, user=ben)


class Story:
    """Tells the day; ``answers`` are what came of each step, without what is random."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Any]] = []

    def note(self, step: str, answer: Any) -> None:
        self.answers.append((step, answer))

    def tell(self) -> None:
        for chapter in (
            self.passwords,
            self.a_login,
            self.a_call,
            self.the_lobby,
            self.guests,
            self.groups,
            self.an_app_logs_in,
            self.one_to_one,
            self.moderators,
            self.admin,
            self.operators,
            self.the_end,
        ):
            chapter()

    def device(self, name: str, version: str = "v4") -> OCSClient:
        user = User.objects.using("default").get(username=name)
        _, secret = app_passwords.create(user=user, name="test")
        return OCSClient(version=version, username=name, password=secret)

    def attendee(self, name: str) -> Attendee:
        return Attendee.objects.get(conversation__token=TOKEN, user__username=name)

    def in_call(self, device: OCSClient) -> Any:
        answer = device.get(f"call/{TOKEN}")
        listed = answer.data if answer.http == HTTPStatus.OK else []
        return answer.http, sorted(each["actorId"] for each in listed)

    def enter(self, device: OCSClient) -> int:
        return device.post(f"room/{TOKEN}/participants/active").http

    def join(self, device: OCSClient, **data: Any) -> int:
        return device.post(f"call/{TOKEN}", {"flags": 3} | data).http

    def passwords(self) -> None:
        """An app password counts at once, and no more once it is revoked or its user inactive."""
        self.alice, self.ben = self.device("alice"), self.device("ben")
        self.note("lists", [room["token"] for room in self.alice.get("room").data])
        eve = User(username="eve")
        eve.save()
        device = self.device("eve")
        self.note("a new user", device.get("room").http)
        self.note("her groups", self.cloud(device).get("user").data["groups"])
        app_password = AppPassword.objects.get(user=eve)
        self.note("whose", app_password.user.username)
        User.objects.filter(pk=eve.pk).update(is_active=False)
        self.note("inactive", device.get("room").http)
        User.objects.filter(pk=eve.pk).update(is_active=True)
        app_passwords.revoke(app_password)
        self.note("revoked", device.get("room").http)

    def cloud(self, device: OCSClient) -> OCSClient:
        return OCSClient(username=device.username, password=device.password, service="cloud")

    def a_login(self) -> None:
        """Who is logged in by a cookie counts as deactivated, or renamed, at once."""
        browser = Client()
        dora = User.objects.using("default").get(username="dora")
        browser.force_login(dora)
        device = OCSClient(version="v4", browser=browser)
        self.note("by cookie", device.get("room").http)
        User.objects.filter(pk=dora.pk).update(first_name="Dora", last_name="Dee")
        made = device.post("room", {"roomType": 3, "roomName": "Dora's"}).data
        people = device.get(f"room/{made['token']}/participants").data
        self.note("renamed", [each["displayName"] for each in people])
        User.objects.filter(pk=dora.pk).update(is_active=False)
        self.note("deactivated", device.get("room").http)
        dora.delete()
        self.note("deleted with a cookie", device.get("room").http)

    def a_call(self) -> None:
        self.note("enter", [self.enter(self.alice), self.enter(self.ben)])
        self.note("join", [self.join(self.alice), self.join(self.ben)])
        self.note("in call", self.in_call(self.alice))
        self.note("flags", self.ben.put(f"call/{TOKEN}", {"flags": 7}).http)
        self.note("room", self.alice.get(f"room/{TOKEN}").data["callFlag"])
        self.note("leave", self.ben.delete(f"call/{TOKEN}").http)
        self.note("in call after", self.in_call(self.alice))

    def the_lobby(self) -> None:
        self.note("raise", self.alice.put(f"room/{TOKEN}/webinar/lobby", {"state": 1}).http)
        self.note("behind it", self.join(self.ben))
        ben = {"attendeeId": self.attendee("ben").pk}
        self.note("promote", self.alice.post(f"room/{TOKEN}/moderators", ben).http)
        self.note("past it", self.join(self.ben))
        self.note("demote", self.alice.delete(f"room/{TOKEN}/moderators", ben).http)
        self.note("out of it", self.in_call(self.alice))
        self.note("lower", self.alice.put(f"room/{TOKEN}/webinar/lobby", {"state": 0}).http)
        self.note("joins again", self.join(self.ben))

    def guests(self) -> None:
        guest = OCSClient(version="v4")
        self.note("guest enters", self.enter(guest))
        self.note("guest joins", self.join(guest))
        named = OCSClient(version="v1", browser=guest.browser)
        self.note("name", named.post(f"guest/{TOKEN}/name", {"displayName": "Dinah"}).http)
        people = self.alice.get(f"room/{TOKEN}/participants").data
        self.note("people", sorted((each["displayName"], each["inCall"]) for each in people))
        poll = OCSClient(version="v3", browser=guest.browser)
        self.note("poll", poll.get(f"signaling/{TOKEN}").http)
        self.note("password", self.alice.put(f"room/{TOKEN}/password", {"password": "x"}).http)
        self.note("another guest", self.enter(OCSClient(version="v4")))
        self.note("guest leaves", guest.delete(f"room/{TOKEN}/participants/active").http)

    def groups(self) -> None:
        hatters = Group.objects.using("default").get(name="hatters")
        carol = User.objects.using("default").get(username="carol")
        data = {"newParticipant": "hatters", "source": "groups"}
        self.note("group", self.alice.post(f"room/{TOKEN}/participants", data).http)
        hatters.user_set.add(carol)
        self.carol = self.device("carol")
        self.note("came with it", self.carol.get(f"room/{TOKEN}").http)
        self.note("her groups", self.cloud(self.carol).get("user").data["groups"])
        self.note("enters", [self.enter(self.carol), self.join(self.carol)])
        hatters.user_set.clear()
        self.note("went with it", self.in_call(self.alice))

    def an_app_logs_in(self) -> None:
        app, browser = Client(), Client()
        browser.force_login(User.objects.using("default").get(username="alice"))
        started = app.post("/login/v2").json()
        self.note(
            "not yet", app.post("/login/v2/poll", {"token": started["poll"]["token"]}).status_code
        )
        self.note("asks", browser.get(started["login"]).status_code)
        self.note("grants", browser.post(started["login"], {"decision": "grant"}).status_code)
        got = app.post("/login/v2/poll", {"token": started["poll"]["token"]})
        self.note("got", (got.status_code, got.json()["loginName"]))
        phone = OCSClient(version="v4", username="alice", password=got.json()["appPassword"])
        self.note("uses it", phone.get("room").http)
        newest = AppPassword.objects.latest("pk")
        listed = browser.get("/talk/app-passwords/").content.decode()
        self.note("listed", f"/talk/app-passwords/{newest.pk}/revoke/" in listed)
        self.note("revokes", browser.post(f"/talk/app-passwords/{newest.pk}/revoke/").status_code)
        self.note("again", browser.post(f"/talk/app-passwords/{newest.pk}/revoke/").status_code)
        self.note("over", phone.get("room").http)

    def one_to_one(self) -> None:
        made = self.alice.post("room", {"roomType": 1, "invite": "carol"})
        token = made.data["token"]
        self.note("one-to-one", (made.http, made.data["displayName"]))
        self.note("not yet theirs", self.carol.get(f"room/{token}").http)
        asked = self.carol.post("room", {"roomType": 1, "invite": "alice"})
        self.note("theirs", (asked.http, asked.data["token"] == token, asked.data["displayName"]))
        self.note("leaves it", self.carol.delete(f"room/{token}/participants/self").http)
        self.note("enters it", self.alice.post(f"room/{token}/participants/active").http)
        self.note("calls", self.alice.post(f"call/{token}", {"flags": 1}).http)
        self.note("is back", self.carol.get(f"room/{token}").http)

    def moderators(self) -> None:
        data = {"newParticipant": "carol@example.org", "source": "emails"}
        self.note("mail", self.alice.post(f"room/{TOKEN}/participants", data).http)
        data = {"newParticipant": "carol", "source": "users"}
        self.note("add", self.alice.post(f"room/{TOKEN}/participants", data).http)
        self.note("enters", [self.enter(self.carol), self.join(self.carol)])
        lock = f"room/{TOKEN}/read-only"
        self.note("lock", self.alice.put(lock, {"state": 1}).http)
        self.note("locked", [self.join(self.carol), self.in_call(self.alice)])
        self.note("unlock", self.alice.put(lock, {"state": 0}).http)
        self.note("all join", [self.join(each) for each in (self.alice, self.ben, self.carol)])
        rights = {"method": "set", "permissions": 3}
        carol = {"attendeeId": self.attendee("carol").pk}
        self.note(
            "rights", self.alice.put(f"room/{TOKEN}/attendees/permissions", rights | carol).http
        )
        self.note("expel", self.alice.delete(f"room/{TOKEN}/attendees", carol).http)
        self.note("rename", self.alice.put(f"room/{TOKEN}", {"roomName": "Sit-down"}).http)
        self.note("its name", self.ben.get(f"room/{TOKEN}").data["displayName"])
        room = Conversation.objects.defer("name").get(token=TOKEN)
        self.note("deferred", room.name)
        room.name = "?"
        room.refresh_from_db()
        self.note("refreshed", room.name)
        legs = Session.objects.in_call().values_list("pk", flat=True)
        self.note(
            "their people", sorted(Session.objects.get(pk=pk).attendee.user.username for pk in legs)
        )
        prefetched = Session.objects.in_call().prefetch_related("attendee__user", "conversation")
        self.note("prefetched", sorted(each.attendee.user.username for each in prefetched))

    def admin(self) -> None:
        browser = Client()
        browser.force_login(User.objects.using("default").get(username="root"))
        newcomer = User.objects.create_user("newcomer")
        data = {"user": newcomer.pk, "name": "phone"}
        made = browser.post("/admin/talk_calls/apppassword/add/", data)
        self.note("made", (made.status_code, AppPassword.objects.filter(user=newcomer).count()))
        room = Conversation.objects.get(token=TOKEN)
        session = Session.objects.in_call().filter(attendee__user__username="ben").get()
        call = room.calls.latest("pk")
        for page in (
            "conversation/",
            f"conversation/{room.pk}/change/",
            "attendee/",
            "session/",
            f"attendee/{self.attendee('ben').pk}/change/",
            f"session/{session.pk}/change/",
            "call/",
            f"call/{call.pk}/change/",
            "livecall/",
            "apppassword/",
        ):
            shown = browser.get(f"/admin/talk_calls/{page}")
            self.note(re.sub(r"\d+", "N", page), (shown.status_code, b"ben" in shown.content))

    def operators(self) -> None:
        now = clock.now()
        participants.remove(attendee=self.attendee("ben"), now=now)
        self.note("removed", [self.ben.get(f"call/{TOKEN}").http, self.in_call(self.alice)])
        User.objects.using("default").get(username="carol").delete()
        self.note("deleted", self.carol.get("room").http)
        sweeper.sweep(now=now)

    def the_end(self) -> None:
        self.note("end for all", self.alice.delete(f"call/{TOKEN}", {"all": "true"}).http)
        self.note("nobody", self.in_call(self.alice))
        self.note("delete", self.alice.delete(f"room/{TOKEN}").http)
        self.note("gone", self.alice.get(f"room/{TOKEN}").http)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the statements about our rows that reach the replica."""
    found: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "talk_calls_" in sql or not _OF_THE_HOST.search(sql):
            found.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        if "replica" in connections.settings:
            stack.enter_context(connections["replica"].execute_wrapper(watch))
        yield found


def tell() -> dict[str, Any]:
    """Tell the story; return its answers, and the statements that went to the replica."""
    story = Story()
    with watched() as astray:
        story.tell()
    return {"answers": story.answers, "astray": astray}
