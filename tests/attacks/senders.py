"""A client whose requests leave no trace, so that thousands of them find the same rows."""

import json
from collections import Counter
from http.cookies import SimpleCookie
from typing import Any

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.test import Client, TestCase

from tests.attacks.operations import Action, Schema
from tests.fuzz.fixtures import Fixture

#: Right values for what is neither in the fixture nor described by an enumeration or a type.
_RIGHT = {
    "roomName": "A name",
    "roomType": "3",
    "source": "users",
    "objectType": "event",
    "objectId": "1",
    "permissions": "1",
    "lobbyState": "0",
    "timer": "0",
    "lobbyTimer": "0",
    "acknowledged": "0",
    "modifiedSince": "0",
    "flags": "7",
    "level": "1",
    "mode": "set",
}


class Sender:
    """A client with the rows of a fixture; it counts responses by status."""

    def __init__(self, fixture: Fixture) -> None:
        self.fixture = fixture
        self.browser = Client(raise_request_exception=False, headers=fixture.headers)
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []

    def log_in(self, user: Any) -> None:
        """Send the session cookie of a user from now on, and no other credentials."""
        self.browser.force_login(user)
        self.fixture.cookies["sessionid"] = self.browser.cookies["sessionid"].value
        self.browser.headers = {}

    def right(self, name: str, schema: Schema) -> Any:
        """Return a value that a parameter accepts."""
        in_path = not schema
        if values := self.fixture.values.get(name):
            return values[-1 if name == "attendee_id" else 0]
        if name in _RIGHT and not in_path:
            return _RIGHT[name]
        if values := schema.get("enum"):
            return values[0]
        return "default" if in_path else "text"

    def others(self, action: Action, name: str) -> list[tuple[str, Any]]:
        """Return right values of all parameters but one."""
        return [
            (each, self.right(each, schema))
            for each, schema in action.parameters.items()
            if each not in {name, "format"}
        ]

    @property
    def own_session_id(self) -> str:
        """Return the session id of the client in the conversation of the signaling messages."""
        [first, *_] = json.loads(self.fixture.values["messages"][0])
        return str(first["sessionId"])

    def address(self, action: Action) -> str:
        """Return the path of an action, for rows that exist."""
        path = action.path
        for name in action.path_names:
            path = path.replace(f"{{{name}}}", str(self.right(name, {})))
        return path

    def send(self, what: str, method: str, path: str, **request: Any) -> HttpResponse:
        """Send a request, undo what it changed, and note it if it failed."""
        self.browser.cookies = SimpleCookie(self.fixture.cookies)
        with transaction.atomic():
            try:
                with TestCase.captureOnCommitCallbacks(execute=True):
                    response = self.browser.generic(method.upper(), path, **request)
            except BadRequest as error:  # Django's handlers answer it before any view
                response = HttpResponseBadRequest(str(error))
            transaction.set_rollback(True)
        self.statuses[response.status_code] += 1
        if response.status_code >= 500:
            self.failures.append(what)
        return response
