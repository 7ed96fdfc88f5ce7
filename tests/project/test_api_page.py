"""The tables and commands of docs/api.md are right."""

import re

from tests.pages import blocks
from tests.project.demo import NEEDS_CURL, ROOT, run

PAGE = (ROOT / "docs/api.md").read_text()


@NEEDS_CURL
def test_demo_and_curl_lines(demo, tmp_path):
    """`make demo` serves the site, and the page's curl lines list, join and leave on it."""
    port, guide = demo
    [password] = re.findall(r"alice (\S+) \(moderator\)", guide)
    lines = blocks("api.md")["demo"].replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    lines = lines.replace("the-password-that-make-demo-printed", password)
    answers = run(re.sub(r"^(curl .*)$", r"\1; echo", lines, flags=re.M), cwd=tmp_path)
    answers = [line for line in answers.splitlines() if line]
    assert len(answers) == 8
    assert all('"statuscode":200' in answer for answer in answers)
    assert '"actorId":"alice"' in answers[2]
    assert '"actorType":"guests"' in answers[6]
    admin = run(f"curl -s -o /dev/null -w '%{{http_code}}' http://127.0.0.1:{port}/admin/login/")
    assert admin == "200"


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(name, value)
    return path


def test_account_table_is_complete():
    """Every route of the accounts is in the page's other table, and exists."""
    from tests.architecture.test_routes import ACCOUNT_ROUTES

    rows = re.findall(r"^\| `([A-Z]+) (/\S+)` \| [^|]+ \|$", PAGE, re.M)
    examples = {"token": "nonsense", "user": "alice", "size": "64", "pk": "1"}
    shown = [(method, path.format(**examples)) for method, path in rows]
    served = [(route.method.upper(), f"/{route.path}") for route in ACCOUNT_ROUTES]
    assert sorted(shown) == sorted(served)


def test_endpoint_table_is_complete():
    """Every route of every version stands in the page's table, with its versions."""
    from talk_calls.api import v1, v2, v3, v4

    versions = (v1, v2, v3, v4)
    numbers = dict.fromkeys(("attendeeId", "messageId", "pollId", "botId", "banId"), "1")
    values = {
        f"{{{name}}}": value
        for name, value in {"token": "demo", "level": "call", **numbers}.items()
    }
    row = r"^\| `([A-Z]+) (\S+)` \| .*? \| (.) \| (.) \| (.) \| (.) \|$"
    rows = re.findall(row, PAGE, re.M)
    claimed = {
        (version, method, _filled(path.strip("/"), values))
        for method, path, *marks in rows
        for version, mark in zip(versions, marks, strict=True)
        if mark == "✓"
    }
    served = {
        (version, method.upper(), path)
        for version in versions
        for _, _, path in claimed
        for route in version.urlpatterns
        if route.pattern.match(path)
        for method in route.callback.actions
        if method != "head"  # DRF adds it to a view that was called before
    }
    assert claimed == served
    names = {route.name for version in versions for route in version.urlpatterns}
    matched = {
        route.name
        for version in versions
        for route in version.urlpatterns
        if any(route.pattern.match(path) for _, _, path in claimed)
    }
    assert matched == names
