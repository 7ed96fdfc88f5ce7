"""Typed settings, read at each use."""

from datetime import timedelta

import pytest
from django.test import override_settings

from talk_calls.conf import DEFAULTS, conf
from talk_calls.constants import StartCalls
from talk_calls.host.directory import DjangoDirectory


class OtherDirectory(DjangoDirectory):
    """A site's own."""


def read() -> tuple:
    return (
        conf.session_timeout,
        conf.session_kill,
        conf.start_calls,
        conf.start_calls_groups,
        type(conf.directory),
        conf.server_version,
        conf.talk_version,
    )


STANDARD = (
    timedelta(seconds=30),
    timedelta(seconds=100),
    StartCalls.EVERYONE,
    [],
    DjangoDirectory,
    "33.0.0",
    "23.0.2",
)


@pytest.mark.parametrize("values", [{}, DEFAULTS], ids=["empty", "written out"])
def test_defaults(settings, values):
    """The defaults are the protocol's own values (constants 3.3)."""
    assert read() == STANDARD
    settings.TALK_CALLS = values
    assert read() == STANDARD


def test_override_settings_works():
    """Nothing is cached: a test of a site changes settings the way Django has it."""
    values = {
        "SESSION_TIMEOUT": 5,
        "SESSION_KILL": 6,
        "START_CALLS": "moderators",
        "START_CALLS_GROUPS": ("Staff",),
        "DIRECTORY": f"{__name__}.OtherDirectory",
        "SERVER_VERSION": "31.0.9",
        "TALK_VERSION": "21.1.0",
    }
    with override_settings(TALK_CALLS=values):
        assert read() == (
            timedelta(seconds=5),
            timedelta(seconds=6),
            StartCalls.MODERATORS,
            ["Staff"],
            OtherDirectory,
            "31.0.9",
            "21.1.0",
        )
    assert read() == STANDARD


def test_part_of_the_settings():
    """What is not named keeps its default."""
    with override_settings(TALK_CALLS={"SESSION_TIMEOUT": 5}):
        assert read() == (timedelta(seconds=5), *STANDARD[1:])
