"""Template tags of the site: ``{% load talk_calls %}`` (docs/rooms.md).

They show what the viewer of the page may know: of the room of an object that the viewer may not
see, nothing is shown. How it looks is in templates below ``talk_calls/tags/``, which a site may
replace.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.db.models import Model
from django.template import Context

from talk_calls import rooms
from talk_calls.host.actors import viewer
from talk_calls.host.addresses import people_address
from talk_calls.rooms import presence

register = template.Library()

#: Where the context of a page has what was looked up for it.
_KEPT = "talk_calls_presence"


@register.simple_tag(takes_context=True)
def talk_prefetch(context: Context, objects: Iterable[Model]) -> str:
    """Look up the rooms of all objects of a list in one query, for the tags that follow."""
    _page(context).prefetch(objects)
    return ""


@register.inclusion_tag("talk_calls/tags/join_button.html", takes_context=True)
def talk_join_button(context: Context, obj: Model) -> dict[str, Any]:
    """Return the context of a link to the call in the room of ``obj``, if there is a page."""
    found = _page(context).of(obj)
    url = rooms.url(found.conversation) if found else ""
    if found is None or not url:
        return {"room": None}
    return {"room": found.conversation, "url": url, "people": found.people}


@register.inclusion_tag("talk_calls/tags/people_in_call.html", takes_context=True)
def talk_people_in_call(context: Context, obj: Model) -> dict[str, Any]:
    """Return the context of a text with how many people are in the call, which stays current."""
    found = _page(context).of(obj)
    if found is None:
        return {"room": None}
    return {
        "room": found.conversation,
        "people": found.people,
        "text": presence.people_text(found.people),
        "source": people_address(),
    }


@register.inclusion_tag("talk_calls/tags/scripts.html")
def talk_scripts() -> dict[str, Any]:
    """Return the context of the script that keeps the numbers current; once on a page."""
    return {}


def _page(context: Context) -> presence.Page:
    """Return what the tags of a page share, also with those of templates that it includes."""
    request = context.get("request")
    who = viewer(getattr(request, "user", None) or context.get("user"))
    kept: Any = context.render_context.dicts[0]
    page: presence.Page | None = kept.get(_KEPT)
    if page is None or page.viewer != who:
        page = kept[_KEPT] = presence.Page(who)
    return page
