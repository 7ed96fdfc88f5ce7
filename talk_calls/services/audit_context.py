"""From where a change comes, who makes it if it is nobody whom the site knows, and why.

An entry point says so once, for all that it does. It is kept in a context variable, so requests in
other threads and tasks have their own, and it is over when the entry point returns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from talk_calls.models.audit import AuditSource


@dataclass(frozen=True, slots=True)
class AuditContext:
    """What an entry point knows of a change.

    ``name`` is somebody without an account here, such as the account of the operating system that
    runs a command. ``reason`` is what the operator gave.
    """

    source: AuditSource = AuditSource.HOST
    name: str = ""
    reason: str = ""


#: What is changed outside of any entry point, the site changes.
_SITE = AuditContext()

_context: ContextVar[AuditContext] = ContextVar("talk_calls_audit", default=_SITE)


def current() -> AuditContext:
    """Return the context of the entry point that is running; that of the site if none is."""
    return _context.get()


@contextmanager
def acting_from(source: AuditSource, *, name: str = "", reason: str = "") -> Iterator[None]:
    """Say for a block from where its changes come; the arguments are those of ``AuditContext``."""
    token = _context.set(AuditContext(source, name, reason))
    try:
        yield
    finally:
        _context.reset(token)
