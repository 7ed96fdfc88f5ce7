"""What a whole answer has to be, in the form in which it was asked for (behaviour 2.2–2.4)."""

from collections.abc import Mapping
from typing import Any

from talk_calls.api.errors import STATUSES
from tests.ocs_client import OCSAnswer

NOT_LOGGED_IN = "Current user is not logged in"
UNKNOWN_ROUTE = "Invalid query, please check the syntax: there is no such route."


def ok(answer: OCSAnswer, data: Any = (), status: int = 200) -> tuple[int, Any]:
    """Return the success that ``answer`` has to be."""
    if not _is_v1_php(answer):
        return _whole(answer, status, "ok", status, "OK", data)
    if status == 200:
        return _whole(answer, 200, "ok", 100, "OK", data)
    return _whole(answer, 200, "failure", status, "", data)


def refused(
    answer: OCSAnswer, status: int, message: str = "", *, code: int | None = None, data: Any = ()
) -> tuple[int, Any]:
    """Return the failure that ``answer`` has to be; ``code`` where it is not the status.

    Where v4 names the error, the name has to be one of those that go with the status; which one it
    is, is the business of tests/api/test_errors.py.
    """
    if data == () and "/api/v4/" in answer.response.request["PATH_INFO"]:
        data = _named(answer, status)
    if _is_v1_php(answer):
        return _whole(answer, 401 if code == 997 else 200, "failure", code or status, message, data)
    shown = code if code == 997 else status
    return _whole(answer, status, "failure", shown, message, data)


def _named(answer: OCSAnswer, status: int) -> Any:
    if not isinstance(answer.data, Mapping):
        return ()
    error = answer.data["error"]
    assert error in {kind.code for kind, known in STATUSES.items() if known == status}
    return {"error": error}


def in_form(wire: str, value: Any) -> Any:
    """Return ``value`` as it arrives: as it is in JSON, as text in XML."""
    if wire == "json":
        return value
    if value is True:
        return "1"
    if not value and (value != 0 or value is False):
        return ""
    if isinstance(value, Mapping):
        return {name: in_form(wire, item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_form(wire, item) for item in value]
    return str(value)


def _is_v1_php(answer: OCSAnswer) -> bool:
    return answer.response.request["PATH_INFO"].startswith("/ocs/v1.php/")


def _whole(  # noqa: PLR0917 -- in the order in which an answer shows them
    answer: OCSAnswer, http: int, status: str, code: int, message: str, data: Any
) -> tuple[int, Any]:
    meta = {"status": status, "statuscode": code, "message": message}
    if _is_v1_php(answer):
        meta |= {"totalitems": "", "itemsperpage": ""}
    return http, in_form(answer.wire, {"meta": meta, "data": list(data) if data == () else data})
