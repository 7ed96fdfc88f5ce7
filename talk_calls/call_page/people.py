"""How many people are in calls, for pages of the site that show it and stay open."""

import re
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from talk_calls.constants import TOKEN_PATTERN
from talk_calls.host import clock
from talk_calls.host.actors import viewer
from talk_calls.host.users import on_primary
from talk_calls.models import Conversation
from talk_calls.ocs.unchanged_sessions import leaves_session_unchanged
from talk_calls.reports import presence
from talk_calls.rooms.presence import people_text

#: Conversations that one request may ask about.
MOST_TOKENS = 200


@login_not_required
@require_safe
@never_cache
@leaves_session_unchanged
def people_in_calls(request: HttpRequest) -> HttpResponse:
    """Answer ``?token=…&token=…`` with ``{token: {"people": 2, "text": "In the call: 2"}}``.

    Tokens of conversations that the viewer may not see are left out, as are those that do not
    exist. More than ``MOST_TOKENS`` are refused with 400. One query.
    """
    tokens = set(request.GET.getlist("token"))
    if len(tokens) > MOST_TOKENS:
        return JsonResponse({}, status=HTTPStatus.BAD_REQUEST)
    possible = [token for token in tokens if re.fullmatch(TOKEN_PATTERN, token)]
    found = _visible(request, possible) if possible else []
    return JsonResponse(
        {
            each.conversation.token: {"people": each.people, "text": people_text(each.people)}
            for each in found
        }
    )


def _visible(request: HttpRequest, tokens: list[str]) -> list[presence.Presence]:
    who = viewer(on_primary(getattr(request, "user", None)))
    return presence.visible(Conversation.objects.filter(token__in=tokens), who, clock.now())
