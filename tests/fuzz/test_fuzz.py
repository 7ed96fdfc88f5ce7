"""Requests that a machine makes up from the documents: no 500, no answer that they do not speak of.

``make fuzz EXAMPLES=… SEED=…`` does more and others. The same code and seed get the same requests.
"""

import os
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from talk_calls.api.schema.documents import document
from talk_calls.signaling import poll
from tests.fuzz.world import ASKING, World

#: Requests for each action and kind of caller.
EXAMPLES = int(os.environ.get("EXAMPLES", "10"))

SEED = int(os.environ.get("SEED", "0"))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

#: How often each status was answered; ``pytest -rP`` shows it.
DONE: Counter[int] = Counter()

#: What breaks programs, in place of any parameter.
NASTY = [
    *(None, True, [], [[]], [None], {}, {"a": [{}]}),
    *("", "\0", "a\0b", "\ud800", "\U0001d49c" * 300, "9" * 5000, "-1", " 7 ", "1_5", "\u0663"),
    *(2**31, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308),
]


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for nothing."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=0.05))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_whatever_is_asked_has_an_answer_of_the_document(version, who):
    """Whoever asks whatever, in form or out of it, is answered as the document says."""
    schema = schemathesis.openapi.from_dict(document(version))
    schema.app = WSGIHandler()
    DONE.clear()
    world = None
    for result in schema.get_all_operations():
        operation = result.ok()
        world = world or ASKING[who]()
        _fuzz(operation, world)
        if operation.method == "delete":
            world = None  # nobody knows what is left of it
    sys.stdout.write(f"{dict(sorted(DONE.items()))}\n")
    assert DONE[200] > DONE.total() // 10, "hardly anything was done"


def _fuzz(operation: Any, world: World) -> None:
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],  # the first request that fails is told, however long it is
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), data=st.data())
    def ask(case: Any, data: Any) -> None:
        _name_what_is_there(case, world, data.draw)
        _spoil(case, data.draw)
        case.headers, case.cookies = {}, {}  # who asks is known
        response = case.call(headers=world.headers, cookies=world.cookies)
        DONE[response.status_code] += 1
        # Of a file that cannot be made, a client hears no more than the status.
        no_file = case.path.endswith("/download") and not response.content
        case.validate_response(response, checks=CHECKS[:2] if no_file else CHECKS)

    ask()


def _parameters(case: Any) -> list[dict[str, Any]]:
    """Return what a request says, place by place."""
    return [
        each for each in (case.path_parameters, case.query, case.body) if isinstance(each, dict)
    ]


def _name_what_is_there(case: Any, world: World, draw: Any) -> None:
    """Let most requests mean conversations and people that exist."""
    for place in _parameters(case):
        for name in sorted(place.keys() & world.values.keys()):
            if draw(st.integers(0, 7)) < 7:
                place[name] = draw(st.sampled_from(world.values[name]))


def _spoil(case: Any, draw: Any) -> None:
    """Put what breaks programs into some requests, as far as it can be sent there."""
    in_json = case.media_type == "application/json" and isinstance(case.body, dict)
    place = case.body if in_json else case.query
    if not place or draw(st.integers(0, 2)) < 2:
        return
    name = draw(st.sampled_from(sorted(place)))
    value = draw(st.sampled_from(NASTY))
    place[name] = value if in_json else str(value).encode(errors="ignore").decode()
