"""Asynchronous clients, used without ``await``: one test then speaks to both kinds of a library."""

import asyncio
import inspect
from typing import Any


class Awaited:
    """Stands for an object and waits for whatever is asynchronous about it.

    ``parts`` names its attributes that are asynchronous objects themselves.
    """

    def __init__(self, runner: asyncio.Runner, target: Any, *, parts: tuple[str, ...] = ()) -> None:
        self._runner, self._target, self._parts = runner, target, parts

    def __getattr__(self, name: str) -> Any:
        """Return the attribute as a synchronous object would have it."""
        value = getattr(self._target, name)
        if name in self._parts:
            return Awaited(self._runner, value)
        if inspect.isawaitable(value):
            return self._runner.run(value)
        if not inspect.iscoroutinefunction(value):
            return value
        return lambda *args, **kwargs: self._runner.run(value(*args, **kwargs))
