"""What surrounds every answer, and which status it travels under (behaviour 2.2, 2.3)."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

#: Codes of the protocol that are no HTTP statuses (constants 5).
OCS_SUCCESS = 100
OCS_SERVER_ERROR = 996
OCS_UNAUTHORISED = 997
OCS_UNKNOWN_ROUTE = 998


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, before an entry point gives it its form.

    ``code`` is an OCS code that replaces the HTTP status in the envelope, where there is one.
    """

    status: int
    message: str = ""
    data: Any = field(default_factory=list)
    code: int | None = None


def success_v2(status: int, data: Any) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body of a success under ``/ocs/v2.php``."""
    return status, _body("ok", status, "OK", data)


def success_v1(status: int, data: Any) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body under ``/ocs/v1.php``, where only a plain 200 reads "ok"."""
    if status == HTTPStatus.OK:
        return HTTPStatus.OK, _body("ok", OCS_SUCCESS, "OK", data, paged=True)
    return HTTPStatus.OK, _body("failure", status, "", data, paged=True)


def failure_v2(failure: Failure) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body of a failure under ``/ocs/v2.php``."""
    code = failure.code if failure.code == OCS_UNAUTHORISED else failure.status
    return failure.status, _body("failure", code, failure.message, failure.data)


def failure_v1(failure: Failure) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body under ``/ocs/v1.php``: HTTP 200 for all but "log in"."""
    unauthorised = failure.code == OCS_UNAUTHORISED
    status = HTTPStatus.UNAUTHORIZED if unauthorised else HTTPStatus.OK
    code = failure.code or failure.status
    return status, _body("failure", code, failure.message, failure.data, paged=True)


SUCCESS = {1: success_v1, 2: success_v2}
FAILURE = {1: failure_v1, 2: failure_v2}


def _body(
    status: str, code: int, message: str, data: Any, *, paged: bool = False
) -> dict[str, Any]:
    meta = {"status": status, "statuscode": int(code), "message": message}
    if paged:
        meta |= {"totalitems": "", "itemsperpage": ""}
    return {"ocs": {"meta": meta, "data": data}}
