"""docs/metrics.md describes all metrics as they are."""

import re

import pytest

from talk_calls.metrics import database, instruments
from tests.reference_anchors import ROOT

PAGE = (ROOT / "docs/metrics.md").read_text()


@pytest.mark.django_db
def test_every_metric_is_described():
    """Name, type and labels of the tables are those of the code; each has a meaning."""
    rows = re.findall(r"^\| `(talk_calls_\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)
    described = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in rows
    }
    there = {
        metric._name + ("_total" if metric._type == "counter" else ""): (
            metric._type,
            tuple(metric._labelnames),
        )
        for metric in instruments.REGISTRY._collector_to_names
    }
    there |= {metric.name: ("gauge", ()) for metric in database._gauges()}
    assert described == there
    assert len(rows) == len(described)
