"""Every row of the reference has a test, or a reason why it has none.

The rows are those of behaviour 4.1–4.6 and 12: by number where the reference numbers them, else
by a name. A test binds itself to rows with ``@pytest.mark.contract("4.1/6")``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROWS = {
    **{f"4.1/{number}": "order of checks" for number in range(1, 11)},
    "4.2/empty": "an empty list",
    "4.2/who-asks": "membership is enough",
    "4.2/included": "in call, and pinged within 30 seconds",
    "4.2/order": "newest ping first",
    "4.2/userId": "v1, v2",
    "4.2/actorType": "v3",
    "4.2/actorId": "v3",
    "4.2/displayName": "v3",
    "4.2/token": "all versions",
    "4.2/lastPing": "all versions",
    "4.2/sessionId": "all versions",
    "4.3/flags-absent": "7",
    "4.3/flags-without-bit-1": "stored as given",
    "4.3/flags-0": "the same as leaving",
    "4.3/flags-type": "where a number may come from (behaviour 2.6)",
    "4.3/flags-garbage": "decided here: 400, where the server of the time cast it to 0",
    "4.3/already-in": "flags replaced",
    "4.3/several-sessions": "only the acting one changes",
    "4.3/no-ping": "joining does not refresh the ping (behaviour 3.4)",
    **{f"4.3/{number}": "steps of a join" for number in range(1, 10)},
    "4.4/call-flag": "not reduced by leaving",
    **{f"4.4/{number}": "steps of a leave" for number in range(1, 5)},
    "4.5/condition": "nobody is left",
    "4.5/reset": "the conversation shows no call",
    "4.5/attended": "who was in it",
    "4.5/guests": "how many guests were in it",
    "4.5/alone": "no message about a lone caller",
    "4.5/message": "`call_ended`",
    "4.5/actor": "of the message",
    "4.5/parameters": "of the message",
    "4.5/activity": "one entry per user",
    "4.5/text": "of the message",
    "4.6/read-only": "locking",
    "4.6/lobby": "raising the lobby",
    "4.6/lobby-off": "its end",
    "4.6/leave-conversation": "`DELETE …/participants/active`",
    "4.6/join-conversation": "joining again",
    "4.6/removed": "an attendee",
    "4.6/promote": "and demote",
    "4.6/private": "public → group",
    "4.6/password": "set",
    "4.6/deleted": "the conversation",
    "4.6/account-deleted": "a user",
    "4.6/logout": "of a browser",
    "4.6/dies": "a session, silently",
    **{f"12/{number}": "contract against source" for number in range(1, 16)},
}

#: Rows that show nowhere yet.
NOT_HERE = {
    "4.3/3": "only notifications ask whether a call was running; there are none yet",
    "4.3/7": "there are no notifications yet",
    "4.3/8": "there are no notifications yet",
    "4.3/9": "there is no signaling yet",
    "4.4/3": "there is no signaling yet",
    "4.5/guests": "only the system message counts guests; chat is not this app's job",
    "4.5/alone": "system messages are chat, which is not this app's job",
    "4.5/message": "system messages are chat, which is not this app's job",
    "4.5/actor": "system messages are chat, which is not this app's job",
    "4.5/parameters": "system messages are chat, which is not this app's job",
    "4.5/activity": "an activity stream is not this app's job",
    "4.5/text": "system messages are chat, which is not this app's job",
    "4.6/private": "no endpoint makes a public conversation private yet",
}

HERE = Path(__file__).parent


def contract_tests() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Return every test of this directory, read from the source and not from what was selected."""
    for path in sorted(HERE.glob("test_*.py")):
        if path.name == Path(__file__).name:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.name}::{node.name}", node


def rows_of(test: ast.FunctionDef) -> list[str]:
    return [
        argument.value
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.contract"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]


TESTS = dict(contract_tests())
TESTED = {row for test in TESTS.values() for row in rows_of(test)}


def test_every_row_has_a_test_or_a_reason():
    """Each row is bound to a test, or says why not; never both."""
    assert [row for row in ROWS if (row in TESTED) == (row in NOT_HERE)] == []


def test_rows_are_known():
    """A test cannot be bound to a row that does not exist."""
    assert TESTED | NOT_HERE.keys() <= ROWS.keys()


def test_every_contract_test_names_its_row_and_its_rule():
    """A test that proves no row, or does not say what rule it is about, belongs elsewhere."""
    silent = [
        name for name, test in TESTS.items() if not rows_of(test) or not ast.get_docstring(test)
    ]
    assert silent == []
