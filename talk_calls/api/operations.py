"""What an action of a viewset asks, reads, answers and refuses, declared on the action itself.

The views act by it (``TalkViewSet.get_permissions`` and ``TalkViewSet.parameters``), and
``api/schema`` describes it as OpenAPI. Everything here is plain data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from rest_framework.serializers import Serializer

from talk_calls.exceptions import TalkError
from talk_calls.policies import Rules

Form = type[Serializer[Any]]

#: The form of an action by API version.
Forms = Mapping[str, Form]

Action = TypeVar("Action", bound=Callable[..., Any])


class Data(Enum):
    """What the data of an answer is."""

    NOTHING = "Done."
    NO_FIELDS = "An empty object: there is nothing of the kind."
    MESSAGES = "What happened in the conversation."
    ROOM = "The conversation as the caller sees it."
    ROOM_OF_V4 = "The conversation as the caller sees it, as v4 shows it."
    ROOMS = "Conversations as the caller sees them."
    PEERS = "Everybody who is connected to the call, newest ping first."
    PARTICIPANTS = "Everybody who belongs to the conversation."
    INVITED = "Done; `type` is told if the conversation became public by it."
    BAN = "The ban."
    BANS = "The bans, the newest first."
    PICTURE = "An SVG picture."
    SIGNALING = "How to signal, and which servers help."
    NEWS = "Messages in the order in which they were sent, and at the end who is there."
    VISIT = "What a visitor of the call page may see of the conversation."
    FILE = "A CSV file. Who asks for `format=csv` is refused without a body."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The decorator of an action: ``@Operation("Leave the call", rules=policies.LEAVE_CALL)``.

    ``summary`` and ``description`` are sentences of the OpenAPI document, in Markdown; they are
    no docstrings, since ``python -OO`` removes those. ``rules`` are asked in their order before the
    action; with ``users_only`` somebody has to be logged in. ``form`` reads the parameters.

    ``answers`` says by status what the data of a success is, ``headers`` which headers it has, and
    ``refusals`` which errors the action raises beyond those of its rules. ``endings`` are refusals
    with an empty ``usersInRoom`` for data: why, by status. ``texts`` are refusals with a text for
    data, by status. ``unchanged`` says when the answer is 304, which has no body. ``tells_ends``
    are statuses whose data may be why a session is gone, for windows that name themselves.
    ``v1_as_v2`` is True where v1 answers with the room object of v2 (behaviour 6.3).
    ``names_errors`` is True where refusals have a code in every version, since all clients that
    know the endpoint read one.
    """

    summary: str = field(kw_only=False)
    rules: Rules
    users_only: bool = False
    description: str = ""
    form: Form | Forms | None = None
    answers: Mapping[HTTPStatus, Data] = field(
        default_factory=lambda: {HTTPStatus.OK: Data.NOTHING}
    )
    headers: tuple[str, ...] = ()
    refusals: tuple[type[TalkError], ...] = ()
    endings: Mapping[HTTPStatus, str] = field(default_factory=dict)
    texts: Mapping[HTTPStatus, str] = field(default_factory=dict)
    unchanged: str = ""
    tells_ends: tuple[HTTPStatus, ...] = ()
    v1_as_v2: bool = False
    names_errors: bool = False

    def __call__(self, action: Action) -> Action:
        """Note the operation on its action."""
        action.operation = self  # type: ignore[attr-defined]
        return action

    def form_of(self, version: str) -> Form | None:
        """Return the form that a version reads."""
        return self.form[version] if isinstance(self.form, Mapping) else self.form


def operation_of(viewset: type, action: str) -> Operation:
    """Return what is declared on an action; raises ``ImproperlyConfigured`` if nothing is."""
    found = getattr(getattr(viewset, action, None), "operation", None)
    if not isinstance(found, Operation):
        raise ImproperlyConfigured(f"{viewset.__name__}.{action} has no @Operation")
    return found
