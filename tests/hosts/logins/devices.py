"""Clients of the API that keep their cookies, and look what those open."""

import base64
from typing import Any

from django.http import HttpResponse
from django.test import Client

API = "/ocs/v2.php/apps/spreed/api/v4/room?format=json"


def basic(name: str, password: str) -> str:
    """Return the header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


class Device(Client):
    """Sends the header with each request to the API, and only its cookies elsewhere."""

    def __init__(self, authorization: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.authorization = authorization

    def ask(self) -> HttpResponse:
        """Ask for the conversations of the user."""
        headers = {"OCS-APIRequest": "true", "Authorization": self.authorization}
        return self.get(API, headers=headers)

    @property
    def is_in(self) -> bool:
        """Tell whether the API lets it in; what is no 200 is our 401, in the envelope."""
        answer = self.ask()
        if answer.status_code == 200:
            return True
        assert answer.status_code == 401, answer.content
        assert answer.json()["ocs"]["meta"]["statuscode"] == 997
        return False

    def opens_no_page(self) -> bool:
        """Tell whether the cookies, with or without the header, are nobody's at the site."""
        headers = {"OCS-APIRequest": "true", "Authorization": self.authorization}
        for sent in ({}, headers):
            assert self.get("/whoami/", headers=sent).content == b""
            assert self.get("/admin/", headers=sent).status_code == 302
            assert self.get("/talk/app-passwords/", headers=sent).status_code == 302
            assert self.get("/login/flow", headers=sent).status_code == 302
        assert (
            Client(headers={"Cookie": self.cookies.output(header="")}).get(API).status_code != 200
        )
        return "_auth_user_id" not in self.session
