"""Says at the end of a run which tests did not run, and how to run them.

A skipped test is easily overlooked, and a test that nobody runs proves nothing. With
TALK_CALLS_REQUIRE_ALL=1 (where all that tests need is there) a skipped test is a failure.
"""

import os
from collections import Counter

import pytest

NEEDS_POSTGRESQL = "needs PostgreSQL"
HOW_TO_RUN = {
    NEEDS_POSTGRESQL: "make test DATABASE_URL=postgres://user@host/name"
    "   (or, with PostgreSQL installed: tools/with-postgres make test)",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from django.db import connection  # settings are not there yet when this module is imported

    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason=NEEDS_POSTGRESQL))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """A module that skips itself is not reported by xdist, so it would vanish: refuse it."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skips itself as a whole; mark its tests instead"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _requires_all() and reporter.stats.get("skipped") and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    terminalreporter.section("did not run", red=_requires_all(), yellow=not _requires_all())
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}")
        if reason in HOW_TO_RUN:
            terminalreporter.line(f"    to run them: {HOW_TO_RUN[reason]}")
    if _requires_all():
        terminalreporter.line("TALK_CALLS_REQUIRE_ALL is set, so this run has failed.", red=True)


def _requires_all() -> bool:
    return os.environ.get("TALK_CALLS_REQUIRE_ALL") == "1"
