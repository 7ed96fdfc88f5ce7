"""How the closed site differs."""

from tests.hosts.browser import Browser
from tests.hosts.host import Host


class ClosedHost(Host):
    """Its own pages go on to need a login."""

    STEPS = ("own_pages_are_closed",)

    def own_pages_are_closed(self) -> None:
        """Being open for guests is for the pages of the app alone."""
        assert Browser().get("/").status_code == 302
