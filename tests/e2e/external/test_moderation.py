"""What moderators do reaches the page within a second over signaling servers, too."""

from tests.e2e.test_moderation import (
    test_camera_and_microphone_are_taken,
    test_lobby_before_the_call,
    test_lobby_lock_and_end,
    test_somebody_is_muted,
    test_somebody_is_removed,
    test_waiting_for_the_start,
)

__all__ = [
    "test_camera_and_microphone_are_taken",
    "test_lobby_before_the_call",
    "test_lobby_lock_and_end",
    "test_somebody_is_muted",
    "test_somebody_is_removed",
    "test_waiting_for_the_start",
]
