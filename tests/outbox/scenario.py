"""A conversation from its creation to its deletion, in which each type of event happens."""

from collections.abc import Callable
from typing import Any

from talk_calls.models import Attendee, Conversation
from tests.app_passwords import app_password_in_use
from tests.factories import UserFactory
from tests.ocs_client import OCSAnswer, OCSClient
from tests.times import at


class Scenario:
    """Steps of people, each a second after the one before; ``move_to`` sets the clock."""

    def __init__(self, move_to: Callable[..., None]) -> None:
        self.move_to = move_to
        self.seconds = 0
        move_to(at(0), tick=False)
        self.alice = self._user("alice", "Alice")
        self.bob = self._user("bob", "Bob")
        self.guest = OCSClient(version="v4")

    def play(self) -> Conversation:
        """Do everything, and return the conversation, which is deleted."""
        room = {"roomType": 3, "roomName": "Weekly"}
        made = self.step(self.alice, "post", "room", room).data
        conversation = Conversation.objects.get(token=made["token"])
        self.token = conversation.token
        self.step(self.alice, "post", "room/{}/participants", {"newParticipant": "bob"})
        self.step(self.alice, "post", "room/{}/participants/active")
        self.step(self.alice, "post", "call/{}", {"flags": 7})
        bob = Attendee.objects.get(user__username="bob")
        self.step(self.alice, "post", f"call/{{}}/ring/{bob.pk}")
        self.step(self.guest, "post", "room/{}/participants/active")
        self.step(self.guest, "post", "call/{}", {"flags": 1})
        self.step(self.guest, "put", "call/{}", {"flags": 3})
        self.step(self.guest, "delete", "call/{}")
        self.step(self.alice, "put", "room/{}", {"roomName": "Daily"})
        self.step(self.alice, "delete", "call/{}")
        self.step(self.guest, "delete", "room/{}/participants/active")
        self.step(self.alice, "delete", "room/{}")
        return conversation

    def step(self, device: OCSClient, method: str, path: str, data: Any = None) -> OCSAnswer:
        """Make a request, which succeeds."""
        self.seconds += 1
        self.move_to(at(self.seconds), tick=False)
        path = path.format(getattr(self, "token", ""))
        answer = device.request(method, path, data)
        assert answer.http in {200, 201}, answer.whole
        return answer

    def _user(self, username: str, name: str) -> OCSClient:
        user = UserFactory(username=username, first_name=name)
        return OCSClient(version="v4", username=username, password=app_password_in_use(user))
