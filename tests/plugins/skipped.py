"""A pytest plugin that lists at the end of a run which tests were skipped, and how to run them.

With TALK_CALLS_REQUIRE_ALL=1, for machines with everything that tests need, a skipped test is a
failure: otherwise a test that never runs is easily overlooked.
"""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.servers.programs import find_program
from tests.servers.redis import redis_program

NEEDS_POSTGRESQL = "needs PostgreSQL"
NEEDS_REDIS = "needs Redis or Valkey"
NEEDS_SERVER = "needs the server"
NEEDS_HPB = f"{NEEDS_SERVER} hpb-"
NEEDS_PACKAGE = "needs the package"
NEEDS_CHROMIUM = "needs Chromium"
HOW_TO_RUN = {
    NEEDS_POSTGRESQL: "make test DATABASE_URL=postgres://user@host/name"
    "   (or, with PostgreSQL installed: tools/with-postgres make test)",
    NEEDS_REDIS: "install redis-server or valkey-server, which the tests start themselves"
    "   (Debian: apt-get install redis-server)",
    NEEDS_HPB: "tools/install-signaling-servers   (on Debian)",
    NEEDS_SERVER: "install it; the tests start it themselves"
    "   (Debian: apt-get install coturn janus nats-server nginx-light prometheus)",
    NEEDS_CHROMIUM: "apt-get install chromium && make e2e   (or: make e2e CHROMIUM=path)",
    NEEDS_PACKAGE: "make venv   (or, in an environment of your own: pip install --group test)",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for need in _unmet(item):
            item.add_marker(pytest.mark.skip(reason=need))


def _unmet(item: pytest.Item) -> Iterator[str]:
    from django.db import connection  # settings are not there yet when this module is imported

    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        yield NEEDS_POSTGRESQL
    if item.get_closest_marker("redis") and not redis_program():
        yield NEEDS_REDIS
    for mark in item.iter_markers("server"):
        [name] = mark.args
        if find_program(name) is None:
            yield f"{NEEDS_SERVER} {name}"
    for mark in item.iter_markers("package"):
        [name] = mark.args
        if find_spec(name) is None:
            yield f"{NEEDS_PACKAGE} {name}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Refuse a module that skips itself, since xdist does not report it."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skips itself as a whole; mark its tests instead"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _requires_all() and reporter.stats.get("skipped") and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    terminalreporter.section("did not run", red=_requires_all(), yellow=not _requires_all())
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}")
        how = next((how for need, how in HOW_TO_RUN.items() if reason.startswith(need)), None)
        if how:
            terminalreporter.line(f"    to run them: {how}")
    if _requires_all():
        terminalreporter.line("TALK_CALLS_REQUIRE_ALL is set, so this run has failed.", red=True)


def _requires_all() -> bool:
    return os.environ.get("TALK_CALLS_REQUIRE_ALL") == "1"
