"""Exactly the routes of API v4: those of v3 but for signaling, which never had a v4, and more."""

from talk_calls.api import v3
from talk_calls.api.routers import TalkRouter
from talk_calls.api.views.attendees import AttendeeViewSet, AttendeeViewSetV4
from talk_calls.api.views.calls import (
    CallDownloadViewSet,
    CallStateViewSet,
    CallViewSet,
    CallViewSetV4,
)
from talk_calls.api.views.own_settings import OwnViewSet, OwnViewSetV4
from talk_calls.api.views.participants import ParticipantViewSet, ParticipantViewSetV1
from talk_calls.api.views.permissions import PermissionViewSet
from talk_calls.api.views.room_collection import RoomListViewSet, RoomListViewSetV4
from talk_calls.api.views.room_settings import RoomSettingsViewSetV3, RoomSettingsViewSetV4
from talk_calls.api.views.sessions import ActiveSessionViewSet, ActiveSessionViewSetV4
from talk_calls.api.views.signaling import SignalingSettingsViewSet, SignalingViewSet

router = TalkRouter(v3.router)
router.unregister(SignalingSettingsViewSet)
router.unregister(SignalingViewSet)
router.replace(CallViewSet, CallViewSetV4)
router.replace(RoomListViewSet, RoomListViewSetV4)
router.replace(RoomSettingsViewSetV3, RoomSettingsViewSetV4)
router.replace(OwnViewSet, OwnViewSetV4)
router.replace(ParticipantViewSetV1, ParticipantViewSet)
router.replace(AttendeeViewSet, AttendeeViewSetV4)
router.replace(ActiveSessionViewSet, ActiveSessionViewSetV4)
router.register("call", CallStateViewSet, basename="call")
router.register("call", CallDownloadViewSet, basename="call")
router.register("room", PermissionViewSet, basename="room")

urlpatterns = router.urls
