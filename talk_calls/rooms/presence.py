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

    The objects may be of several models, and rooms themselves; those that are not saved are passed
    over.
    """
    saved = [obj for obj in objects if obj.pk is not None]
    pks: dict[str, list[object]] = defaultdict(list)
    for obj in saved:
        model, pk = _key(obj)
        pks[model].append(pk)
    found = {}
    for each in _presences(pks, viewer):
        room = each.conversation
        found[_key(room)] = found[room.linked_model, room.linked_pk] = each
    for obj in saved:
        vars(obj)[_KEPT] = (viewer, found.get(_key(obj)))


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


def _key(obj: Model) -> tuple[str, object]:
    """Return the link of an object; a room stands for itself, with an empty model."""
    if isinstance(obj, Conversation):
        return "", obj.pk
    link = link_of(obj)
    return link.model, link.pk


def _presences(pks: dict[str, list[object]], viewer: Actor) -> Sequence[Presence]:
    if not pks:
        return ()
    condition = Q(pk__in=pks.pop("", []))
    for model, linked in pks.items():
        condition |= Q(linked_model=model, linked_pk__in=linked)
    return presence.visible(Conversation.objects.filter(condition), viewer, clock.now())
