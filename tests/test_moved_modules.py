"""Modules that sites may name in their settings can still be imported by their old paths."""

import sys
from importlib import import_module

import pytest
from django.utils.module_loading import import_string

MOVED = [
    ("talk_calls.directory.DjangoDirectory", "talk_calls.host.directory.DjangoDirectory"),
    ("talk_calls.clock.database_now", "talk_calls.host.clock.database_now"),
]


@pytest.mark.parametrize(("old", "new"), MOVED)
def test_the_old_path_warns_and_works(old, new, monkeypatch):
    """It is the same object, and the warning names the new path and the release without the old."""
    module = old.rpartition(".")[0]
    monkeypatch.delitem(sys.modules, module, raising=False)
    moved = new.rpartition(".")[0]
    with pytest.warns(DeprecationWarning, match=f"moved to {moved} and will be removed in 0.2"):
        import_module(module)
    assert getattr(sys.modules[module], old.rpartition(".")[2]) is import_string(new)
