"""Unexpected errors: a 500 without details."""

import logging

import pytest
from django.core.signals import got_request_exception

SERVER_ERROR = {"status": "failure", "statuscode": 500, "message": "Internal Server Error"}


@pytest.fixture
def reported():
    """Collect what Django's error reporting receives."""
    received = []

    def listen(sender, request, **kwargs):
        received.append((sender.__name__, request.path))

    got_request_exception.connect(listen)
    yield received
    got_request_exception.disconnect(listen)


@pytest.mark.parametrize("path", ["refuse/unexpected", "refuse/unexpected-404", "broken/abc"])
@pytest.mark.parametrize("debug", [True, False])
def test_unexpected_error_tells_nothing(send, settings, path, debug):
    """No text of an unexpected error leaves, not even while debugging."""
    settings.DEBUG = debug
    answer = send("get", f"{path}?format=json")
    assert (answer.status_code, answer.json()) == (500, {"ocs": {"meta": SERVER_ERROR, "data": []}})
    for wire in ("xml", "json"):
        assert b"secret" not in send("get", f"{path}?format={wire}").content


def test_unexpected_error_is_logged_once(send, caplog):
    """The site's log has the whole story, one time."""
    with caplog.at_level(logging.DEBUG):
        send("get", "refuse/unexpected")
    errors = [record for record in caplog.records if record.exc_info]
    assert [(record.name, record.levelname) for record in errors] == [
        ("talk_calls.ocs.views", "ERROR")
    ]
    assert str(errors[0].exc_info[1]) == "a secret"


def test_unexpected_error_is_reported(send, reported):
    """Django's signal for error reporting is sent once."""
    send("get", "refuse/unexpected")
    assert reported == [("Refuse", "/ocs/v2.php/refuse/unexpected")]


@pytest.mark.parametrize("path", ["refuse/not-logged-in", "refuse/django-404", "refuse/conflict"])
def test_refusals_are_no_errors(send, path, reported, caplog):
    """What a client did wrong bothers nobody at night."""
    send("get", path)
    assert reported == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("entry", [1, 2])
@pytest.mark.parametrize(("error", "seconds"), [("throttled", "1"), ("throttled-for-9", "9")])
def test_throttled_clients_learn_when_to_come_back(send, entry, error, seconds):
    """``Retry-After`` is sent under both entries, with one second if the time is unknown."""
    assert send("get", f"refuse/{error}", entry=entry)["Retry-After"] == seconds


@pytest.mark.parametrize("path", ["refuse/django-404", "refuse/django-403"])
def test_texts_of_django_errors_stay_inside(send, path):
    """Django's own refusals may carry paths and rules of the site."""
    assert b"secret" not in send("get", path).content
