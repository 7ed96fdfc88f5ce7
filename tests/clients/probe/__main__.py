"""Ask a site what Talk's clients ask in their first minute, and say what they would not like.

Clients are Talk's web client of 2021, 2023 and 2025, its apps for Android and iOS, and a guest.
Each makes a conversation with another user and deletes it again. Exits with 1 if there is an answer
of 400 and more that these clients do not expect, or if others hear too late that a call began.
"""

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.clients.probe.people import Person
from tests.clients.probe.report import Report
from tests.clients.probe.site import CannotLogIn, Site
from tests.clients.probe.walks import WALKS

#: Where `make demo` keeps the passwords of its people.
_DEMO_PASSWORDS = Path(".demo-passwords")

#: Options about the user and the other, and what they are in the demo.
_PEOPLE = {"user": "alice", "password": "", "other": "bob", "other-password": ""}


def main() -> None:
    options = _options()
    people = (
        _person(options.url, options.user, options.password),
        _person(options.url, options.other, options.other_password),
    )
    walks = [walk for walk in WALKS if not options.only or walk.name in options.only]
    try:
        with Site(options.url.rstrip("/"), *people, pages=not options.app_passwords) as site:
            results = [result for walk in walks for result in site.walk(walk)]
            report = Report(results, site.announcements(), options.within)
    except CannotLogIn as error:
        sys.exit(str(error))
    print(report.json() if options.json else report.text())
    sys.exit(1 if report.problems else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clients.probe", description=__doc__)
    add = parser.add_argument
    add("url", nargs="?", default="http://127.0.0.1:8000", help="of the site (default: the demo)")
    for name, default in _PEOPLE.items():
        variable = f"PROBE_{name.upper().replace('-', '_')}"
        add(f"--{name}", default=os.environ.get(variable, default), help=f"or {variable}")
    add(
        "--app-passwords",
        action="store_true",
        help="the passwords are app passwords, and nobody logs in by a page",
    )
    add("--only", nargs="+", metavar="CLIENT", choices=[walk.name for walk in WALKS])
    add("--within", type=float, default=1.0, help="seconds for the news of a call (default: 1)")
    add("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _person(url: str, user_id: str, password: str) -> Person:
    """Return a user; by default with the password that the demo on this machine gave them."""
    password = password or _demo_password(url, user_id)
    if not password:
        sys.exit(f"There is no password for {user_id}; --help says how to give it.")
    return Person(user_id, password)


def _demo_password(url: str, user_id: str) -> str:
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost") or not _DEMO_PASSWORDS.exists():
        return ""
    return dict(line.split() for line in _DEMO_PASSWORDS.read_text().splitlines()).get(user_id, "")


if __name__ == "__main__":
    main()
