"""People of the site behind an identity provider, and that provider."""

import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from tests.hosts.browser import Browser, text_of
from tests.hosts.host import Host
from tests.servers.ports import HOST


class OIDCHost(Host):
    """Nobody has a password here: the provider says who it is, and is asked again later."""

    STEPS = ("calls_outlive_the_token", "a_newcomer_gets_one_account")

    def prepare(self) -> None:
        self.provider = Provider((HOST, 0), Endpoints)
        threading.Thread(target=self.provider.serve_forever).start()
        address = f"http://{HOST}:{self.provider.server_port}"
        settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{address}/authorize"
        settings.OIDC_OP_TOKEN_ENDPOINT = f"{address}/token"
        settings.OIDC_OP_USER_ENDPOINT = f"{address}/userinfo"
        super().prepare()

    def close(self) -> None:
        self.provider.shutdown()
        self.provider.server_close()

    def make_person(self, name: str) -> Any:
        return get_user_model().objects.create(sub=f"sub-of-{name}", full_name=name.title())

    def log_in(self, browser: Browser, user: Any) -> None:
        self.come_back_as(browser, user.sub)
        assert browser.session["_auth_user_id"] == str(user.pk)

    def come_back_as(self, browser: Browser, sub: str) -> None:
        """Go to the provider, be there who has this ``sub``, and come back."""
        asked = browser.get(reverse("oidc_authentication_init"))
        assert asked.status_code == 302
        opener = urllib.request.build_opener(Stay)
        try:
            opener.open(f"{asked['Location']}&{urlencode({'person': sub})}")
        except urllib.error.HTTPError as redirect:
            back = urlsplit(redirect.headers["Location"])
            redirect.close()
        returned = browser.get(f"{back.path}?{back.query}")
        assert returned.status_code == 302, text_of(returned)

    def a_newcomer_gets_one_account(self) -> None:
        """It is made at the first login, has a name, and is found at the next."""
        for _ in range(2):
            self.come_back_as(Browser(), "sub-of-newcomer")
        account = get_user_model().objects.get(sub="sub-of-newcomer")
        assert account.full_name == Endpoints.CLAIMS["name"]
        assert not account.has_usable_password()

    def calls_outlive_the_token(self) -> None:
        """A page of the site leads to the provider then, and the API does not."""
        browser, person = Browser(), self.make_person("late")
        self.log_in(browser, person)
        session = browser.session
        session["oidc_id_token_expiration"] = 0
        session.save()
        assert browser.get("/").status_code == 302
        rooms = "/ocs/v2.php/apps/spreed/api/v4/room"
        assert browser.get(rooms, headers={"OCS-APIRequest": "true"}).status_code == 200


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the address is one of the test client's."""

    def redirect_request(self, *args: object) -> None:
        return None


class Provider(ThreadingHTTPServer):
    """An OpenID provider at which nobody needs a password; ``person`` says who comes."""

    def __init__(self, *args: Any) -> None:
        self.logins: dict[str, dict[str, str]] = {}
        super().__init__(*args)


class Endpoints(BaseHTTPRequestHandler):
    """The authorization code flow."""

    server: Provider
    CLAIMS: ClassVar = {"name": "Person of the provider"}

    def do_GET(self) -> None:
        """Answer the browser and, with the access token, the site."""
        path, query = self.path.partition("?")[::2]
        if path == "/userinfo":
            code = self.headers["Authorization"].removeprefix("Bearer ")
            return self.answer(self.CLAIMS | {"sub": self.server.logins[code]["person"]})
        given = {name: value for name, [value] in parse_qs(query).items()}
        code = f"code{len(self.server.logins)}"
        self.server.logins[code] = given
        back = urlencode({"code": code, "state": given["state"]})
        self.send_response(302)
        self.send_header("Location", f"{given['redirect_uri']}?{back}")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        """Give the tokens for a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        [code] = parse_qs(body)["code"]
        login = self.server.logins[code]
        claims = {
            "iss": "provider",
            "sub": login["person"],
            "aud": settings.OIDC_RP_CLIENT_ID,
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "nonce": login["nonce"],
        }
        signed = jwt.encode(claims, settings.OIDC_RP_CLIENT_SECRET, algorithm="HS256")
        self.answer({"access_token": code, "id_token": signed, "token_type": "Bearer"})

    def answer(self, data: dict[str, object]) -> None:
        """Send JSON."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""
