"""The Django admin: operators look; what they may do goes through the services."""

from talk_calls.admin import app_passwords, calls, conversations, live_calls

__all__ = ["app_passwords", "calls", "conversations", "live_calls"]
