"""The envelope around the data of a response, and the HTTP status (behaviour 2.2, 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from talk_calls.ocs.json_types import JSON, JSONObject

#: Status codes of OCS that are not HTTP status codes (constants 5).
OCS_SUCCESS = 100
OCS_SERVER_ERROR = 996
OCS_UNAUTHORISED = 997
OCS_UNKNOWN_ROUTE = 998


@dataclass(frozen=True, slots=True)
class Failure:
    """The data of a response that reports a failure, until ``enclose`` replaces it.

    ``code`` is an OCS code that replaces the HTTP status in the envelope. ``headers`` are those of
    the HTTP response.
    """

    status: int
    message: str = ""
    data: JSON = field(default_factory=list)
    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def enclose(entry: int, status: int, data: "JSON | Failure") -> tuple[int, JSONObject]:
    """Return HTTP status and body of a response under ``/ocs/v{entry}.php``.

    ``status`` and ``data`` are those of a success; of a ``Failure`` its own status counts.
    """
    if isinstance(data, Failure):
        return _FAILURE[entry](data)
    return _SUCCESS[entry](status, data)


def success_v2(status: int, data: JSON) -> tuple[int, JSONObject]:
    """Return HTTP status and body of a success under ``/ocs/v2.php``."""
    return status, _body("ok", status, "OK", data)


def success_v1(status: int, data: JSON) -> tuple[int, JSONObject]:
    """Return HTTP status and body under ``/ocs/v1.php``, where only 200 is "ok"."""
    if status == HTTPStatus.OK:
        return HTTPStatus.OK, _body("ok", OCS_SUCCESS, "OK", data, paged=True)
    return HTTPStatus.OK, _body("failure", status, "", data, paged=True)


def failure_v2(failure: Failure) -> tuple[int, JSONObject]:
    """Return HTTP status and body of a failure under ``/ocs/v2.php``."""
    code = failure.code if failure.code == OCS_UNAUTHORISED else failure.status
    return failure.status, _body("failure", code, failure.message, failure.data)


def failure_v1(failure: Failure) -> tuple[int, JSONObject]:
    """Return HTTP status and body under ``/ocs/v1.php``: 401 if a login is needed, else 200."""
    unauthorised = failure.code == OCS_UNAUTHORISED
    status = HTTPStatus.UNAUTHORIZED if unauthorised else HTTPStatus.OK
    code = failure.code or failure.status
    return status, _body("failure", code, failure.message, failure.data, paged=True)


_SUCCESS = {1: success_v1, 2: success_v2}
_FAILURE = {1: failure_v1, 2: failure_v2}


def _body(status: str, code: int, message: str, data: JSON, *, paged: bool = False) -> JSONObject:
    meta: JSONObject = {"status": status, "statuscode": int(code), "message": message}
    if paged:
        meta |= {"totalitems": "", "itemsperpage": ""}
    return {"ocs": {"meta": meta, "data": data}}
