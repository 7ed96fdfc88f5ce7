"""The demo site, whose polls wait so long that none ends by itself while they are measured."""

from datetime import timedelta

from project.asgi import application
from talk_calls.signaling import poll

vars(poll)["POLL_TIME"] = timedelta(hours=1)

__all__ = ["application"]
