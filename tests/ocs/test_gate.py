"""The check before all others: 412 for what a page of another site could send (behaviour 2.7)."""

import pytest
from django.test import Client

URL = "/ocs/v{entry}.php/echo/abc?format=json"
REFUSED = (412, "application/json", {"message": "CSRF check failed"})


@pytest.fixture
def browser(settings) -> Client:
    """A browser whose cookie jar holds the site's CSRF cookie."""
    settings.ROOT_URLCONF = "tests.ocs.urls"
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["csrftoken"] = "c" * 32
    return browser


def outcome(answer):
    return answer.status_code, answer["Content-Type"], answer.json()


@pytest.mark.parametrize("name", ["OCS-APIRequest", "OCS-APIREQUEST", "ocs-apirequest"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head"])
@pytest.mark.parametrize("entry", [1, 2])
def test_header_passes(browser, name, method, entry):
    """The header in any letter case of its name passes, without any token."""
    answer = browser.generic(method.upper(), URL.format(entry=entry), headers={name: "true"})
    assert answer.status_code == 200


@pytest.mark.parametrize("value", ["True", "TRUE", "1", "", "false", "yes", "true, true", "\xe9"])
def test_other_values_fail(browser, value):
    """The value is exactly ``true``."""
    assert outcome(browser.post(URL.format(entry=2), headers={"OCS-APIRequest": value})) == REFUSED


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("entry", [1, 2])
@pytest.mark.parametrize("accept", ["application/xml", "json", "*/*"])
def test_refusal_is_raw(browser, method, entry, accept):
    """The refusal has no envelope and no XML, the same under both entries."""
    answer = getattr(browser, method)(URL.format(entry=entry), headers={"Accept": accept})
    assert outcome(answer) == REFUSED
    assert answer.content == b'{"message": "CSRF check failed"}'


def test_bearer_passes(browser):
    """No page of another site can make a browser send a Bearer token."""
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} anything"}
        assert browser.post(URL.format(entry=2), headers=headers).status_code == 200


@pytest.mark.parametrize("authorization", ["Basic YTpi", "Bearer", "Bearerx y", "x Bearer y", ""])
def test_other_credentials_fail(browser, authorization):
    """A browser may send Basic credentials by itself, so they prove nothing."""
    headers = {"Authorization": authorization}
    assert outcome(browser.post(URL.format(entry=2), headers=headers)) == REFUSED


@pytest.mark.parametrize("header", ["requesttoken", "X-CSRFToken"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_request_token_passes(browser, header, method):
    """The token of the CSRF cookie passes, under Talk's name and under Django's."""
    send = getattr(browser, method)
    assert send(URL.format(entry=2), headers={header: "c" * 32}).status_code == 200


@pytest.mark.parametrize("header", ["requesttoken", "X-CSRFToken"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("token", ["d" * 32, "c" * 31, "", "c", "\xe9" * 32, "c" * 100_000])
def test_wrong_request_token_fails(browser, header, method, token):
    """Another token, or none, does not pass, not even for a GET."""
    send = getattr(browser, method)
    assert outcome(send(URL.format(entry=2), headers={header: token})) == REFUSED


@pytest.mark.parametrize("cookie", [None, "", "d" * 32, "c", "\xe9" * 32])
def test_request_token_needs_its_cookie(browser, cookie):
    """A token alone proves nothing: every page can invent one."""
    browser.cookies.clear()
    if cookie is not None:
        browser.cookies["csrftoken"] = cookie
    headers = {"requesttoken": "c" * 32}
    assert outcome(browser.post(URL.format(entry=2), headers=headers)) == REFUSED


def test_request_token_of_another_origin_fails(browser):
    """Django's check of the origin holds too."""
    headers = {"requesttoken": "c" * 32, "Origin": "https://evil.example"}
    assert outcome(browser.post(URL.format(entry=2), headers=headers)) == REFUSED


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=é"])
def test_request_token_beside_a_body_that_cannot_be_read(browser, content_type):
    """The gate looks at headers, so a broken form is refused in its turn and not a crash."""
    browser.raise_request_exception = False
    answer = browser.generic(
        "POST", URL.format(entry=2), "x", content_type, headers={"requesttoken": "c" * 32}
    )
    assert answer.status_code in (400, 412)


def test_gate_comes_before_the_body(browser, settings):
    """The header is checked before the body is parsed."""
    headers = {"Authorization": "Basic nonsense"}
    answer = browser.generic("POST", URL.format(entry=2), "{", "application/json", headers=headers)
    assert outcome(answer) == REFUSED
