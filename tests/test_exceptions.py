"""The messages of refusals for operators, and what of them reaches API clients."""

import ast
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

import talk_calls
from talk_calls import exceptions
from talk_calls.exceptions import InvalidValue, TalkError

REFUSALS = [
    each
    for each in vars(exceptions).values()
    if isinstance(each, type) and issubclass(each, TalkError) and each is not TalkError
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_each_refusal_has_a_sentence_of_its_own(refusal):
    """It inherits none, and it is translated when it is shown."""
    message = vars(refusal)["message"]
    assert isinstance(message, Promise)
    with translation.override("en"):
        english = str(message)
    with translation.override("de"):
        assert str(message) != english
    assert english.endswith(".")


def test_sentences_differ():
    """Refusals have different messages, also two that share a code."""
    assert len({str(refusal.message) for refusal in REFUSALS}) == len(REFUSALS)


def test_clients_receive_few_fixed_texts():
    """Their other refusals have an empty message; programs read the code or the status."""
    texts = {refusal.__name__: refusal.client_message for refusal in REFUSALS}
    assert {name: text for name, text in texts.items() if text} == {
        "ConversationFull": "The conversation is full",
        "InviteeBanned": "They are banned from the conversation",
        "PasswordNeeded": "A public conversation needs a password here.",
        "MayNotStartCall": "Can not start a call",
        "NothingToWrite": "Nobody can write here: the chat only shows what happened.",
        "SiteRefusesCall": "Can not start a call",
        "TooManyBans": "Too many bans",
    }


def test_a_value_is_named_to_both():
    """Operators read their language; clients get English whatever the active language is."""
    with translation.override("de"):
        refusal = InvalidValue(gettext_lazy("The name is longer than {most} bytes."), most=255)
        assert refusal.message == "Der Name ist länger als 255 Bytes."
        assert refusal.client_message == "The name is longer than 255 bytes."


def test_text_of_a_host_stays_as_it_is():
    """A plain string is neither translated nor searched for places."""
    refusal = InvalidValue("No {braces} are filled.")
    assert refusal.message == refusal.client_message == "No {braces} are filled."


def test_every_invalid_value_is_translatable():
    """A plain string at one of the many places that raise it would be English in every language."""
    package = Path(talk_calls.__file__).parent
    plain = [
        f"{path.name}:{node.lineno}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and "InvalidValue" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
        and not (isinstance(node.args[0], ast.Call) and getattr(node.args[0].func, "id", "") == "_")
    ]
    assert plain == []
