"""What code, tests and documents refer to in the documentation exists."""

import re
from pathlib import Path

import pytest

from tests.reference_anchors import PAGES, ROOT, anchors, citations, functions_of, marked_rows

CODE = sorted(
    path
    for top in ("talk_calls", "tests", "project", "tools")
    for path in (ROOT / top).rglob("*")
    if path.suffix in {".py", ".js", ".html"} and path != Path(__file__)
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def test_citations_are_found():
    """A citation may name several places, and rows of the section it has just named."""
    text = "behaviour 4.1/1, 2; constants 1.8 and 2.1; (clients 5). Not: behaviours 3"
    assert list(citations(text)) == [
        ("behaviour", "4.1/1"),
        ("behaviour", "4.1/2"),
        ("constants", "1.8"),
        ("constants", "2.1"),
        ("clients", "5"),
    ]


def test_every_citation_has_an_anchor():
    """A docstring that cites the reference can be followed."""
    known = {page: anchors(page) for page in PAGES}
    cited = [
        (str(path.relative_to(ROOT)), page, place)
        for path in [*CODE, *DOCUMENTS]
        for page, place in citations(path.read_text())
    ]
    assert len(cited) > 100
    assert [each for each in cited if each[2] not in known[each[1]]] == []


def test_citations_have_one_form():
    """Names that the pages had elsewhere, and rows without a page, are followed by nobody."""
    other = re.compile(r"talk-api|(clients|hpb|constants|behaviour)\.md \d|[a-z] \(\d+\.\d+/\d+\)")
    assert [str(path) for path in CODE if other.search(path.read_text())] == []


def test_every_marked_row_has_an_anchor():
    """What a test proves can be read in the reference."""
    known = anchors("behaviour")
    unknown = [
        (str(path.relative_to(ROOT)), test.name, row)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for test in functions_of(path)
        for row in marked_rows(test)
        if row not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    """Each relative link of a document names a file, and an anchor in it if it names one."""
    broken = []
    for link in _LINK.findall(_FENCED.sub("", path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name) if name else path
        if not target.exists() or (anchor and anchor not in _ids(target)):
            broken.append(link)
    assert broken == []


def test_anchors_are_unique():
    """Of two equal anchors in a page a link finds the first only."""
    for path in DOCUMENTS:
        given = re.findall(r'<a id="([^"]+)"></a>', path.read_text())
        assert sorted(set(given)) == sorted(given), path


def _ids(path: Path) -> set[str]:
    """Return the anchors of a document: those that it sets, and those of its headings."""
    text = _FENCED.sub("", path.read_text())
    headings = {_slug(heading) for heading in _HEADING.findall(text)}
    return headings | set(re.findall(r'<a id="([^"]+)"></a>', text))


def _slug(heading: str) -> str:
    """Return the anchor that renderers of Markdown give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
