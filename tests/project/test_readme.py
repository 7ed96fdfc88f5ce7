"""The commands of the README work."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.project.demo import ROOT, command, run

README = (ROOT / "README.md").read_text()
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
BLOCKS = re.findall(r"^```(\S+)(?: (\w+))?\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def block(name: str) -> str:
    """Return the code block with this name."""
    [code] = [code for _, label, code in BLOCKS if label == name]
    return code


@NEEDS_CURL
def test_demo_and_curl_lines(demo, tmp_path):
    """`make demo` serves the site, and the README's curl lines list, join and leave on it."""
    port, guide = demo
    [password] = re.findall(r"alice (\S+) \(moderator\)", guide)
    lines = block("demo").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    lines = lines.replace("the-password-that-make-demo-printed", password)
    answers = run(re.sub(r"^(curl .*)$", r"\1; echo", lines, flags=re.M), cwd=tmp_path)
    answers = [line for line in answers.splitlines() if line]
    assert len(answers) == 8
    assert all('"statuscode":200' in answer for answer in answers)
    assert '"actorId":"alice"' in answers[2]
    assert '"actorType":"guests"' in answers[6]
    admin = run(f"curl -s -o /dev/null -w '%{{http_code}}' http://127.0.0.1:{port}/admin/login/")
    assert admin == "200"


def test_demo_has_a_page_to_call_from(demo):
    """The demo prints the link of a public conversation, and its first page leads there, too."""
    _, guide = demo
    [link] = re.findall(r"^  call +(http://\S+)$", guide, re.M)
    with urllib.request.urlopen(link) as page:  # noqa: S310 -- our own demo
        html = page.read().decode()
    assert "Join call" in html
    script = urljoin(link, re.findall(r'<script type="module" src="([^"]+)"', html)[0])
    with urllib.request.urlopen(script) as module:  # noqa: S310 -- our own demo
        assert module.headers["Content-Type"].startswith("text/javascript")
    with urllib.request.urlopen(urljoin(link, "/")) as first:  # noqa: S310 -- our own demo
        assert f'<a href="{urlsplit(link).path}">' in first.read().decode()


@NEEDS_CURL
def test_guide_lines(demo, tmp_path):
    """The lines that the demo itself prints work as well."""
    _, guide = demo
    lines = [line.strip() for line in guide.splitlines() if line.strip().startswith("curl ")]
    assert len(lines) == 8
    for line in lines:
        assert '"statuscode":200' in run(line, cwd=tmp_path)


def test_demo_reports_a_busy_port(demo, tmp_path):
    """A busy port is reported by a sentence, and not by a traceback."""
    port, _ = demo
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3",
        "DJANGO_DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }
    done = subprocess.run(
        command(port), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"make demo PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_install_into_an_existing_site(tmp_path):
    """Ten lines bring the app into a site that `startproject` made."""
    run(f"'{sys.executable}' -m django startproject site_of_mine .", cwd=tmp_path)
    site = tmp_path / "site_of_mine"
    with (site / "settings.py").open("a") as settings:
        settings.write(block("settings"))
    with (site / "urls.py").open("a") as urls:
        urls.write(block("urls"))
    without = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    environment = without | {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PASSWORD": secrets.token_urlsafe(),
    }
    migrate, *rest = block("install").strip().splitlines()
    make_alice = (
        "DJANGO_SUPERUSER_PASSWORD=$PASSWORD "
        "python manage.py createsuperuser --noinput --username alice --email a@example.org"
    )
    script = "\n".join([migrate, make_alice, *rest])
    *_, app_password = run(script, cwd=tmp_path, env=environment).splitlines()
    assert re.fullmatch(r"([A-Z0-9]{5}-){4}[A-Z0-9]{5}", app_password)


@pytest.mark.parametrize("target", ["demo", "test"])
def test_make_targets_exist(target):
    """The make commands of the README are targets of the Makefile."""
    assert f"make {target}\n" in README
    run(f"make -n {target}", cwd=ROOT)


def test_demo_installs_what_it_needs():
    """The demo has an environment of its own, without the tools of tests."""
    install, *_ = run("make --no-print-directory -n demo", cwd=ROOT).splitlines()
    assert "tools/environment.py '.venv-demo' demo" in install


def test_settings_block_is_the_defaults():
    """The settings that the README shows are all there are, with their defaults."""
    from talk_calls.conf import DEFAULTS

    [code] = [code for _, _, code in BLOCKS if code.startswith("TALK_CALLS")]
    shown: dict = {}
    exec(code, shown)  # noqa: S102 -- our own README
    assert shown["TALK_CALLS"] == DEFAULTS


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(name, value)
    return path


def test_account_table_is_complete():
    """Every route of the accounts is in the README's other table, and exists."""
    from tests.architecture.test_routes import ACCOUNT_ROUTES

    rows = re.findall(r"^\| `([A-Z]+) (/\S+)` \| [^|]+ \|$", README, re.M)
    examples = {"token": "nonsense", "user": "alice", "size": "64", "pk": "1"}
    shown = [(method, path.format(**examples)) for method, path in rows]
    served = [(route.method.upper(), f"/{route.path}") for route in ACCOUNT_ROUTES]
    assert sorted(shown) == sorted(served)


def test_endpoint_table_is_complete():
    """Every route of every version stands in the README's table, with its versions."""
    from talk_calls.api import v1, v2, v3, v4

    versions = (v1, v2, v3, v4)
    values = {"{token}": "demo", "{attendeeId}": "1", "{level}": "call"}
    rows = re.findall(r"^\| `([A-Z]+) (\S+)` \| .*? \| (.) \| (.) \| (.) \| (.) \|$", README, re.M)
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
