"""Which form an answer has (behaviour 2.1)."""

import json

import pytest

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def multipart(name: str, value: str) -> str:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("json", JSON),
        ("application/json", JSON),
        ("Application/JSON", JSON),
        ("  json  ", JSON),
        ("text/html, application/json", JSON),
        ("application/json, application/xml", JSON),
        ("*/*, json", JSON),
        ("application/json;q=0.5, json", JSON),
        ("xml", XML),
        ("application/xml, application/json", XML),
        ("application/json;q=0.9", XML),
        ("application/json; charset=utf-8", XML),
        ("application/json+x", XML),
        ("text/json", XML),
        ("text/xml", XML),
        ("text/html", XML),
        ("*/*", XML),
        ("", XML),
        (",,;", XML),
        (None, XML),
    ],
)
def test_accept(send, accept, expected):
    """The first entry that is exactly json or xml counts; one with parameters does not."""
    headers = {} if accept is None else {"Accept": accept}
    assert send("get", "echo/abc", headers=headers)["Content-Type"] == expected


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("format=json", "application/xml", JSON),
        ("format=xml", "application/json", XML),
        ("format=xml&format=json", "", JSON),
        ("format=", "json", JSON),
        ("format=", "", XML),
    ],
)
def test_query_counts_before_accept(send, query, accept, expected):
    """The parameter wins over the header; an empty one is ignored."""
    answer = send("get", f"echo/abc?{query}", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, expected)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, "a=1&format=json"),
        (MULTIPART, multipart("format", "json")),
        ("application/json", '{"format": "json"}'),
        ("application/vnd.talk+json; charset=utf-8", '{"format": "json"}'),
    ],
)
def test_body_names_the_format(send, method, content_type, body):
    """``format`` counts inside a body too, as real clients send it (clients 2)."""
    answer = send(method, "echo/abc", body, content_type, headers={"Accept": "application/xml"})
    assert (answer.status_code, answer["Content-Type"]) == (200, JSON)


def test_query_counts_before_body(send):
    """Where both name a format, the address does."""
    answer = send("post", "echo/abc?format=xml", "format=json", FORM)
    assert (answer.status_code, answer["Content-Type"]) == (200, XML)


@pytest.mark.parametrize("wanted", ["yaml", "JSON", "application/json", "0", "api", "json\x00"])
@pytest.mark.parametrize("entry", [1, 2])
def test_unknown_format_is_refused(send, entry, wanted):
    """A format other than json and xml is 400, as XML."""
    answer = send("post", "echo/abc", json.dumps({"format": wanted}), "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, XML)
    assert b"<message>The format is either json or xml.</message>" in answer.content
    answer = send("get", "echo/abc", entry=entry, QUERY_STRING=f"format={wanted}")
    assert (answer.status_code, answer["Content-Type"]) == (400 if entry == 2 else 200, XML)
    assert b"<statuscode>400</statuscode>" in answer.content


@pytest.mark.parametrize("wanted", [1, True, [], ["json"], {"json": 1}, 1.5])
def test_format_that_is_no_text_is_refused(send, wanted):
    """A JSON body may hold anything under that name."""
    answer = send("post", "echo/abc", json.dumps({"format": wanted}), "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, XML)


def test_null_format_is_none(send):
    """An explicit null is absent."""
    answer = send("post", "echo/abc", '{"format": null}', "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (200, XML)


def test_refusal_has_the_clients_format(send):
    """What is refused is refused in the form that query or header ask for."""
    by_query = send("post", "echo/abc?format=json", "x", "text/plain")
    by_header = send("post", "echo/abc", "x", "text/plain", headers={"Accept": "json"})
    assert [by_query.status_code, by_header.status_code] == [415, 415]
    assert by_query.json() == by_header.json()
