"""The plots of the growth, and the file of its figures."""

from xml.etree import ElementTree

from tests.benchmarks.growth import plot, results
from tests.benchmarks.growth.results import Growth, Point

_POINTS = [
    Point(size, request, 5.0, cpu, cpu - 0.5, cpu + 0.5, 4.0)
    for size, cpu in ((10, 2.0), (1000, 20.0))
    for request in ("list", "room <list>")
]


def _drawn(title):
    return ElementTree.fromstring(plot.draw(_POINTS, title))  # noqa: S314 -- our own plot


def test_a_plot_has_a_line_of_each_request_in_both_panels():
    """And it is well-formed, whatever the names."""
    root = _drawn("people & more")
    lines = [each for each in root.iter() if each.get("class") == "line"]
    assert len(lines) == 4
    texts = [each.text for each in root.iter() if each.tag.endswith("text")]
    assert {"list", "room <list>", "people & more"} <= set(texts)


def test_axes_are_logarithmic():
    """From 10 to 1,000 is the whole width, and from 2 to 20 half the height of 1 to 100."""
    root = _drawn("people")
    line = next(each for each in root.iter() if each.get("class") == "line")
    (x1, y1), (x2, y2) = (map(float, place.split()) for place in line.get("d")[1:].split("L"))
    assert (x1, x2) == (55, 395)
    assert y1 - y2 == (270 - 50) / 2


def test_figures_are_kept_by_axis(tmp_path):
    path = tmp_path / "growth.json"
    assert results.load(path) == {}
    seen = {"people": Growth("people", _POINTS, {"machine": "m"})}
    results.save(path, seen)
    assert results.load(path) == seen
