"""What browsers ask the site for pages of another origin."""

from django.http import HttpResponse

from tests.hosts.browser import Browser
from tests.hosts.host import Host

ROOM = "/ocs/v2.php/apps/spreed/api/v4/room"
OURS = "ocs-apirequest,x-talk-calls-window"
ALLOWED = "Access-Control-Allow-"


class FrontendHost(Host):
    """Answers pages of one origin, which may send cookies, and no others."""

    STEPS = ("preflight", "answers", "own_pages_stay_closed")

    def preflight(self) -> None:
        """The browser may send the headers that the API wants; only for that origin."""
        asked = self.ask("OPTIONS", "https://app.example.org")
        assert asked.status_code == 200
        assert asked[f"{ALLOWED}Origin"] == "https://app.example.org"
        assert asked[f"{ALLOWED}Credentials"] == "true"
        assert set(OURS.split(",")) <= set(asked[f"{ALLOWED}Headers"].split(", "))
        assert {"GET", "POST", "PUT", "DELETE"} <= set(asked[f"{ALLOWED}Methods"].split(", "))
        for origin in ("https://evil.example.org", "null"):
            assert f"{ALLOWED}Origin" not in self.ask("OPTIONS", origin)

    def answers(self) -> None:
        """Scripts may read answers, refusals too, and the number that acknowledges a poll."""
        for path, status in ((ROOM, 401), (f"{ROOM}/nowhere", 404)):
            answer = self.ask("GET", "https://app.example.org", path, OCS_APIRequest="true")
            assert answer.status_code == status
            assert answer[f"{ALLOWED}Origin"] == "https://app.example.org"
            assert answer["Access-Control-Expose-Headers"] == "X-Talk-Calls-Answer"
        assert self.ask("GET", "https://app.example.org").status_code == 412

    def own_pages_stay_closed(self) -> None:
        """The recipe opens the API, and nothing else of the site."""
        for path in ("/", "/accounts/login/", "/talk/app-passwords/"):
            answer = self.ask("GET", "https://app.example.org", path)
            assert f"{ALLOWED}Origin" not in answer

    def ask(self, method: str, origin: str, path: str = ROOM, **headers: str) -> HttpResponse:
        """Send what a browser sends for a page."""
        sent = {"Origin": origin} | {name.replace("_", "-"): headers[name] for name in headers}
        if method == "OPTIONS":
            sent |= {
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": OURS,
            }
        return Browser().generic(method, path, headers=sent)
