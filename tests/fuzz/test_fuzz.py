"""Requests generated from the OpenAPI documents get only responses that the documents describe.

``make fuzz EXAMPLES=… SEED=…`` does more and others. Equal code and seed make equal requests.
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
from tests.fuzz.fixtures import FIXTURES, Fixture

#: Requests for each action and kind of caller.
EXAMPLES = int(os.environ.get("EXAMPLES", "10"))

SEED = int(os.environ.get("SEED", "0"))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

#: Responses by status; ``pytest -rP`` shows them.
DONE: Counter[int] = Counter()

#: Values that often break programs, for any parameter.
HOSTILE_VALUES = [
    *(None, True, [], [[]], [None], {}, {"a": [{}]}),
    *("", "\0", "a\0b", "\ud800", "\U0001d49c" * 300, "9" * 5000, "-1", " 7 ", "1_5", "\u0663"),
    *(2**31, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308),
]


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let polls return at once."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=0.05))


@pytest.fixture(autouse=True)
def _no_limits(settings) -> None:
    """Let as many requests make something as there are."""
    none = {"conversation": 0, "user": 0, "address": 0, "recipient": 0, "site": 0}
    settings.TALK_CALLS = {"CONVERSATIONS_PER_MINUTE": 0, "MAILS_PER_HOUR": none}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", FIXTURES)
@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_responses_match_the_document(version, who):
    """Valid and invalid requests get a response that the document describes, and no 500."""
    schema = schemathesis.openapi.from_dict(document(version))
    schema.app = WSGIHandler()
    DONE.clear()
    fixture = None
    for result in schema.get_all_operations():
        operation = result.ok()
        fixture = fixture or FIXTURES[who]()
        _fuzz(operation, fixture)
        if operation.method == "delete":
            fixture = None  # make new rows for the next operation
    sys.stdout.write(f"{dict(sorted(DONE.items()))}\n")
    assert DONE[200] > DONE.total() // 10, "too few requests succeeded"


def _fuzz(operation: Any, fixture: Fixture) -> None:
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],  # report the first failing request as it is
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), data=st.data())
    def ask(case: Any, data: Any) -> None:
        _use_existing_values(case, fixture, data.draw)
        _use_hostile_value(case, data.draw)
        case.headers, case.cookies = {}, {}  # those of the caller are used instead
        response = case.call(headers=fixture.headers, cookies=fixture.cookies)
        DONE[response.status_code] += 1
        # A download that fails has a status and no body.
        no_file = case.path.endswith("/download") and not response.content
        case.validate_response(response, checks=CHECKS[:2] if no_file else CHECKS)

    ask()


def _parameters(case: Any) -> list[dict[str, Any]]:
    """Return path parameters, query and body of a request."""
    return [
        each for each in (case.path_parameters, case.query, case.body) if isinstance(each, dict)
    ]


def _use_existing_values(case: Any, fixture: Fixture, draw: Any) -> None:
    """Let most requests name conversations and people that exist."""
    for parameters in _parameters(case):
        for name in sorted(parameters.keys() & fixture.values.keys()):
            if draw(st.integers(0, 7)) < 7:
                parameters[name] = draw(st.sampled_from(fixture.values[name]))


def _use_hostile_value(case: Any, draw: Any) -> None:
    """Put a hostile value into a third of the requests, as far as it can be sent there."""
    in_json = case.media_type == "application/json" and isinstance(case.body, dict)
    parameters = case.body if in_json else case.query
    if not parameters or draw(st.integers(0, 2)) < 2:
        return
    name = draw(st.sampled_from(sorted(parameters)))
    value = draw(st.sampled_from(HOSTILE_VALUES))
    parameters[name] = value if in_json else str(value).encode(errors="ignore").decode()
