"""Every action of the API once, with its parameters, as the OpenAPI documents describe it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from talk_calls.api.operations import Form, operation_of
from talk_calls.api.schema.documents import document, operations

Schema = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """An action, in the newest version that has it."""

    version: str
    method: str
    path: str
    path_names: tuple[str, ...]
    parameters: dict[str, Schema]
    form: Form | None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path.partition('/api/')[2]}"


@cache
def actions() -> list[Action]:
    """Return all actions; one that is the same code in several versions comes once."""
    found: dict[Any, Action] = {}
    for version in ("v1", "v2", "v3", "v4"):
        for path, method, route in operations(version):
            callback: Any = route.callback
            code = getattr(callback.cls, callback.actions[method])
            form = operation_of(callback.cls, callback.actions[method]).form_of(version)
            action = _action(version, method, path, form)
            found[code, frozenset(action.parameters), action.path_names] = action
    return list(found.values())


def _action(version: str, method: str, path: str, form: Form | None) -> Action:
    described = document(version)["paths"][path][method]
    listed = described["parameters"]
    in_query = [(each["name"], each["schema"]) for each in listed if each["in"] == "query"]
    return Action(
        version=version,
        method=method,
        path=path,
        path_names=tuple(each["name"] for each in listed if each["in"] == "path"),
        parameters=dict([*in_query, *_in_body(version, described)]),
        form=form,
    )


def _in_body(version: str, described: Schema) -> Iterator[tuple[str, Schema]]:
    if "requestBody" in described:
        [reference] = described["requestBody"]["content"]["application/json"]["schema"].values()
        form = document(version)["components"]["schemas"][reference.rpartition("/")[2]]
        yield from form["properties"].items()
