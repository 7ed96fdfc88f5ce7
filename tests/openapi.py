"""Holds answers against the OpenAPI documents; every answer that a test gets comes through here."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator

from talk_calls.api.schema.documents import ROUTES, document

#: What no operation speaks of: another method, and what tests break on purpose.
_UNSPOKEN = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.INTERNAL_SERVER_ERROR}


def check_answer(version: str, method: str, path: str, response: HttpResponse) -> None:
    """Fail if the document does not describe an answer under ``/ocs/v2.php``."""
    described = operation(version, method.lower(), path) if version in ROUTES else None
    if described is None or response.status_code in _UNSPOKEN:
        return
    where = f"{version} {method} {path} {response.status_code}"
    answer = described["responses"].get(str(response.status_code))
    assert answer, f"{where}: not in the document"
    if not response.content:
        return  # of a file that could not be made
    kind = response.headers.get("Content-Type", "").split(";")[0]
    assert kind in answer["content"], f"{where}: {kind} is not in the document"
    assert missing_headers(answer, response) == [], where
    if kind == "application/json":
        check = _validator(version, described["operationId"], str(response.status_code))
        assert [each.message for each in check.iter_errors(response.json())] == [], where


def operation(version: str, method: str, path: str) -> dict[str, Any] | None:
    """Return the document's operation of a method and a path below the version's, if any."""
    found = [item for shape, item in _paths(version) if shape.fullmatch(path)]
    return found[0].get(method) if found else None


@cache
def _validator(version: str, operation_id: str, status: str) -> Draft202012Validator:
    """Return what validates the JSON of an answer."""
    [described] = [
        each
        for item in document(version)["paths"].values()
        for each in item.values()
        if each["operationId"] == operation_id
    ]
    schema = described["responses"][status]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document(version)["components"]}
    return Draft202012Validator(_with_null_types(whole))


def _with_null_types(schema: Any) -> Any:
    """Convert ``nullable`` of OpenAPI 3.0 to types of JSON Schema."""
    if isinstance(schema, list):
        return [_with_null_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_null_types(value) for name, value in schema.items()}
    if found.pop("nullable", False) is True:
        found["type"] = [found["type"], "null"]
    return found


def missing_headers(answer: dict[str, Any], response: HttpResponse) -> list[str]:
    """Return the headers that a document promises in vain; who is logged out needs no log-in."""
    promised = set(answer.get("headers", ())) - {"WWW-Authenticate"}
    return sorted(promised - set(response.headers))


@cache
def _paths(version: str) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Return the paths of a version as expressions, and what they lead to."""
    base = f"/ocs/v2.php/apps/spreed/api/{version}/"
    return [
        (re.compile(_pattern(path.removeprefix(base), item)), item)
        for path, item in document(version)["paths"].items()
    ]


def _pattern(path: str, item: dict[str, Any]) -> str:
    [first, *_] = item.values()
    for each in first.get("parameters", ()):
        schema = each["schema"]
        shape = schema.get("pattern", "^[0-9]{1,18}$").strip("^$")
        shape = "|".join(schema["enum"]) if "enum" in schema else shape
        path = path.replace(f"{{{each['name']}}}", f"({shape})")
    return path
