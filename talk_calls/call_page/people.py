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
from talk_calls.models import Conversation
from talk_calls.reports import presence
from talk_calls.rooms.presence import people_text

#: Conversations that one request may ask about.
MOST_TOKENS = 200


@login_not_required
@require_safe
@never_cache
def people_in_calls(request: HttpRequest) -> HttpResponse:
    """Answer ``?token=…&token=…`` with ``{token: {"people": 2, "text": "In the call: 2"}}``.

    Tokens of conversations that the viewer may not see are left out, as are those that do not
    exist. More than ``MOST_TOKENS`` are refused with 400. One query.
    """
    tokens = set(request.GET.getlist("token"))
    if len(tokens) > MOST_TOKENS:
        return JsonResponse({}, status=HTTPStatus.BAD_REQUEST)
    possible = [token for token in tokens if re.fullmatch(TOKEN_PATTERN, token)]
    conversations = Conversation.objects.filter(token__in=possible)
    found = presence.visible(conversations, viewer(_user(request)), clock.now()) if possible else []
    return JsonResponse(
        {
            each.conversation.token: {"people": each.people, "text": people_text(each.people)}
            for each in found
        }
    )


def _user(request: HttpRequest) -> object:
    return getattr(request, "user", None)
