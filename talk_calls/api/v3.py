"""Exactly the routes of API v3: those of v2, in other shapes, and what came with v3."""

from talk_calls.api import v2
from talk_calls.api.routers import TalkRouter
from talk_calls.api.views.attendees import AttendeeViewSet, InviteeViewSet
from talk_calls.api.views.room_settings import RoomSettingsViewSet, RoomSettingsViewSetV3
from talk_calls.api.views.rooms import ListedRoomViewSet

router = TalkRouter(v2.router)
router.replace(RoomSettingsViewSet, RoomSettingsViewSetV3)
router.register("room", AttendeeViewSet, basename="room")
router.register("room", InviteeViewSet, basename="room")
router.register("listed-room", ListedRoomViewSet, basename="listed-room")

urlpatterns = router.urls
