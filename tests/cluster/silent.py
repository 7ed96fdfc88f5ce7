"""A node of Django that commits, and is so slow to tell the HPB that it may be killed before."""

from project.asgi import application
from talk_calls.hpb import sender

__all__ = ["application"]

sender.COALESCE = 3600.0
