"""Pages of the site of Wagtail."""

from wagtail.models import Page, Site

from tests.hosts.browser import Browser
from tests.hosts.host import Host


class WagtailHost(Host):
    """Its pages are shown below any address that the app does not have."""

    STEPS = ("pages_are_shown",)

    def open(self) -> None:
        """Write a page whose address begins like ours."""
        home = Site.objects.get().root_page
        home.add_child(instance=Page(title="All about calls", slug="call"))

    def pages_are_shown(self) -> None:
        """The app takes no address away."""
        page = Browser().get("/call/")
        assert page.status_code == 200
        assert b"All about calls" in page.content
