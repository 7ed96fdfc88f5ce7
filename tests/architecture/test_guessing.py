"""Every place that verifies a secret counts the wrong ones (CVE-2023-45149: one place did not)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import talk_calls

PACKAGE = Path(talk_calls.__file__).parent

#: What hashes a secret that people choose, the one module that may, and what counts around it.
VERIFIERS = {
    "authenticate": ("api/authentication.py", "guessing_account"),
    "enter": ("api/views/sessions.py", "guessing_conversation"),
    "check_password": ("services/sessions.py", None),
    "make_password": ("services/conversation_options.py", "limited"),
}


def calls(node: ast.AST, around: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset]]:
    """Return the name of each call, with those of the ``with`` blocks that it stands in."""
    if isinstance(node, ast.Call) and not _is_of_new_object(node.func):
        yield _name(node.func), around
    if isinstance(node, ast.With):
        around |= {_name(each.context_expr.func) for each in node.items if _is_call(each)}
    for child in ast.iter_child_nodes(node):
        yield from calls(child, around)


def _is_of_new_object(function: ast.expr) -> bool:
    """Tell whether it is a method of what a call returns, such as DRF's ``kind().authenticate``."""
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call)


def _is_call(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call)


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_secrets_are_verified_where_guesses_are_counted(verifier):
    """Only code that counts guesses, and how many are hashed at a time, hashes secrets."""
    module, counting = VERIFIERS[verifier]
    found = {
        (str(path.relative_to(PACKAGE)), counting is None or counting in around)
        for path in PACKAGE.rglob("*.py")
        for name, around in calls(ast.parse(path.read_text()))
        if name == verifier
    }
    assert found == {(module, True)}
