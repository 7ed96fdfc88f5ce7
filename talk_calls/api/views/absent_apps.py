"""Empty answers in place of other apps, which clients of Talk ask on every site.

Only those stand here that clients ask unasked, whose empty answer is known, and without which they
report an error. What they ask only where the capabilities name it (user status, bots, federation,
breakout rooms, absences) is an unknown route, as all the rest.
"""

from django.urls import re_path
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api import situations
from talk_calls.api.authentication import SiteAuthentication
from talk_calls.api.permissions import IsUser
from talk_calls.constants import TOKEN_PATTERN
from talk_calls.host.actors import Actor
from talk_calls.ocs.views import OCSView

#: Lists of which this site has none, below the entry point.
_LISTS = (
    f"collaboration/resources/room/{TOKEN_PATTERN}",  # projects that a conversation belongs to
    "apps/files/api/v1/templates",  # of files to be made in a chat
    "apps/notifications/api/v2/notifications",
)


class EmptyListView(OCSView):
    """Answers users with an empty list, whatever the conversation, and nobody else."""

    authentication_classes = [SiteAuthentication]
    permission_classes = [IsUser]

    @property
    def actor(self) -> Actor:
        """Return who asks."""
        return situations.actor_of(self.request)

    def get(self, request: Request, **path: str) -> Response:
        """Return the list."""
        return Response([])


urlpatterns = [
    re_path(rf"^{path}\Z", EmptyListView.as_view(), name="absent-app") for path in _LISTS
]
