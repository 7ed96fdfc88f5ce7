"""An app adds an account at the demo, as somebody with a browser sees it."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

OPENER = urllib.request.OpenerDirector


def browser() -> OPENER:
    """Return something with cookies that follows redirects."""
    jar = urllib.request.HTTPCookieProcessor(CookieJar())
    return urllib.request.build_opener(jar)


def submit(opener: OPENER, page: str, url: str, **fields: str) -> str:
    """Send the form of a page, with its hidden fields; return the next page."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    data = urllib.parse.urlencode(hidden | fields).encode()
    return opener.open(url, data).read().decode()


def ask(url: str, **form: str) -> tuple[int, Any]:
    """POST as an app does; return status and JSON."""
    data = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(url, data) as answer:  # noqa: S310 -- our own demo
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_an_app_adds_an_account(demo):
    """From the login page of the demo to an app password, over HTTP."""
    port, guide = demo
    [password] = re.findall(r"alice (\S+) \(moderator\)", guide)
    site, person = f"http://127.0.0.1:{port}", browser()
    _, started = ask(f"{site}/index.php/login/v2")
    poll = (started["poll"]["endpoint"], started["poll"]["token"])
    assert ask(poll[0], token=poll[1]) == (404, [])

    to_login = person.open(started["login"])
    form = to_login.read().decode()
    assert "<h1>Log in</h1>" in form
    assert 'role="alert"' in submit(person, form, to_login.url, username="alice", password="no")
    question = submit(person, form, to_login.url, username="alice", password=password)
    assert "Give an app access to your account?" in question
    granted = submit(person, question, started["login"], decision="grant")
    assert "The app has access now" in granted

    status, got = ask(poll[0], token=poll[1])
    assert (status, got["server"], got["loginName"]) == (200, site, "alice")
    assert ask(poll[0], token=poll[1]) == (404, [])
    assert "Python-urllib" in person.open(f"{site}/talk/app-passwords/").read().decode()
    index = person.open(f"{site}/").read().decode()
    assert "Log out" in index
    assert "Log out" not in submit(person, index, f"{site}/accounts/logout/")
