"""Actions whose answer is always the same, from a table: one row each.

Clients ask for what a chat to which nobody writes does not have. What would write is refused; what
would read gets the answer of a conversation in which there is nothing of the kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.exceptions import NothingToWrite

ViewSet = TypeVar("ViewSet", bound=type[ConversationViewSet])


@dataclass(frozen=True, slots=True)
class FixedAnswer:
    """An action of participants: its name, its method and its path below that of a conversation.

    ``data`` is what it answers: an empty list or an empty object, or None where it is refused. With
    an empty path it has no route of its own; the viewset names it in ``detail_methods``. Else the
    part of its name after the first underscore is the name of the route, which the actions of one
    path share.
    """

    name: str
    method: Literal["get", "post", "put", "delete"]
    path: str
    summary: str
    data: Data | None = None


def with_fixed_answers(*table: FixedAnswer) -> Callable[[ViewSet], ViewSet]:
    """Return a decorator that adds the actions of a table to a viewset."""

    def add(viewset: ViewSet) -> ViewSet:
        for row in table:
            setattr(viewset, row.name, _action(row))
        return viewset

    return add


def _action(row: FixedAnswer) -> Any:
    operation = _refusal(row) if row.data is None else _empty_answer(row, row.data)

    def answer(self: ConversationViewSet, request: Request, token: str, **rest: str) -> Response:
        if row.data is None:
            raise NothingToWrite
        return self.done({} if row.data is Data.NO_FIELDS else ())

    answer.__name__ = row.name
    declared = operation(answer)
    if not row.path:
        return declared
    route = row.name.partition("_")[2]
    return action([row.method], detail=True, url_path=row.path, url_name=route)(declared)


def _refusal(row: FixedAnswer) -> Operation:
    return Operation(row.summary, rules=policies.TAKE_PART, answers={}, refusals=(NothingToWrite,))


def _empty_answer(row: FixedAnswer, data: Data) -> Operation:
    return Operation(row.summary, rules=policies.READ_CHAT, answers={HTTPStatus.OK: data})
