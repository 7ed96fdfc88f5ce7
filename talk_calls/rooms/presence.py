"""What a viewer may know about the rooms of objects, kept on the objects of a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from talk_calls.host import clock
from talk_calls.host.actors import Actor
from talk_calls.models import Conversation
from talk_calls.reports import presence
from talk_calls.reports.presence import Presence
from talk_calls.rooms.objects import link_of

_KEPT = "_talk_calls_presence"


def prefetch(objects: Iterable[Model], viewer: Actor) -> None:
    """Look up the rooms of many objects for a viewer, in one query, and keep them on the objects.

    The objects may be of several models; those that are not saved are passed over.
    """
    saved = [obj for obj in objects if obj.pk is not None]
    links = {id(obj): link_of(obj) for obj in saved}
    keys: dict[str, list[str]] = defaultdict(list)
    for link in links.values():
        keys[link.model].append(link.pk)
    found = {
        (each.conversation.linked_model, each.conversation.linked_pk): each
        for each in _presences(keys, viewer)
    }
    for obj in saved:
        link = links[id(obj)]
        vars(obj)[_KEPT] = (viewer, found.get((link.model, link.pk)))


def people_text(people: int) -> str:
    """Return how many people are in a call, in words and in the language of the page."""
    return _("In the call: {people}").format(people=people) if people else _("Nobody is in a call.")


def of(obj: Model, viewer: Actor) -> Presence | None:
    """Return the room of an object and how many are in, or None if the viewer may not see one."""
    kept = vars(obj).get(_KEPT)
    if kept is None or kept[0] != viewer:
        prefetch([obj], viewer)
        kept = vars(obj).get(_KEPT, (viewer, None))
    found: Presence | None = kept[1]
    return found


def _presences(keys: dict[str, list[str]], viewer: Actor) -> Sequence[Presence]:
    if not keys:
        return ()
    condition = Q()
    for model, pks in keys.items():
        condition |= Q(linked_model=model, linked_pk__in=pks)
    return presence.visible(Conversation.objects.filter(condition), viewer, clock.now())
