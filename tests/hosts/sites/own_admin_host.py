"""What an operator does at an admin of the host's own class."""

from talk_calls.models import Session
from tests.hosts.bookings.models import Booking
from tests.hosts.browser import text_of
from tests.hosts.sites.admin_host import AdminHost


class OwnAdminHost(AdminHost):
    """An admin that is not called "admin", and has ours by ``talk_calls.admin.register``."""

    STEPS = (*AdminHost.STEPS, "hosts_choose_rows")
    ADMIN = "/operations/"

    def hosts_choose_rows(self) -> None:
        """The host's own admins find our rows by `autocomplete_fields` and `raw_id_fields`."""
        browser = self.operators_browser()
        assert browser.get(f"{self.ADMIN}bookings/booking/add/").status_code == 200
        asked = {"app_label": "bookings", "model_name": "booking"}
        for field, term in (("room", "Boa"), ("organizer", "oper")):
            query = asked | {"field_name": field, "term": term}
            found = browser.get(f"{self.ADMIN}autocomplete/", query)
            assert len(found.json()["results"]) == 1, (field, found.content)
        popup = browser.get(f"{self.ADMIN}talk_calls/session/?_to_field=id&_popup=1")
        assert popup.status_code == 200
        made = browser.submit(
            browser.get(f"{self.ADMIN}bookings/booking/add/"),
            f"{self.ADMIN}bookings/booking/add/",
            room=str(self.room.pk),
            device=str(Session.objects.first().pk),
        )
        assert made.status_code == 302, text_of(made)
        assert Booking.objects.get().room == self.room
