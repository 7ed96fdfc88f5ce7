"""Bodies of every type on every route: what is read, what is refused, and what is ignored."""

import json
from urllib.parse import urlencode

import pytest

from tests.architecture.test_routes import EACH, EACH_LINE
from tests.attacks.test_bodies import FORM, JSON, MULTIPART, ask
from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

#: Types that nothing reads, and a body without a type.
UNKNOWN = [
    *("text/plain", "text/plain; charset=utf-8", "", "text/html", "text/json", "text/xml"),
    *("application/xml", "application/octet-stream", "application/*", "*/*", "json", ";"),
]

#: Charsets of the header, which say nothing: the protocol is UTF-8.
CHARSETS = [
    "; charset=utf-8",
    "; charset=latin-1",
    "; charset=utf-16",
    "; charset=base64",
    "; charset=",
]


def encoded(data: dict[str, str | int], content_type: str) -> bytes:
    """Return parameters as a body of a type."""
    if content_type == JSON:
        return json.dumps(data).encode()
    if content_type == FORM:
        return urlencode(data).encode()
    head = "Content-Disposition: form-data; name="
    parts = (f'--b\r\n{head}"{key}"\r\n\r\n{value}\r\n' for key, value in data.items())
    return ("".join(parts) + "--b--\r\n").encode()


def owner_at(version):
    return arrive("owner", ConversationFactory(), version=version)


@pytest.mark.parametrize(("version", "endpoint"), EACH)
def test_unknown_types(version, endpoint):
    """A body of another type, or without one, is 415 on every route, before anything is done."""
    owner = owner_at(version)
    for content_type in UNKNOWN:
        response = ask(owner, endpoint, b"flags=7", content_type)
        meta = response.json()["ocs"]["meta"]
        assert (response.status_code, meta["statuscode"]) == (415, 415), content_type
        assert response.json()["ocs"]["data"] == []


@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_no_body(endpoint):
    """Without a body the type says nothing: the answer is that to no parameters."""
    owner = owner_at(endpoint.versions[-1])
    answers = {ask(owner, endpoint, b"", each).status_code for each in (*UNKNOWN, FORM, JSON)}
    assert len(answers) == 1
    assert 415 not in answers


@pytest.mark.parametrize("endpoint", EACH_LINE)
def test_known_types(endpoint):
    """JSON and both forms mean the same on every route, with whatever charset."""
    owner = owner_at(endpoint.versions[-1])
    data = endpoint.data or {"unknown": "x"}
    answers = [
        ask(owner, endpoint, encoded(data, content_type), content_type + charset)
        for content_type in (JSON, FORM, MULTIPART)
        for charset in ("", *CHARSETS)
    ]
    assert len({each.status_code for each in answers}) == 1
    assert answers[0].status_code != 415
    if answers[0].status_code == 400:
        assert "error" in answers[0].json()["ocs"]["data"], "the body was not read"
