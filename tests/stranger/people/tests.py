"""What a stranger gets from the wheel: a call, from the first request to the last."""

from base64 import b64encode
from functools import partial

from django.test import TestCase

from people.models import Person

API = "/ocs/v2.php/apps/spreed/api/v3"


class CallTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        Person.objects.create_user("ann@example.org", "ann's password")
        Person.objects.create_user("ben@example.org", "ben's password")

    def ask(self, method, path, *, status, email="ann@example.org", **data):
        """Make a request with HTTP Basic, and return the data of the envelope."""
        name = email.partition("@")[0]
        response = self.client.generic(
            method,
            f"{API}/{path}?format=json",
            "&".join(f"{key}={value}" for key, value in data.items()),
            content_type="application/x-www-form-urlencoded",
            headers={
                "authorization": "Basic "
                + b64encode(f"{email}:{name}'s password".encode()).decode(),
                "ocs-apirequest": "true",
            },
        )
        self.assertEqual(response.status_code, status, response.content)
        return response.json()["ocs"]["data"]

    def test_a_call_from_the_first_request_to_the_last(self):
        """A stranger's user, known by e-mail, makes a conversation and has a call in it."""
        token = self.ask("POST", "room", roomType=3, roomName="Standup", status=201)["token"]
        self.ask("POST", f"room/{token}/participants/active", status=200)
        self.ask("POST", f"call/{token}", flags=7, status=200)

        [peer] = self.ask("GET", f"call/{token}", status=200)
        self.assertEqual((peer["actorType"], peer["actorId"]), ("users", "ann@example.org"))

        self.ask("DELETE", f"call/{token}", status=200)
        self.assertEqual(self.ask("GET", f"call/{token}", status=200), [])

    def test_two_people_meet(self):
        """Somebody else comes into the public conversation, and both see both."""
        ann, ben = self.ask, partial(self.ask, email="ben@example.org")
        token = ann("POST", "room", roomType=3, roomName="Standup", status=201)["token"]
        for ask in (ann, ben):
            self.client.cookies.clear()  # another device
            ask("POST", f"room/{token}/participants/active", status=200)
            ask("POST", f"call/{token}", status=200)

        peers = ann("GET", f"call/{token}", status=200)
        self.assertEqual(
            {peer["actorId"] for peer in peers}, {"ann@example.org", "ben@example.org"}
        )
