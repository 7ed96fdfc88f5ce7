"""The router of the API's versions: what it adds to DRF's."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.decorators import action

from talk_calls import policies
from talk_calls.api.operations import Operation
from talk_calls.api.routers import TalkRouter
from talk_calls.api.views.base import ConversationViewSet

NOTE = Operation("Do it", rules=policies.TAKE_PART)


class NoteViewSet(ConversationViewSet):
    detail_methods = {"get": "retrieve"}

    @NOTE
    def retrieve(self, request, token): ...

    @action(["post"], detail=True, url_path="star", url_name="star")
    @NOTE
    def star(self, request, token): ...


class NewNoteViewSet(NoteViewSet):
    detail_methods = {**NoteViewSet.detail_methods, "put": "rename"}

    @NOTE
    def rename(self, request, token): ...

    @action(["delete"], detail=True, url_path="star", url_name="star")
    @NOTE
    def unstar(self, request, token): ...


def served(router: TalkRouter) -> dict[str, tuple[str, dict[str, str]]]:
    """Return name and actions of each path; HEAD goes without saying."""
    return {
        str(route.pattern): (
            route.name,
            {method: name for method, name in route.callback.actions.items() if method != "head"},
        )
        for route in router.urls
    }


@pytest.fixture
def router() -> TalkRouter:
    router = TalkRouter()
    router.register("note", NoteViewSet, basename="note")
    return router


NOTE_PATH = r"^note/(?P<token>[a-z0-9]{4,30})"
OF_NOTE = {
    rf"{NOTE_PATH}\Z": ("note-detail", {"get": "retrieve"}),
    rf"{NOTE_PATH}/star\Z": ("note-star", {"post": "star"}),
}


def test_paths_are_exact_and_named_as_in_drf(router):
    """There is no trailing slash, and nothing may follow."""
    assert served(router) == OF_NOTE


def test_subclass_answers_other_methods_at_the_paths_of_its_parent(router):
    """One route for each path; the parent stays as it was."""
    newer = TalkRouter(router)
    newer.replace(NoteViewSet, NewNoteViewSet)
    assert served(newer) == {
        rf"{NOTE_PATH}\Z": ("note-detail", {"get": "retrieve", "put": "rename"}),
        rf"{NOTE_PATH}/star\Z": ("note-star", {"post": "star", "delete": "unstar"}),
    }
    assert served(router) == OF_NOTE


def test_viewset_is_left_out(router):
    """In the router that leaves it out, and not in the one it comes from."""
    newer = TalkRouter(router)
    newer.unregister(NoteViewSet)
    assert served(newer) == {}
    assert served(router) == OF_NOTE


def test_viewset_that_is_not_there_cannot_be_replaced(router):
    """A version that changes what the one before does not have is a mistake."""
    with pytest.raises(ValueError, match="not in list"):
        router.replace(NewNoteViewSet, NoteViewSet)


@pytest.mark.parametrize("name", ["no_such_action", "dispatch"])
def test_action_that_declares_nothing_stops_the_start(name):
    """Otherwise a route would be missing in silence, or have no rules."""
    viewset = type("Wrong", (NoteViewSet,), {"detail_methods": {"get": name}})
    router = TalkRouter()
    router.register("wrong", viewset, basename="wrong")
    with pytest.raises(ImproperlyConfigured, match=f"Wrong.{name} has no @Operation"):
        router.urls  # noqa: B018 -- made when it is asked for
