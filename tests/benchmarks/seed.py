"""Fill the database and print the requests of every case; runs as a process of its own.

usage: python -m tests.benchmarks.seed CLIENTS

The output is JSON: for each case the list of its clients, each with the requests that it sends
repeatedly.
"""

import json
import sys

import django
from django.core.management import call_command

from tests.benchmarks.cases import Request
from tests.servers.web import PROXY_HEADERS

_FLAGS = 7


def main(clients: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    requests = {
        "list-2": _listing("listoftwo", people=2, clients=clients),
        "list-50": _listing("listoffifty", people=50, clients=clients),
        "start-end": [_alone(f"alone{number:02}") for number in range(clients)],
        "join-leave": _together("together", clients=clients),
    }
    json.dump(requests, sys.stdout)


def _listing(token: str, *, people: int, clients: int) -> list[list[Request]]:
    """All members are in the call, and the clients list them."""
    credentials = _conversation(token, online=people, in_call=people)
    return [[_request("GET", token, credentials[number % people])] for number in range(clients)]


def _alone(token: str) -> list[Request]:
    """Each join starts a call, and each leave ends it."""
    credentials = _conversation(token, online=2, in_call=0)
    return _join_and_leave(token, credentials[0])


def _together(token: str, *, clients: int) -> list[list[Request]]:
    """Two idle members keep the call open, which the clients join and leave."""
    credentials = _conversation(token, online=clients + 2, in_call=2)
    return [_join_and_leave(token, own) for own in credentials[2:]]


def _join_and_leave(token: str, credentials: str) -> list[Request]:
    return [_request(method, token, credentials) for method in ("POST", "DELETE")]


def _request(method: str, token: str, credentials: str) -> Request:
    headers = {
        **PROXY_HEADERS,
        "Authorization": f"Basic {credentials}",
    }
    body = json.dumps({"flags": _FLAGS}) if method == "POST" else ""
    path = f"/ocs/v2.php/apps/spreed/api/v3/call/{token}?format=json"
    return {"method": method, "path": path, "headers": headers, "body": body}


def _conversation(token: str, *, online: int, in_call: int) -> list[str]:
    # Models cannot be imported before `django.setup()`.
    from tests.benchmarks.conversations import make_conversation

    return make_conversation(token, online=online, in_call=in_call, flags=_FLAGS)


if __name__ == "__main__":
    main(int(sys.argv[1]))
