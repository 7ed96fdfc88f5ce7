"""Exactly the routes of API v4: those of v3, some of them with more methods, and what is new."""

from django.urls import URLPattern, re_path

from talk_calls.api import v3
from talk_calls.api.v1 import CALL, ROOM
from talk_calls.api.views.calls import CallDownloadViewSet, CallStateViewSet, CallViewSetV4
from talk_calls.api.views.participants import OwnViewSet, ParticipantViewSet
from talk_calls.api.views.permissions import PermissionViewSet
from talk_calls.api.views.rooms import RoomListViewSetV4, RoomSettingsViewSet
from talk_calls.api.views.sessions import ActiveSessionViewSetV4

#: Routes of v3 that are gone, or that follow here anew. Signaling never had a v4.
_NOT_OF_V3 = {
    "call",
    "room-list",
    "participants",
    "guests",
    "active-session",
    "signaling",
    "signaling-settings",
}


def _same_as_v3(route: URLPattern) -> bool:
    return route.name not in _NOT_OF_V3


urlpatterns = [
    *filter(_same_as_v3, v3.urlpatterns),
    re_path(
        rf"{CALL}\Z",
        CallViewSetV4.as_view(
            {"get": "list", "post": "join", "put": "change_flags", "delete": "leave"}
        ),
        name="call",
    ),
    re_path(
        rf"{CALL}/ring/(?P<attendee_id>[0-9]{{1,18}})\Z",
        CallViewSetV4.as_view({"post": "ring"}),
        name="ring",
    ),
    re_path(
        rf"{CALL}/notification-state\Z",
        CallStateViewSet.as_view({"get": "notification"}),
        name="notification-state",
    ),
    re_path(
        rf"{CALL}/download\Z", CallDownloadViewSet.as_view({"get": "download"}), name="download"
    ),
    re_path(
        r"^room\Z", RoomListViewSetV4.as_view({"get": "list", "post": "create"}), name="room-list"
    ),
    re_path(
        rf"{ROOM}/participants\Z",
        ParticipantViewSet.as_view({"get": "list", "post": "add"}),
        name="participants",
    ),
    re_path(
        rf"{ROOM}/participants/active\Z",
        ActiveSessionViewSetV4.as_view({"post": "join", "delete": "leave"}),
        name="active-session",
    ),
    re_path(
        rf"{ROOM}/participants/state\Z",
        ActiveSessionViewSetV4.as_view({"put": "set_state"}),
        name="session-state",
    ),
    re_path(
        rf"{ROOM}/permissions/(?P<level>call|default)\Z",
        PermissionViewSet.as_view({"put": "of_level"}),
        name="permissions",
    ),
    re_path(
        rf"{ROOM}/attendees/permissions\Z",
        PermissionViewSet.as_view({"put": "of_attendee"}),
        name="attendee-permissions",
    ),
    re_path(
        rf"{ROOM}/attendees/permissions/all\Z",
        PermissionViewSet.as_view({"put": "of_everybody"}),
        name="all-permissions",
    ),
    re_path(
        rf"{ROOM}/recording-consent\Z",
        RoomSettingsViewSet.as_view({"put": "recording_consent"}),
        name="recording-consent",
    ),
    re_path(
        rf"{ROOM}/notify-calls\Z", OwnViewSet.as_view({"post": "notify_calls"}), name="notify-calls"
    ),
]
