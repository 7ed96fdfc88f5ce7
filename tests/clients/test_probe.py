"""What clients ask in their first minute: all of it at the demo, and how answers are judged."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.clients.probe.announcement import Announcement
from tests.clients.probe.device import Answer, Device, Unknown
from tests.clients.probe.people import Login, Person
from tests.clients.probe.report import Report
from tests.clients.probe.steps import Refusal, Step
from tests.clients.probe.walking import Result, walk
from tests.patience import in_time
from tests.project import demo

#: Seconds for the news of a call, where other tests run beside this one; `make client-probe` wants
#: one second. Who is later than that is tried again, and not taken for wrong.
_WITHIN = 5

_PROBE = (sys.executable, "-m", "tests.clients.probe", "--json", "--within", "60")


def test_first_minute(tmp_path: Path):
    """No answer of the demo is a surprise to a client, and others hear of each call."""
    with demo.serving(tmp_path) as (port, _):
        done = subprocess.run(
            [*_PROBE, f"http://127.0.0.1:{port}"],
            cwd=demo.ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=300,
        )
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert done.returncode == 0
    assert len(report["results"]) > 200
    assert len(report["announcements"]) == 6
    for each in report["announcements"]:
        in_time(each["seconds"], _WITHIN, f"the news by {each['how']} for {each['client']}")


@dataclass
class _Pretended:
    """A device that gets the answers of a list."""

    answers: list[Answer]
    missing: list[str] = field(default_factory=list)

    def send(self, step: Step) -> Answer:
        if "{unknown}" in step.path:
            raise Unknown("unknown")
        return self.answers.pop(0)

    def keep(self, step: Step, answer: Answer) -> list[str]:
        return self.missing


_EXPECTED = (Refusal(404, "a wrong token"),)
_POSSIBLE = (Refusal(404, "left meanwhile", certain=False),)


@pytest.mark.parametrize(
    ("answer", "step", "problem"),
    [
        (Answer(200, 0.1), Step("GET", "v4/room"), ""),
        (Answer(304, 0.1), Step("GET", "v1/chat"), ""),
        (Answer(404, 0.1), Step("GET", "v4/room"), "not expected"),
        (Answer(404, 0.1), Step("GET", "v4/room", refused=_EXPECTED), ""),
        (Answer(403, 0.1), Step("GET", "v4/room", refused=_EXPECTED), "not expected"),
        (
            Answer(200, 0.1),
            Step("GET", "x", refused=_EXPECTED),
            "not refused, though a wrong token",
        ),
        (Answer(200, 0.1), Step("GET", "x", refused=_POSSIBLE), ""),
        (Answer(503, 0.1), Step("GET", "v4/room", refused=_EXPECTED), "the server failed"),
        (Answer(0, 0.1, problem="ReadTimeout"), Step("GET", "v4/room"), "ReadTimeout"),
        (Answer(200, 0.1), Step("GET", "{unknown}"), "not asked: no answer before had unknown"),
    ],
)
def test_judgement(answer, step, problem):
    """What is no success is a problem, but for refusals that a client expects."""
    [result] = walk("web", [step], {"me": _Pretended([answer])})
    assert result.problem == problem


def test_fields_that_are_missing():
    """A success without what the client needs of it is a problem, too."""
    device = _Pretended([Answer(200, 0.1)], missing=["token"])
    [result] = walk("web", [Step("POST", "v4/room")], {"me": device})
    assert result.problem == "there is no token in the answer"


def test_names():
    """Steps name parts of earlier answers: a field, an item of a list, a header."""
    with_names = Step(
        "GET",
        "x",
        keep={"token": "token", "peer": "people/actorId={other}/sessionIds/0", "last": "X-Last"},
    )
    answer = Answer(
        200,
        0.1,
        {"token": "abc", "people": [{"actorId": "al"}, {"actorId": "bo", "sessionIds": ["s1"]}]},
        {"X-Last": "7"},
    )
    device = Device("http://x", {}, known={"other": "bo"})
    assert device.keep(with_names, answer) == []
    assert device.known == {"other": "bo", "token": "abc", "peer": "s1", "last": "7"}
    assert device.keep(with_names, Answer(200, 0.1, [])) == ["token", "peer", "last"]
    device.close()


def test_problems():
    """A report names what is wrong, and what came too late."""
    report = Report(
        [
            Result("web", "GET v4/room", 500, 0.2, "the server failed"),
            Result("web", "PUT x", 200, 0),
        ],
        [Announcement("web", "chat", 1.5), Announcement("web", "room", 0.5)],
        within=1.0,
    )
    assert report.problems == [
        "web: GET v4/room: 500 the server failed",
        "web          chat: 1.50 s after the request",
    ]
    assert report.text().endswith("2 of 4")


@pytest.mark.parametrize(
    ("page", "steps"),
    [
        ('<form action="/logout"></form>', ["browser: log out", "GET cloud/user"]),
        ("There is nothing here.", ["browser: log out"]),
    ],
)
def test_sites_need_no_form_that_logs_out(monkeypatch, page, steps):
    """Where the first page has one, its user is logged out by it; else that is no problem."""

    def answer(request):
        is_asked = request.url.path == "/ocs/v2.php/cloud/user"
        return httpx.Response(401 if is_asked else 200, text=page, request=request)

    monkeypatch.setattr(httpx.Client, "send", lambda _client, request, **_rest: answer(request))
    login, device = Login("http://x", "web", {}, Person("al", "secret")), Device("http://x", {})
    login._browser.cookies.set("sessionid", "s")
    results = login.log_out("cookie", device)
    assert [result.step for result in results] == steps
    assert [result.problem for result in results] == [""] * len(steps)
