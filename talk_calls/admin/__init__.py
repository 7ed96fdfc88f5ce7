"""The Django admin. Pages show reports; whatever changes something goes through the services."""

from talk_calls.admin import app_passwords, attendees, calls, conversations, live_calls, sessions

__all__ = ["app_passwords", "attendees", "calls", "conversations", "live_calls", "sessions"]
