"""Numbers and times as text."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

from talk_calls.reports.formatting import (
    datetime_cell,
    datetime_text,
    minute_cell,
    minute_text,
    time_text,
    with_zone,
)

WINTER = datetime(2026, 11, 30, 13, 5, 9, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 13, 5, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _berlin():
    with timezone.override("Europe/Berlin"):
        yield


def test_a_time_that_stands_alone_names_its_zone():
    """It is that of the day, which differs in summer."""
    assert datetime_text(WINTER) == "2026-11-30 14:05:09 CET"
    assert datetime_text(SUMMER) == "2026-07-01 15:05:09 CEST"
    assert minute_text(WINTER) == "2026-11-30 14:05 CET"
    assert time_text(WINTER) == "14:05:09 CET"


def test_in_a_table_the_heading_names_the_zone():
    """One name is right for the times of a whole year."""
    assert with_zone("Joined") == "Joined (Europe/Berlin)"
    assert datetime_cell(SUMMER) == "2026-07-01 15:05:09"
    assert minute_cell(WINTER) == "2026-11-30 14:05"


def test_zones_without_a_name_of_their_own():
    """Some have none but their distance to UTC."""
    with timezone.override("America/Sao_Paulo"):
        assert datetime_text(WINTER) == "2026-11-30 10:05:09 -03"
    with timezone.override(UTC):
        assert minute_text(WINTER) == "2026-11-30 13:05 UTC"
        assert with_zone("Joined") == "Joined (UTC)"


def test_templates_write_times_the_same_way():
    """Each function is a filter."""
    source = "{% load talk_calls_formatting %}{{ at|datetime_text }}|{{ 'Left'|with_zone }}"
    page = Template(source).render(Context({"at": WINTER}))
    assert page == "2026-11-30 14:05:09 CET|Left (Europe/Berlin)"
