"""Settings of the demo site, which may send webhooks to receivers on this machine."""

from project.settings import *  # noqa: F403
from project.settings import TALK_CALLS

TALK_CALLS["WEBHOOK_PRIVATE_ADDRESSES"] = ["127.0.0.0/8"]
