"""A site that installed the wheel can be called on, from the first request to the last."""

import time
from base64 import b64encode
from urllib.parse import urlencode

from django.test import Client, TestCase

from people.models import Person
from talk_calls.services import app_passwords

API = "/ocs/v2.php/apps/spreed/api/v3"


class Device:
    """A client: HTTP Basic with an app password, and cookies of its own."""

    def __init__(self, email=None, password=None):
        headers = {"ocs-apirequest": "true"}
        if email:
            login = b64encode(f"{email}:{password}".encode()).decode()
            headers["authorization"] = f"Basic {login}"
        self.client = Client(headers=headers)

    def ask(self, method, path, *, status, **form):
        """Make a request, and return the data in the envelope of the answer."""
        response = self.client.generic(
            method,
            f"{API}/{path}?format=json",
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
        )
        assert response.status_code == status, (response.status_code, response.content)
        return response.json()["ocs"]["data"]


class AccountTest(TestCase):
    def test_an_app_adds_an_account(self):
        """A user who has no username lets an app in, by pages that are in the wheel."""
        ann = Person.objects.create_user("ann@example.org", "ann's password")
        app, browser = Client(), Client()
        started = app.post("/index.php/login/v2").json()
        browser.force_login(ann)
        page = started["login"].removeprefix("http://testserver")
        self.assertContains(browser.get(page), "ann@example.org")
        self.assertContains(
            browser.post(page, {"decision": "grant"}), "Du kannst dieses Fenster schließen"
        )
        poll = {"token": started["poll"]["token"]}
        got = app.post("/index.php/login/v2/poll", poll).json()
        self.assertEqual(got["loginName"], str(ann.pk))
        self.assertContains(browser.get("/talk/app-passwords/"), "Widerrufen")

        device = Device(got["loginName"], got["appPassword"])
        answer = device.client.get("/ocs/v2.php/cloud/user?format=json")
        data = answer.json()["ocs"]["data"]
        self.assertEqual(
            (data["id"], data["email"], data["groups"]), (str(ann.pk), "ann@example.org", [])
        )


class CallPageTest(TestCase):
    def test_the_page_is_in_the_wheel(self):
        """The page comes with its scripts, in the language of the site or of the browser."""
        for language, words in (("", "Anruf beitreten"), ("en", "Join call")):
            page = self.client.get("/call/abcd", headers={"accept-language": language})
            self.assertContains(page, words)
            self.assertContains(
                page, '<script type="module" src="/static/talk_calls/call/main.js">'
            )

    def test_a_user_without_a_username(self):
        """A user joins under the name that others will see, which is no e-mail address."""
        ann = Person.objects.create_user("ann@example.org", "ann's password")
        self.client.force_login(ann)
        self.assertContains(
            self.client.get("/call/abcd"), f"<strong><bdi>Benutzer {ann.pk}</bdi></strong>"
        )


class CallTest(TestCase):
    def setUp(self):
        people = [
            Person.objects.create_user(f"{name}@example.org", f"{name}'s password")
            for name in ("ann", "ben")
        ]
        self.ids = [str(person.pk) for person in people]
        self.ann, self.ben = (self.device_of(person) for person in people)

    def device_of(self, person):
        """Return a client with an app password, which names its user by what people type."""
        _, secret = app_passwords.create(user=person, name="test")
        return Device(person.email, secret)

    def test_a_call_from_the_first_request_to_the_last(self):
        """A user who is known by e-mail makes a conversation, and has a call in it."""
        room = self.ann.ask("POST", "room", roomType=3, roomName="Standup", status=201)
        token = room["token"]
        self.ann.ask("POST", f"room/{token}/participants/active", status=200)
        self.ann.ask("POST", f"call/{token}", flags=7, status=200)

        [peer] = self.ann.ask("GET", f"call/{token}", status=200)
        self.assertEqual((peer["actorType"], peer["actorId"]), ("users", self.ids[0]))

        self.ann.ask("DELETE", f"call/{token}", status=200)
        self.assertEqual(self.ann.ask("GET", f"call/{token}", status=200), [])

    def test_two_people_meet(self):
        """Somebody else comes in by the link, and each sees both."""
        room = self.ann.ask("POST", "room", roomType=3, roomName="Standup", status=201)
        token = room["token"]
        for device in (self.ann, self.ben):
            device.ask("POST", f"room/{token}/participants/active", status=200)
            device.ask("POST", f"call/{token}", status=200)

        for device in (self.ann, self.ben):
            peers = device.ask("GET", f"call/{token}", status=200)
            self.assertEqual({peer["actorId"] for peer in peers}, set(self.ids))

    def test_a_guest_waits_for_the_lobby_to_fall(self):
        """A guest is nobody to DRF here, and the site keeps its times without a zone."""
        token = self.ann.ask("POST", "room", roomType=3, roomName="Fair", status=201)["token"]
        guest = Device()
        guest.ask("POST", f"room/{token}/participants/active", status=200)
        in_an_hour = int(time.time()) + 3600
        room = self.ann.ask(
            "PUT", f"room/{token}/webinar/lobby", state=1, timer=in_an_hour, status=200
        )
        self.assertEqual((room["lobbyState"], room["lobbyTimer"]), (1, in_an_hour))
        guest.ask("POST", f"call/{token}", status=412)
        self.ann.ask("PUT", f"room/{token}/webinar/lobby", state=1, timer=1, status=200)
        guest.ask("POST", f"call/{token}", status=200)
