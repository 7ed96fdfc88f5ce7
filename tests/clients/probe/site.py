"""A site with two people, on which clients walk."""

from contextlib import ExitStack, closing
from types import TracebackType

from tests.clients.probe.announcement import Announcement, announcements
from tests.clients.probe.device import Device
from tests.clients.probe.people import Login, Person
from tests.clients.probe.steps import ME, OTHER, Walk
from tests.clients.probe.walking import Result, walk

_APP = {"Accept": "application/json", "OCS-APIRequest": "true", "User-Agent": "client probe"}


class CannotLogIn(Exception):
    """One of the two could not log in, so that nothing can be asked."""


class Site:
    """A site, used as a context manager, within which both people are logged in by an app.

    ``pages`` says whether people log in by pages; otherwise clients send their passwords.
    """

    def __init__(self, url: str, user: Person, other: Person, *, pages: bool) -> None:
        self._url, self._pages, self._people = url, pages, (user, other)

    def __enter__(self) -> "Site":
        with ExitStack() as entered:
            self._user, self._other = (self._app(person, entered) for person in self._people)
            self._open = entered.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def walk(self, client: Walk) -> list[Result]:
        """Let a client log in, ask all that it asks beside a device of the other, and log out."""
        known = self._known()
        login = Login(self._url, client.name, client.headers, self._people[0])
        with ExitStack() as used:
            used.enter_context(closing(login))
            nobody = used.enter_context(closing(Device(self._url, client.headers, known=known)))
            other = used.enter_context(closing(self._other.another(client.headers, known)))
            before = walk(client.name, client.anonymous, {ME: nobody})
            device = login.device(client.login, pages=self._pages)
            came = before + login.results
            if device is None:
                return came
            used.enter_context(closing(device))
            device.known = known
            asked = walk(client.name, client.steps, {ME: device, OTHER: other})
            return came + asked + login.log_out(client.login, device)

    def announcements(self) -> list[Announcement]:
        """Measure how soon the other hears that the user started a call."""
        known = self._known()
        user, other = (app.another(_APP, known) for app in (self._user, self._other))
        with closing(user), closing(other):
            return announcements(user, other)

    def _app(self, person: Person, entered: ExitStack) -> Device:
        """Return a device that is logged in until the site is left."""
        login = entered.enter_context(closing(Login(self._url, "app", _APP, person)))
        device = login.device("flow", pages=self._pages)
        if device is None:
            why = "; ".join(
                f"{each.step}: {each.problem}" for each in login.results if each.problem
            )
            raise CannotLogIn(f"{person.user_id} cannot log in: {why}")
        entered.enter_context(closing(device))
        if self._pages:
            entered.callback(login.log_out, "flow", device)
        return device

    def _known(self) -> dict[str, str]:
        """Return the names that the steps of a client know from the beginning."""
        user, other = self._people
        return {"me": user.user_id, "other": other.user_id}
