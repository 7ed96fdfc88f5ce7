"""What the viewer of a page may know about the rooms of objects."""

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


class Page:
    """What one page shows of rooms to one viewer.

    It is kept here and not on the objects: a site may keep those for longer than a page, and share
    them between threads, as ``django.contrib.sites`` does.
    """

    def __init__(self, viewer: Actor) -> None:
        self.viewer = viewer
        self._found: dict[tuple[str, object], Presence | None] = {}

    def prefetch(self, objects: Iterable[Model]) -> None:
        """Look up the rooms of many objects in one query.

        The objects may be of several models, and rooms themselves; those that are not saved are
        passed over.
        """
        pks: dict[str, list[object]] = defaultdict(list)
        for model, pk in {_key(obj) for obj in objects if obj.pk is not None}:
            pks[model].append(pk)
            self._found[model, pk] = None
        for each in _presences(pks, self.viewer):
            room = each.conversation
            self._found[_key(room)] = self._found[room.linked_model, room.linked_pk] = each

    def of(self, obj: Model) -> Presence | None:
        """Return the room of an object and how many are in, or None if there is none to see."""
        if obj.pk is None:
            return None
        key = _key(obj)
        if key not in self._found:
            self.prefetch([obj])
        return self._found[key]


def people_text(people: int) -> str:
    """Return how many people are in a call, in words and in the language of the page."""
    return _("In the call: {people}").format(people=people) if people else _("Nobody is in a call.")


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
