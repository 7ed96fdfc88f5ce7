"""The demo site with polls that wait so long that none ends by itself during a measurement."""

from datetime import timedelta

from project.asgi import application
from talk_calls.chat import poll as chat_poll
from talk_calls.signaling import poll as signaling_poll

for module in (signaling_poll, chat_poll):
    vars(module)["POLL_TIME"] = timedelta(hours=1)

__all__ = ["application"]
