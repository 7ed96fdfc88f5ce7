"""What a stranger gets from the wheel: a call, from the first request to the last."""

from base64 import b64encode
from urllib.parse import urlencode

from django.test import Client, TestCase

from people.models import Person

API = "/ocs/v2.php/apps/spreed/api/v3"


class Device:
    """Somebody's client: HTTP Basic with the account's password, and cookies of its own."""

    def __init__(self, email, password):
        login = b64encode(f"{email}:{password}".encode()).decode()
        self.client = Client(
            headers={"authorization": f"Basic {login}", "ocs-apirequest": "true"},
        )

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


class CallTest(TestCase):
    def setUp(self):
        Person.objects.create_user("ann@example.org", "ann's password")
        Person.objects.create_user("ben@example.org", "ben's password")
        self.ann = Device("ann@example.org", "ann's password")
        self.ben = Device("ben@example.org", "ben's password")

    def test_a_call_from_the_first_request_to_the_last(self):
        """A user who is known by e-mail makes a conversation, and has a call in it."""
        room = self.ann.ask("POST", "room", roomType=3, roomName="Standup", status=201)
        token = room["token"]
        self.ann.ask("POST", f"room/{token}/participants/active", status=200)
        self.ann.ask("POST", f"call/{token}", flags=7, status=200)

        [peer] = self.ann.ask("GET", f"call/{token}", status=200)
        self.assertEqual((peer["actorType"], peer["actorId"]), ("users", "ann@example.org"))

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
            self.assertEqual(
                {peer["actorId"] for peer in peers}, {"ann@example.org", "ben@example.org"}
            )
