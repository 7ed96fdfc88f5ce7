"""The router of a version: DRF's, with exact paths, and made from the one of the version before."""

from collections.abc import Mapping
from typing import Any

from rest_framework.routers import DynamicRoute, Route, SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from talk_calls.api.operations import operation_of

ViewSet = type[ViewSetMixin]


class TalkRouter(SimpleRouter):
    r"""A router that matches paths exactly: without a trailing slash, and up to ``\Z``.

    DRF's ``$`` would let a newline pass.

    A viewset says in ``list_methods`` and ``detail_methods`` which of its actions answer at
    ``{prefix}`` and ``{prefix}/{lookup}``; all others are DRF's ``@action``. Several viewsets may
    share a prefix and a basename, as long as their paths differ.
    """

    routes = [
        Route(r"^{prefix}\Z", {}, "{basename}-list", False, {}),
        DynamicRoute(r"^{prefix}/{url_path}\Z", "{basename}-{url_name}", False, {}),
        Route(r"^{prefix}/{lookup}\Z", {}, "{basename}-detail", True, {}),
        DynamicRoute(r"^{prefix}/{lookup}/{url_path}\Z", "{basename}-{url_name}", True, {}),
    ]

    def __init__(self, base: "TalkRouter | None" = None) -> None:
        """Begin with all that ``base`` has registered, if there is one."""
        super().__init__(trailing_slash=False)
        if base is not None:
            self.registry = list(base.registry)

    def replace(self, old: ViewSet, new: ViewSet) -> None:
        """Register ``new`` in the place of ``old``; raises ``ValueError`` if that has none."""
        place = self._place_of(old)
        prefix, _, basename = self.registry[place]
        self.registry[place] = (prefix, new, basename)

    def unregister(self, viewset: ViewSet) -> None:
        """Leave a viewset out; raises ``ValueError`` if it is not registered."""
        del self.registry[self._place_of(viewset)]

    def is_already_registered(self, new_basename: str) -> bool:
        """Let viewsets share a basename."""
        return False

    def get_routes(self, viewset: Any) -> list[Route]:
        """Return the routes of a viewset, one for each path.

        DRF makes a route of each action, and of two with the same path the second would never be
        reached. Here a subclass may answer another method at a path of its parent.
        """
        own = {"{basename}-list": viewset.list_methods, "{basename}-detail": viewset.detail_methods}
        found: dict[str, Route] = {}
        for route in super().get_routes(viewset):
            known = found.get(route.url, route._replace(mapping={}))
            mapping = {**known.mapping, **own.get(route.name, route.mapping)}
            found[route.url] = known._replace(mapping=mapping)
        return list(found.values())

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        """Return the actions of a route by method; raises ``ImproperlyConfigured``.

        An action that is missing or declares nothing stops the site at its start; DRF would leave
        it out in silence.
        """
        for action in method_map.values():
            operation_of(viewset, action)
        return dict(method_map)

    def _place_of(self, viewset: ViewSet) -> int:
        return [registered for _, registered, _ in self.registry].index(viewset)
