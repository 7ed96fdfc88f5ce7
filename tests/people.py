"""People with every role at a conversation, and the devices that they call with."""

from dataclasses import dataclass
from typing import Any

from talk_calls.constants import ParticipantType
from talk_calls.models import Attendee, Conversation, Session
from tests.app_passwords import app_password_in_use
from tests.factories import AttendeeFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient

USERS = {
    "owner": ParticipantType.OWNER,
    "moderator": ParticipantType.MODERATOR,
    "member": ParticipantType.USER,
    "self-joined": ParticipantType.USER_SELF_JOINED,
}
GUESTS = {
    "guest": ParticipantType.GUEST,
    "guest moderator": ParticipantType.GUEST_MODERATOR,
}
PARTICIPANTS = [*USERS, *GUESTS]
MODERATORS = ["owner", "moderator", "guest moderator"]
OTHERS = ["member", "self-joined", "guest"]
#: A logged-in user who does not belong to the conversation, and somebody without any login.
OUTSIDERS = ["stranger", "nobody"]


@dataclass
class Person:
    """A client at a conversation; ``attendee`` and ``session`` are None where there is none."""

    device: OCSClient
    conversation: Conversation
    attendee: Attendee | None = None
    session: Session | None = None

    def call(self, method: str, data: Any = None, *, path: str = "", **kwargs: Any) -> OCSAnswer:
        """Ask for something about the call."""
        return self.device.request(method, f"call/{self.conversation.token}{path}", data, **kwargs)

    def room(self, method: str, path: str = "", data: Any = None, **kwargs: Any) -> OCSAnswer:
        """Ask for something about the conversation."""
        return self.device.request(method, f"room/{self.conversation.token}{path}", data, **kwargs)

    @property
    def flags(self) -> int:
        """Return the in-call flags that are stored for this person's session."""
        return Session.objects.get(pk=self.session.pk).in_call


def arrive(
    who: str,
    conversation: Conversation,
    *,
    version: str = "v3",
    wire: str = "json",
    online: bool = True,
    username: str | None = None,
) -> Person:
    """Make a person with a role and a device; members join unless they are not ``online``."""
    device = OCSClient(version=version, wire=wire)
    if who == "nobody":
        return Person(device, conversation)
    if who in GUESTS:
        return _arrive_as_guest(GUESTS[who], device, conversation)
    user = UserFactory(**({"username": username} if username else {}))
    device.username = user.username
    device.password = app_password_in_use(user)
    if who == "stranger":
        return Person(device, conversation)
    attendee = AttendeeFactory(conversation=conversation, user=user, participant_type=USERS[who])
    session = SessionFactory(attendee=attendee) if online else None
    return Person(device, conversation, attendee, session)


def _arrive_as_guest(
    role: ParticipantType, device: OCSClient, conversation: Conversation
) -> Person:
    """Join as a guest, who is identified by the cookie alone."""
    person = Person(device, conversation)
    before = set(Session.objects.values_list("pk", flat=True))
    answer = person.room("post", "/participants/active")
    assert answer.http == 200, answer.whole
    person.session = Session.objects.select_related("attendee").exclude(pk__in=before).get()
    person.attendee = person.session.attendee
    Attendee.objects.filter(pk=person.attendee.pk).update(participant_type=role)
    person.attendee.participant_type = role
    return person
