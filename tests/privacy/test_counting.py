"""An erasure beside a sweeper that is summarising days: proved on PostgreSQL."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from talk_calls.models import DaySummary, PersonDay
from talk_calls.privacy import erasure
from talk_calls.reports.statistics import summaries
from tests.privacy.conftest import NOON

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_a_summary_that_is_stored_later(life):
    """It counted the legs before they were erased, and its rows were not to be seen then."""
    PersonDay.objects.all().delete()
    DaySummary.objects.all().delete()
    counted, erased = Event(), Event()

    def summarise() -> None:
        with transaction.atomic():
            summaries.catch_up(now=NOON + timedelta(days=2))
            counted.set()
            erased.wait(3)  # it waits for this
        connection.close()

    sweeper = Thread(target=summarise)
    sweeper.start()
    assert counted.wait(30)
    erasure.erase(life.anna, now=NOON + timedelta(days=2))
    erased.set()
    sweeper.join(30)
    assert PersonDay.objects.filter(user=life.ben).exists()
    assert not PersonDay.objects.filter(user=life.anna).exists()
