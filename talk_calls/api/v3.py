"""Exactly the routes of API v3: those of v2, in other shapes, and what came with v3."""

from django.urls import re_path

from talk_calls.api import v2
from talk_calls.api.v1 import ROOM
from talk_calls.api.views.participants import ParticipantViewSet
from talk_calls.api.views.rooms import RoomListViewSet, RoomSettingsViewSet

urlpatterns = [
    *v2.urlpatterns,
    re_path(r"^listed-room\Z", RoomListViewSet.as_view({"get": "listed"}), name="listed-room"),
    re_path(
        rf"{ROOM}/description\Z",
        RoomSettingsViewSet.as_view({"put": "describe"}),
        name="description",
    ),
    re_path(
        rf"{ROOM}/attendees\Z",
        ParticipantViewSet.as_view({"delete": "remove_attendee"}),
        name="attendees",
    ),
    re_path(
        rf"{ROOM}/participants/resend-invitations\Z",
        ParticipantViewSet.as_view({"post": "resend"}),
        name="resend-invitations",
    ),
    re_path(
        rf"{ROOM}/listable\Z", RoomSettingsViewSet.as_view({"put": "listable"}), name="listable"
    ),
]
