"""Fill the database and print the requests of every case; runs as a process of its own.

usage: python -m tests.benchmarks.seed CLIENTS

The output is JSON: for each case the list of its clients, each with the requests that it sends
again and again.
"""

import json
import sys

import django
from django.core.management import call_command

from tests.benchmarks.cases import Request

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
    """Everybody is in the call, and the clients ask who is."""
    credentials = _conversation(token, online=people, in_call=people)
    return [[_request("GET", token, credentials[number % people])] for number in range(clients)]


def _alone(token: str) -> list[Request]:
    """Nobody else is in the call."""
    credentials = _conversation(token, online=2, in_call=0)
    return _join_and_leave(token, credentials[0])


def _together(token: str, *, clients: int) -> list[list[Request]]:
    """Two who do nothing keep the call going, which the clients join and leave."""
    credentials = _conversation(token, online=clients + 2, in_call=2)
    return [_join_and_leave(token, own) for own in credentials[2:]]


def _join_and_leave(token: str, credentials: str) -> list[Request]:
    return [_request(method, token, credentials) for method in ("POST", "DELETE")]


def _request(method: str, token: str, credentials: str) -> Request:
    headers = {
        "Host": "talk.example",
        "X-Forwarded-Proto": "https",  # from the proxy that ends TLS
        "Authorization": f"Basic {credentials}",
        "OCS-APIRequest": "true",
        "Accept": "application/json",
        "User-Agent": "bench",
    }
    body = ""
    if method == "POST":
        body = json.dumps({"flags": _FLAGS})
        headers["Content-Type"] = "application/json"
    path = f"/ocs/v2.php/apps/spreed/api/v3/call/{token}?format=json"
    return {"method": method, "path": path, "headers": headers, "body": body}


def _conversation(token: str, *, online: int, in_call: int) -> list[str]:
    from tests.benchmarks import people  # there are no models before `django.setup()`

    return people.conversation(token, online=online, in_call=in_call, flags=_FLAGS)


if __name__ == "__main__":
    main(int(sys.argv[1]))
