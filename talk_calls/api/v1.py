"""Exactly the routes of API v1."""

from django.urls import re_path

from talk_calls.api.views.avatars import AvatarViewSet
from talk_calls.api.views.calls import CallViewSet
from talk_calls.api.views.participants import GuestViewSet, OwnViewSet, ParticipantViewSet
from talk_calls.api.views.rooms import RoomListViewSet, RoomSettingsViewSet, RoomViewSet
from talk_calls.api.views.sessions import ActiveSessionViewSet
from talk_calls.api.views.signaling import SignalingSettingsViewSet, SignalingViewSet
from talk_calls.constants import RESERVED_TOKENS, TOKEN_PATTERN
from talk_calls.signaling.waiting import may_wait

CALL = rf"^call/(?P<token>{TOKEN_PATTERN})"
ROOM = rf"^room/(?P<token>{TOKEN_PATTERN})"
SIGNALING = rf"^signaling/(?!(?:{'|'.join(sorted(RESERVED_TOKENS))})\Z)(?P<token>{TOKEN_PATTERN})"
GUEST = rf"^guest/(?P<token>{TOKEN_PATTERN})"

urlpatterns = [
    re_path(
        rf"{CALL}\Z",
        CallViewSet.as_view({"get": "list", "post": "join", "delete": "leave"}),
        name="call",
    ),
    re_path(
        r"^room\Z",
        RoomListViewSet.as_view({"get": "list", "post": "create"}),
        name="room-list",
    ),
    re_path(
        rf"{ROOM}\Z",
        RoomViewSet.as_view({"get": "retrieve", "put": "rename", "delete": "delete"}),
        name="room",
    ),
    re_path(
        rf"{ROOM}/public\Z",
        RoomSettingsViewSet.as_view({"post": "publish", "delete": "unpublish"}),
        name="public",
    ),
    re_path(
        rf"{ROOM}/favorite\Z",
        OwnViewSet.as_view({"post": "favorite", "delete": "unfavorite"}),
        name="favorite",
    ),
    re_path(rf"{ROOM}/notify\Z", OwnViewSet.as_view({"post": "notify"}), name="notify"),
    re_path(
        rf"{ROOM}/moderators\Z",
        ParticipantViewSet.as_view({"post": "promote", "delete": "demote"}),
        name="moderators",
    ),
    re_path(
        rf"{ROOM}/participants\Z",
        ParticipantViewSet.as_view({"get": "list", "post": "add", "delete": "remove_user"}),
        name="participants",
    ),
    re_path(
        rf"{ROOM}/participants/guests\Z",
        ParticipantViewSet.as_view({"delete": "remove_guest"}),
        name="guests",
    ),
    re_path(
        rf"{ROOM}/participants/self\Z",
        ParticipantViewSet.as_view({"delete": "remove_self"}),
        name="self",
    ),
    re_path(
        rf"{ROOM}/participants/active\Z",
        ActiveSessionViewSet.as_view({"post": "join", "delete": "leave"}),
        name="active-session",
    ),
    re_path(
        rf"{ROOM}/read-only\Z", RoomSettingsViewSet.as_view({"put": "read_only"}), name="read-only"
    ),
    re_path(
        rf"{ROOM}/webinary?/lobby\Z", RoomSettingsViewSet.as_view({"put": "lobby"}), name="lobby"
    ),
    re_path(
        rf"{ROOM}/password\Z", RoomSettingsViewSet.as_view({"put": "password"}), name="password"
    ),
    re_path(rf"{ROOM}/avatar\Z", AvatarViewSet.as_view({"get": "retrieve"}), name="avatar"),
    re_path(
        r"^signaling/settings\Z",
        SignalingSettingsViewSet.as_view({"get": "retrieve"}),
        name="signaling-settings",
    ),
    re_path(
        rf"{SIGNALING}\Z",
        may_wait(SignalingViewSet.as_view({"get": "pull", "post": "send"})),
        name="signaling",
    ),
    re_path(rf"{GUEST}/name\Z", GuestViewSet.as_view({"post": "rename"}), name="guest-name"),
]
