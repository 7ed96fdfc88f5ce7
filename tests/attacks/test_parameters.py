"""No parameter makes an error of the server.

``make fuzz`` mixes values by chance; here every parameter of the OpenAPI documents gets every
hostile value, beside parameters that are right, so that it comes as far as it can.
"""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from talk_calls.signaling import poll
from tests.attacks import hostile
from tests.attacks.operations import Action, actions
from tests.attacks.senders import Sender
from tests.fuzz.fixtures import guest, moderator

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))


@pytest.fixture(autouse=True)
def _no_limits(settings) -> None:
    """Look at the values, and not at how many come."""
    settings.TALK_CALLS = {"GUESTS_PER_MINUTE": 0, "CONVERSATIONS_PER_MINUTE": 0}


@pytest.fixture
def member(db: None) -> Sender:
    return Sender(moderator())


def test_each_parameter_in_json(member):
    a_guest = Sender(guest())
    for action in actions():
        who = a_guest if "/guest/" in action.path else member
        for name, schema in action.parameters.items():
            if name != "format":
                _try_in_json(who, action, name, is_text=_is_text(schema))
    assert member.failures + a_guest.failures == []
    assert member.statuses[200] > 150, "too few values came far"


def test_each_way_of_a_form_and_a_query(member):
    """The values of a form are decoded before anybody knows what they are for."""
    seen = set()
    for action in actions():
        if action.method not in seen and len(action.parameters) > 1:
            seen.add(action.method)
            for value in hostile.IN_FORM:
                for name in [*action.parameters, "unknown"]:
                    _try_in_form(member, action, name, value)
    assert seen == {"get", "post", "put", "delete"}
    assert member.failures == []


@pytest.mark.parametrize("value", [*hostile.IN_JSON, *hostile.NO_JSON])
def test_bodies_and_the_format_in_them(member, value):
    """Every endpoint reads the format, whatever it is."""
    action = next(each for each in actions() if each.method == "put")
    for body in (value, f'{{"format": {value}}}', f'{{"flags": {value}}}'):
        member.send(
            body,
            "put",
            member.address(action),
            data=body.encode(errors="surrogatepass"),
            content_type=_JSON,
        )
    assert member.failures == []


def test_each_place_of_a_signaling_message(member):
    send = next(each for each in actions() if "messages" in each.parameters)
    own = hostile.as_json(member.own_session_id)
    for text in hostile.messages(own):
        body = f'{{"messages": {text}}}'
        what = f"messages={text[:100]} … {text[-100:]}"
        member.send(what, "post", member.address(send), data=body, content_type=_JSON)
    assert member.failures == []


@pytest.mark.parametrize("name", ["messages", "silentFor", "flags", "format"])
def test_deeply_nested_values_are_refused(member, name):
    """There is a depth at which a value can still be read, but not written any more."""
    action = next(each for each in actions() if {"flags", "silentFor"} <= {*each.parameters})
    if name == "messages":
        action = next(each for each in actions() if "messages" in each.parameters)
    deep = "[" * 33 + "]" * 33
    body = f'{{"{name}": {deep}}}'
    response = member.send(name, "post", member.address(action), data=body, content_type=_JSON)
    assert response.status_code == 400


def _try_in_json(who: Sender, action: Action, name: str, *, is_text: bool) -> None:
    """Send the values that the form accepts; that it raises nothing is half of the test."""
    others = dict(who.others(action, name))
    texts = hostile.TEXTS if is_text else hostile.NUMBERS
    for value in [*texts, *map(json.loads, hostile.IN_JSON)]:
        data = others | {name: value}
        if action.form(data=data).is_valid():
            what = f"{action}: {name}={str(value)[:60]!r}"
            body = hostile.as_json(data)
            who.send(what, action.method, who.address(action), data=body, content_type=_JSON)


def _try_in_form(who: Sender, action: Action, name: str, value: str) -> None:
    text = f"{urlencode(who.others(action, name))}&{name}={value}"
    what = f"{action}: {name}={value[:60]}"
    who.send(what, action.method, who.address(action), QUERY_STRING=text)
    who.send(what, action.method, who.address(action), data=text, content_type=_FORM)


def _is_text(schema: dict[str, object]) -> bool:
    return schema.get("type") == "string" and "enum" not in schema
