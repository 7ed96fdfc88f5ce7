"""Exactly the routes of API v2: those of v1, but for some that never moved on."""

from talk_calls.api import v1
from talk_calls.api.routers import TalkRouter
from talk_calls.api.views.avatars import AvatarViewSet
from talk_calls.api.views.bans import BanViewSet
from talk_calls.api.views.chat import BotViewSet, ChatViewSet, PollViewSet, ReactionViewSet
from talk_calls.api.views.own_settings import GuestViewSet
from talk_calls.api.views.visits import VisitViewSet

router = TalkRouter(v1.router)
router.unregister(AvatarViewSet)
router.unregister(BanViewSet)
router.unregister(BotViewSet)
router.unregister(ChatViewSet)
router.unregister(GuestViewSet)
router.unregister(PollViewSet)
router.unregister(ReactionViewSet)
router.unregister(VisitViewSet)

urlpatterns = router.urls
