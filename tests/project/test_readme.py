"""The commands of the README work."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests.pages import blocks
from tests.project.demo import NEEDS_CURL, ROOT, command, run
from tests.servers.ports import HOST, accepts_connections, free_port

README = (ROOT / "README.md").read_text()
BLOCKS = blocks("../README.md")


class Guest:
    """Somebody with a cookie jar and no account, at the API v4 of a site."""

    def __init__(self, site: str) -> None:
        self.api = f"{site}/ocs/v2.php/apps/spreed/api/v4"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, method: str, path: str) -> Any:
        """Return the data of the answer."""
        headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        request = urllib.request.Request(  # noqa: S310 -- our own site
            f"{self.api}/{path}", method=method, headers=headers
        )
        with self.opener.open(request, timeout=20) as answer:
            return json.load(answer)["ocs"]["data"]


@contextmanager
def serving(command: str, port: int, **where: Any) -> Iterator[str]:
    """Run a server until the end of the block; return its address once it listens."""
    with subprocess.Popen(["sh", "-c", f"exec {command}"], **where) as process:
        deadline = time.monotonic() + 30
        while not accepts_connections(port):
            assert process.poll() is None, "the site did not start"
            assert time.monotonic() < deadline, "the site does not answer"
            time.sleep(0.1)
        yield f"http://{HOST}:{port}"
        process.terminate()


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


def test_from_nothing_to_the_first_call(tmp_path):
    """The README's lines bring a call into a site that `startproject` made."""
    run(f"'{sys.executable}' -m django startproject site_of_mine .", cwd=tmp_path)
    site = tmp_path / "site_of_mine"
    for name in ("settings", "urls"):
        with (site / f"{name}.py").open("a") as module:
            module.write(BLOCKS[name])
    without = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = without | {"PYTHONPATH": str(ROOT), "PATH": path, "PYTHONUNBUFFERED": "1"}
    *prepare, serve = BLOCKS["install"].strip().splitlines()
    printed = run("\n".join(prepare), cwd=tmp_path, env=environment)
    [page] = re.findall(r"^Its page is (/call/\w+)\.$", printed, re.M)
    port = free_port()
    with serving(f"{serve} --noreload {port}", port, cwd=tmp_path, env=environment) as address:
        with urllib.request.urlopen(f"{address}{page}") as opened:  # noqa: S310 -- our own site
            assert "Join call" in opened.read().decode()
        guest, token = Guest(address), page.rpartition("/")[2]
        guest.ask("POST", f"room/{token}/participants/active")
        guest.ask("POST", f"call/{token}")
        [peer] = guest.ask("GET", f"call/{token}")
        assert (peer["actorType"], peer["token"]) == ("guests", token)


@pytest.mark.parametrize("target", ["demo", "test"])
def test_make_targets_exist(target):
    """The make commands of the README are targets of the Makefile."""
    assert re.search(rf"(^|`)make {target}(`|$)", README, re.M)
    run(f"make -n {target}", cwd=ROOT)


def test_demo_installs_what_it_needs():
    """The demo has an environment of its own, without the tools of tests."""
    install, *_ = run("make --no-print-directory -n demo", cwd=ROOT).splitlines()
    assert "tools/environment.py '.venv-demo' demo" in install
