"""What surrounds an answer, and the status it travels under (behaviour 2.2, 2.3)."""

import json

import pytest

PAGES = {"totalitems": "", "itemsperpage": ""}


def meta(status: str, statuscode: int, message: str) -> dict[str, str | int]:
    return {"status": status, "statuscode": statuscode, "message": message}


@pytest.mark.parametrize(
    ("entry", "status", "http", "expected"),
    [
        (2, 200, 200, meta("ok", 200, "OK")),
        (2, 201, 201, meta("ok", 201, "OK")),
        (1, 200, 200, meta("ok", 100, "OK") | PAGES),
        (1, 201, 200, meta("failure", 201, "") | PAGES),
    ],
)
def test_success(send, entry, status, http, expected):
    """v2.php passes the status on; v1.php reads "ok" for a plain 200 only."""
    answer = send("get", f"say/{status}?format=json", entry=entry)
    body = {"ocs": {"meta": expected, "data": []}}
    assert (answer.status_code, answer.json()) == (http, body)


@pytest.mark.parametrize(
    ("error", "status", "code_v1", "code_v2", "message"),
    [
        ("not-logged-in", 401, 997, 997, "Current user is not logged in"),
        ("django-404", 404, 404, 404, ""),
        ("django-403", 403, 403, 403, ""),
        ("drf-404", 404, 404, 404, "Words for people."),
        ("unexpected", 500, 996, 500, "Internal Server Error"),
        ("unexpected-404", 500, 996, 500, "Internal Server Error"),
    ],
)
@pytest.mark.parametrize("entry", [1, 2])
def test_failure(send, entry, *, error, status, code_v1, code_v2, message):
    """v2.php reports failures by HTTP status, v1.php by code; 401 is a 401 everywhere."""
    answer = send("get", f"refuse/{error}?format=json", entry=entry)
    if entry == 1:
        http = 401 if status == 401 else 200
        expected = meta("failure", code_v1, message) | PAGES
    else:
        http, expected = status, meta("failure", code_v2, message)
    body = {"ocs": {"meta": expected, "data": []}}
    assert (answer.status_code, answer.json()) == (http, body)


@pytest.mark.parametrize("entry", [1, 2])
def test_failure_may_carry_data(send, entry):
    """A refusal that explains itself does so in ``data``."""
    answer = send("get", "refuse/conflict?format=json", entry=entry)
    assert answer.status_code == (200 if entry == 1 else 409)
    assert answer.json() == {
        "ocs": {
            "meta": meta("failure", 409, "") | (PAGES if entry == 1 else {}),
            "data": {"sessionId": "abc"},
        }
    }


def test_xml_success_has_the_protocols_form(send):
    """The XML of an empty success, sign by sign (behaviour 2.4)."""
    assert send("get", "say/200").content.decode() == (
        '<?xml version="1.0"?>\n'
        "<ocs>\n"
        " <meta>\n"
        "  <status>ok</status>\n"
        "  <statuscode>200</statuscode>\n"
        "  <message>OK</message>\n"
        " </meta>\n"
        " <data/>\n"
        "</ocs>\n"
    )


def test_xml_failure_of_v1_has_the_protocols_form(send):
    """Empty values are empty elements (behaviour 2.4)."""
    assert send("get", "refuse/django-404", entry=1).content.decode() == (
        '<?xml version="1.0"?>\n'
        "<ocs>\n"
        " <meta>\n"
        "  <status>failure</status>\n"
        "  <statuscode>404</statuscode>\n"
        "  <message/>\n"
        "  <totalitems/>\n"
        "  <itemsperpage/>\n"
        " </meta>\n"
        " <data/>\n"
        "</ocs>\n"
    )


@pytest.mark.parametrize("path", ["say/200", "refuse/django-404", "refuse/unexpected"])
def test_answers_are_not_kept(send, path):
    """Answers are about one caller and one moment, so no cache may keep them."""
    assert send("get", path)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("wire", ["json", "xml"])
def test_head_answers_as_get_without_a_body(send, wire):
    """HEAD has the status and headers of GET (behaviour 2.7)."""
    get, head = (send(method, f"say/200?format={wire}") for method in ("get", "head"))
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers} == {**get.headers}


def test_json_is_plain_ascii(send):
    """Any JSON parser reads it, whatever charset it assumes."""
    answer = send("post", "echo/abc?format=json", '{"name": "Zoë 🐿 \\ud800 </script>"}', JSON)
    assert answer.content.isascii()
    assert json.loads(answer.content)["ocs"]["data"] == {
        "format": "json",
        "name": "Zoë 🐿 \ud800 </script>",
        "token": "abc",
    }


JSON = "application/json"
