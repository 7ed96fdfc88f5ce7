"""Exactly the routes of API v1."""

from talk_calls.api.routers import TalkRouter
from talk_calls.api.views.avatars import AvatarViewSet
from talk_calls.api.views.bans import BanViewSet
from talk_calls.api.views.calls import CallViewSet
from talk_calls.api.views.chat import BotViewSet, ChatViewSet, PollViewSet, ReactionViewSet
from talk_calls.api.views.own_settings import GuestViewSet, OwnViewSet
from talk_calls.api.views.participants import ParticipantViewSetV1
from talk_calls.api.views.room_collection import RoomListViewSet
from talk_calls.api.views.room_settings import RoomSettingsViewSet
from talk_calls.api.views.rooms import RoomViewSet
from talk_calls.api.views.sessions import ActiveSessionViewSet
from talk_calls.api.views.signaling import SignalingSettingsViewSet, SignalingViewSet
from talk_calls.api.views.visits import VisitViewSet

router = TalkRouter()
router.register("call", CallViewSet, basename="call")
router.register("room", RoomListViewSet, basename="room")
router.register("room", RoomViewSet, basename="room")
router.register("room", RoomSettingsViewSet, basename="room")
router.register("room", OwnViewSet, basename="room")
router.register("room", ParticipantViewSetV1, basename="room")
router.register("room", ActiveSessionViewSet, basename="room")
router.register("room", AvatarViewSet, basename="room")
router.register("signaling", SignalingSettingsViewSet, basename="signaling")
router.register("signaling", SignalingViewSet, basename="signaling")
router.register("guest", GuestViewSet, basename="guest")
router.register("ban", BanViewSet, basename="ban")
router.register("chat", ChatViewSet, basename="chat")
router.register("reaction", ReactionViewSet, basename="reaction")
router.register("poll", PollViewSet, basename="poll")
router.register("bot", BotViewSet, basename="bot")
router.register("visit", VisitViewSet, basename="visit")

urlpatterns = router.urls
