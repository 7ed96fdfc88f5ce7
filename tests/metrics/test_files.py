"""The samples for Prometheus and Grafana ask for metrics and labels that there are."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from talk_calls.metrics import database, instruments
from tests.reference_anchors import ROOT
from tests.servers.programs import find_program

ALERTS = ROOT / "deploy/prometheus/alerts.yml"
CONFIGURATION = ROOT / "deploy/prometheus/prometheus.yml"
DASHBOARD = ROOT / "deploy/grafana/talk.json"

#: Labels that Prometheus adds to each sample.
ADDED = {"instance", "job"}

#: Words of PromQL that stand where a name of a metric could.
WORDS = {"and", "or", "unless", "by", "on", "offset", "without", "ignoring", "bool"}

#: What Prometheus itself knows of a target.
OF_PROMETHEUS = {"up": ADDED}


@pytest.fixture
def there(db: None) -> dict[str, set[str]]:
    """Return the labels of each sample that there may be."""
    found = dict(OF_PROMETHEUS)
    for metric in instruments.REGISTRY._collector_to_names:
        labels = {*metric._labelnames, *ADDED}
        if metric._type == "histogram":
            found[f"{metric._name}_bucket"] = {*labels, "le"}
            found |= {f"{metric._name}_{end}": labels for end in ("sum", "count")}
        else:
            found[metric._name + ("_total" if metric._type == "counter" else "")] = labels
    return found | {metric.name: ADDED for metric in database._gauges()}


def alerts() -> Iterator[tuple[str, str]]:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def panels() -> list[dict[str, Any]]:
    return [each for each in json.loads(DASHBOARD.read_text())["panels"] if each["type"] != "row"]


def dashboard() -> Iterator[tuple[str, str]]:
    for panel in panels():
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", target["expr"]


QUERIES = [*alerts(), *dashboard()]


def faults(query: str, there: dict[str, set[str]]) -> list[str]:
    """Return what a query names that there is not: metrics, and labels that none of its own has."""
    bare = re.sub(r'"[^"]*"', '""', query.replace("$__rate_interval", "5m"))
    labels = [each for listed in re.findall(r"\{(.*?)\}", bare) for each in _labels(listed)]
    grouped = re.findall(r"\b(?:by|on|without|ignoring|group_left)\s*\((.*?)\)", bare)
    labels += [label.strip() for listed in grouped for label in listed.split(",") if label.strip()]
    bare = re.sub(r"\{.*?\}|\[.*?\]", " ", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left)\s*\(.*?\)", " ", bare)
    bare = re.sub(r"\b\d+(\.\d+)?[a-z]*\b", " ", bare)
    names = [name for name in re.findall(r"\b[a-z_:]\w*\b(?!\s*\()", bare) if name not in WORDS]
    unknown = [name for name in names if name not in there]
    known = set().union(*(there[name] for name in names if name in there))
    return unknown + [label for label in labels if label not in known] + ([] if names else ["none"])


def _labels(listed: str) -> list[str]:
    return re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", listed)


@pytest.mark.parametrize(("name", "query"), QUERIES, ids=[name for name, _ in QUERIES])
def test_queries_name_what_there_is(there, name, query):
    """Each metric exists, and so does each label that is named."""
    assert faults(query, there) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sum(rate(talk_calls_joined_total[5m]))", ["talk_calls_joined_total"]),
        ("rate(talk_calls_joins[5m])", ["talk_calls_joins"]),
        ("sum by (reason) (talk_calls_joins_total)", ["reason"]),
        ('talk_calls_leaves_total{why="timeout", instance="a"}', ["why"]),
        ("1 > 0", ["none"]),
        ("talk_calls_people offset 1d > 5 * talk_calls_calls", []),
    ],
)
def test_a_wrong_query_is_found(there, query, found):
    """The check above sees what it is for."""
    assert faults(query, there) == found


def test_every_metric_is_on_the_dashboard(there):
    """Nothing is measured for nobody."""
    shown = " ".join(query for _, query in dashboard())
    wanted = {re.sub(r"_(bucket|sum|count)$", "", name) for name in there if name != "up"}
    assert {name for name in wanted if name not in shown} == set()


def test_panels():
    """They have titles of their own, places that do not overlap, and say what they show."""
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    titles = [panel["title"] for panel in panels()]
    assert len(set(titles)) == len(titles)
    assert all(panel["description"] for panel in panels())


def test_the_job_is_the_one_of_the_alerts():
    """`up` is asked by the name of the job."""
    configuration = yaml.safe_load(CONFIGURATION.read_text())
    [job] = configuration["scrape_configs"]
    assert f'up{{job="{job["job_name"]}"}}' in dict(alerts())["TalkDown"]
    assert configuration["rule_files"] == [ALERTS.name]


@pytest.mark.server("promtool")
def test_prometheus_takes_them(tmp_path):
    """By its own tool: the rules, the configuration, and the queries of the dashboard as rules."""
    queries = [{"record": f"panel:{n}", "expr": _filled(q)} for n, (_, q) in enumerate(dashboard())]
    rules = tmp_path / "dashboard.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": queries}]}))
    for arguments in (
        ("check", "rules", str(ALERTS)),
        ("check", "rules", str(rules)),
        ("check", "config", "--syntax-only", str(CONFIGURATION)),
        ("test", "rules", str(ROOT / "tests/metrics/alerts_test.yml")),
    ):
        command = [str(find_program("promtool")), *arguments]
        ran = subprocess.run(command, capture_output=True, check=False, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def _filled(query: str) -> str:
    return query.replace("$__rate_interval", "5m")
