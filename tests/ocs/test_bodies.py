"""Bodies that nobody can read: refused in the envelope, never a 500."""

import pytest

from tests.ocs.test_negotiation import FORM, MULTIPART, multipart

ECHO = "echo/abc?format=json"
JSON = "application/json"

NOT_JSON = "The body is not valid JSON."
NOT_AN_OBJECT = "The body is not a JSON object."


def refusal(status: int, message: str) -> tuple[int, dict]:
    meta = {"status": "failure", "statuscode": status, "message": message}
    return status, {"ocs": {"meta": meta, "data": []}}


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("{", NOT_JSON, id="cut off"),
        pytest.param("{'a': 1}", NOT_JSON, id="single quotes"),
        pytest.param("flags=7", NOT_JSON, id="a form"),
        pytest.param("<a/>", NOT_JSON, id="xml"),
        pytest.param("{} {}", NOT_JSON, id="two objects"),
        pytest.param("[" * 100_000, NOT_JSON, id="deep list"),
        pytest.param('{"a":' * 50_000, NOT_JSON, id="deep object"),
        pytest.param("[" * 100_000 + "]" * 100_000, NOT_JSON, id="deep and closed"),
        pytest.param('{"flags": NaN}', NOT_JSON, id="NaN"),
        pytest.param('{"flags": Infinity}', NOT_JSON, id="Infinity"),
        pytest.param('{"flags": -Infinity}', NOT_JSON, id="-Infinity"),
        pytest.param('{"flags": ' + "9" * 5000 + "}", NOT_JSON, id="huge integer"),
        pytest.param(b'{"a": "\xff"}', NOT_JSON, id="no UTF-8"),
        pytest.param(b'\xff\xfe{"a": 1}', NOT_JSON, id="half UTF-16"),
        pytest.param('{"a": "\n"}', NOT_JSON, id="raw control character"),
        pytest.param("\x00", NOT_JSON, id="NUL"),
        pytest.param("[]", NOT_AN_OBJECT, id="list"),
        pytest.param('["flags"]', NOT_AN_OBJECT, id="list of names"),
        pytest.param('"flags"', NOT_AN_OBJECT, id="text"),
        pytest.param("7", NOT_AN_OBJECT, id="number"),
        pytest.param("1e400", NOT_JSON, id="infinite number"),
        pytest.param("true", NOT_AN_OBJECT, id="true"),
    ],
)
def test_json_that_is_no_object(send, method, body, message):
    """Only a JSON object has parameters; everything else is a 400 with a reason."""
    answer = send(method, ECHO, body, JSON)
    assert (answer.status_code, answer.json()) == refusal(400, message)


def test_json_that_is_no_object_is_refused_for_every_format(send):
    """A body is read once to find ``format`` in it, and must not count as empty after that."""
    answer = send("post", "echo/abc", "{", JSON, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == refusal(400, NOT_JSON)
    answer = send("post", "echo/abc", "{", JSON)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/xml; charset=utf-8")


@pytest.mark.parametrize("content_type", ["text/xml", "text/plain", "application/octet-stream", ""])
def test_unknown_type(send, content_type):
    """A body in no known form is a 415."""
    answer = send("post", ECHO, "flags=7", content_type)
    message = f'Unsupported media type "{content_type}" in request.'
    assert (answer.status_code, answer.json()) == refusal(415, message)


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, "text/plain", ""])
def test_too_large(send, settings, content_type):
    """What is larger than the site allows is not read at all, whatever it claims to be."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = send("post", ECHO, "x" * 101, content_type)
    assert (answer.status_code, answer.json()) == refusal(413, "The body is too large.")


def test_as_large_as_allowed(send, settings):
    """The limit itself is allowed."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert send("post", ECHO, "a=" + "x" * 98, FORM).status_code == 200


def test_too_many_fields(send, settings):
    """Django's limit on the number of fields is the client's problem, not ours."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    answer = send("post", ECHO, "a=1&b=2&c=3", FORM)
    assert (answer.status_code, answer.json()) == refusal(400, "The request cannot be read.")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("multipart/form-data", multipart("a", "1"), id="no boundary"),
        pytest.param("multipart/form-data; boundary=", multipart("a", "1"), id="empty boundary"),
        pytest.param("multipart/form-data; boundary=é", multipart("a", "1"), id="odd boundary"),
    ],
)
def test_broken_multipart(send, content_type, body):
    """A form that cannot be taken apart is a 400."""
    answer = send("post", ECHO, body, content_type)
    assert (answer.status_code, answer.json()["ocs"]["data"]) == (400, [])


@pytest.mark.parametrize("charset", ["base64", "rot13", "utf-16", "zlib", "undefined", "x"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, "name=Zo%C3%AB"), (JSON, '{"name": "Zoë"}'), (MULTIPART, multipart("name", "Zoë"))],
)
def test_charset_of_the_header_is_ignored(send, content_type, body, charset):
    """The protocol is UTF-8; a codec that is no charset does no harm.

    Without a query: Django decodes that with the claimed charset before it asks any view.
    """
    claimed = f"{content_type}; charset={charset}"
    answer = send("post", "echo/abc", body, claimed, headers={"Accept": "json"})
    assert (answer.status_code, answer.json()["ocs"]["data"]["name"]) == (200, "Zoë")


@pytest.mark.parametrize(
    ("content_type", "body", "name"),
    [
        (FORM, "name=%ff", "\ufffd"),
        (FORM, b"name=\xff", "\xff"),
        (FORM, "name=%00", "\x00"),
        (JSON, '{"name": "\\u0000"}', "\x00"),
        (JSON, '{"name": "\\ud800"}', "\ud800"),
        (JSON, b'{"name": "\xed\xa0\x80"}', "\ud800"),
    ],
)
def test_odd_text_reaches_the_form(send, content_type, body, name):
    """Reading a body is not judging it: the parameters' own types refuse what is no text."""
    answer = send("post", ECHO, body, content_type)
    assert (answer.status_code, answer.json()["ocs"]["data"]["name"]) == (200, name)
