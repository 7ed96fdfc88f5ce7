"""CSV as spreadsheets read it: a byte order mark, local times, and text that stays text."""

import csv
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils import timezone, translation

from talk_calls.reports.downloads import as_csv, file_name
from talk_calls.reports.formatting import with_zone

#: Names that a spreadsheet might read as something else, or that break lines and columns.
TEXTS = (
    *(
        "Ünal; Zoë",
        'say "hi"',
        "a,b",
        "two\nlines",
        "two\r\nlines",
        "名前",
        "👩‍👧",
        "it's",
        "' quoted",
    ),
    *("12", "0", "123456789012345", "Room 5", "1-a"),
)
#: Names that a spreadsheet would change; they get a quote.
CHANGED = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "\uff1d1"),
    *("007", "12345678901234567890", "1e5", "1.0", "1,5", "2026-11-30", "10:30", "1/2", "1-2"),
)
SUMMER, WINTER = (datetime(2026, month, 1, 12, 5, 9, 999_999, tzinfo=UTC) for month in (7, 12))


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:], newline=""), delimiter=delimiter))


def test_texts():
    """Text is as it was, or begins with a quote."""
    found = cells(as_csv(["Name"], [[text] for text in (*TEXTS, *CHANGED)]))
    assert found == [["Name"], *([text] for text in TEXTS), *([f"'{text}"] for text in CHANGED)]


def test_values():
    """Times are local, in whole seconds; durations may be longer than a day."""
    with timezone.override("Europe/Berlin"):
        row = [SUMMER, WINTER, None, timedelta(hours=30, seconds=5.9), 7, 1234.56, date(2026, 7, 1)]
        text = as_csv([with_zone("Joined")], [row])
    assert text == (
        "\ufeffJoined (Europe/Berlin)\r\n"
        "2026-07-01 14:05:09,2026-12-01 13:05:09,,30:00:05,7,1234.6,2026-07-01\r\n"
    )


@pytest.mark.parametrize(
    ("language", "given", "line"),
    [("en", None, "a,1.5"), ("de", None, "a;1,5"), ("fr", None, "a;1,5"), ("ja", None, "a,1.5")],
)
def test_language(language, given, line):
    """Columns and decimals are separated as spreadsheets of that language expect."""
    with translation.override(language):
        assert as_csv(["x"], [["a", 1.5]], delimiter=given) == f"\ufeffx\r\n{line}\r\n"


def test_file_name():
    """The day is that of the site."""
    with timezone.override("Pacific/Auckland"):
        assert file_name("Weekly", SUMMER, "csv") == "Weekly 2026-07-02.csv"


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize(("language", "delimiter", "locale"), [("en", 44, 1033), ("de", 59, 1031)])
def test_libreoffice(tmp_path: Path, language: str, delimiter: int, locale: int):
    """LibreOffice has in every cell what we wrote: text as text, numbers and times as such."""
    texts = [*TEXTS, *CHANGED]
    facts = [SUMMER, timedelta(hours=30, seconds=5), 15, 2.5, date(2026, 12, 31), None, 7]
    with timezone.override("Europe/Berlin"), translation.override(language):
        written = as_csv(["Größe"] * 8, [[text, *facts] for text in texts])
    file = tmp_path / "written.csv"
    file.write_text(written, encoding="utf-8", newline="")
    heading, *rows = opened_by_libreoffice(file, f"CSV:{delimiter},34,76,1,,{locale},false,true")
    assert heading == [("string", "Größe")] * 8
    assert [row[1:] for row in rows] == [
        [
            ("date", "2026-07-01T14:05:09"),
            ("time", "PT30H00M05S"),
            ("float", "15"),
            ("float", "2.5"),
            ("date", "2026-12-31"),
            (None, ""),
            ("float", "7"),
        ]
    ] * len(texts)
    shown = [*TEXTS, *(f"'{text}" for text in CHANGED)]
    assert [row[0][1] for row in rows] == [text.replace("\r\n", "\n") for text in shown]


def opened_by_libreoffice(file: Path, how: str) -> list[list[tuple[str | None, str]]]:
    """Return kind and value of each cell; ``how`` are options of the import."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{file.parent}/profile"]
    command += [f"--infilter={how}", "--convert-to", "fods", "--outdir", file.parent, file]
    subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603
    tree = ElementTree.parse(file.with_suffix(".fods"))  # noqa: S314
    rows = (list(_cells(row)) for row in tree.iter(f"{_TABLE}table-row"))
    return [row for row in rows if any(value for _, value in row)]


_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text")
)

#: Where a cell of some kind has its value; a text has it in paragraphs.
_VALUES = {"float": "value", "date": "date-value", "time": "time-value"}


def _cells(row: ElementTree.Element) -> Iterator[tuple[str | None, str]]:
    for cell in row:
        kind = cell.get(f"{_OFFICE}value-type")
        name = f"{_OFFICE}{_VALUES.get(kind, '')}"
        text = "\n".join(map(_text, cell.iter(f"{_TEXT}p")))
        value = cell.get(name, text).replace("T00:00:00", "")
        yield from [(kind, value)] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))


def _text(paragraph: ElementTree.Element) -> str:
    for tab in paragraph.iter(f"{_TEXT}tab"):
        tab.text = "\t"
    return "".join(paragraph.itertext())
