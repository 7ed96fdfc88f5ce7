"""Answers of failure: what may be refused, by status, and by which code in v4.

Who may do what is read off the permission classes, the status and the codes off ``api/errors``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from rest_framework.permissions import BasePermission

from talk_calls import exceptions
from talk_calls.api import permissions
from talk_calls.api.errors import STATUSES
from talk_calls.api.operations import Operation
from talk_calls.api.schema.answers import MEDIA_JSON, enveloped, headers, media
from talk_calls.api.schema.shapes import properties_of
from talk_calls.api.serializers.json_types import (
    EMPTY_LIST,
    TEXT,
    Schema,
    any_of,
    list_of,
    object_of,
    one_of,
    reference,
)
from talk_calls.api.serializers.sessions import CONFLICT
from talk_calls.api.serializers.tables import example_of
from talk_calls.api.versioning import NAMED_ERRORS
from talk_calls.exceptions import TalkError, untranslated
from talk_calls.ocs import envelope
from talk_calls.ocs.envelope import Failure
from talk_calls.ocs.failures import NOT_LOGGED_IN
from talk_calls.ocs.json_types import JSON, JSONObject


@dataclass(frozen=True, slots=True)
class Rule:
    """What a permission class asks, in words, and by which errors it refuses."""

    text: str
    refusals: tuple[type[TalkError], ...] = ()


#: Every permission class; ``IsUser`` refuses by the 401 that every action may answer.
RULES: dict[type[BasePermission], Rule] = {
    permissions.MayUseTalk: Rule(
        "The site lets the logged-in user use Talk; guests are not asked.",
        (exceptions.TalkNotAllowed,),
    ),
    permissions.IsUser: Rule("Somebody is logged in; not even a guest moderator will do."),
    permissions.CallsAreEnabled: Rule(
        "The site offers calls; asked before the conversation is looked up.",
        (exceptions.CallsDisabled,),
    ),
    permissions.IsNotBanned: Rule(
        "No moderator banned the caller from the conversation.", (exceptions.Banned,)
    ),
    permissions.IsParticipant: Rule(
        "The caller belongs to the conversation.", (exceptions.NoSuchConversation,)
    ),
    permissions.ConversationIsWritable: Rule(
        "The conversation is not locked.", (exceptions.ConversationReadOnly,)
    ),
    permissions.LobbyIsOpenOrModerator: Rule(
        "There is no lobby, or the caller need not wait in it.", (exceptions.LobbyActive,)
    ),
    permissions.HasConsent: Rule(
        "The caller agrees to be recorded, or need not.", (exceptions.ConsentNeeded,)
    ),
    permissions.HasSession: Rule(
        "The caller joined the conversation before.", (exceptions.NoSession,)
    ),
    permissions.IsModerator: Rule(
        "The caller moderates the conversation.", (exceptions.NotModerator,)
    ),
    permissions.IsModeratorOrReadOnly: Rule(
        "The caller moderates the conversation, or only reads.", (exceptions.NotModerator,)
    ),
    permissions.IsNoOneToOne: Rule(
        "The conversation is more than one of two people.", (exceptions.InvalidValue,)
    ),
    permissions.MayDeleteOneToOne: Rule(
        "The conversation is more than one of two people, or the site lets either delete it.",
        (exceptions.InvalidValue,),
    ),
    permissions.MaySeeParticipants: Rule(
        "The caller is no plain guest.", (exceptions.GuestsNotAllowed,)
    ),
    permissions.TakesOutsiders: Rule(
        "The site does not decide who belongs to the conversation.", (exceptions.ManagedByHost,)
    ),
    permissions.MayBeOpened: Rule(
        "The site does not keep the conversation closed.", (exceptions.ManagedByHost,)
    ),
    permissions.MayBeRenamed: Rule(
        "The site does not name the conversation.", (exceptions.ManagedByHost,)
    ),
    permissions.MayBeDeleted: Rule(
        "The site does not keep the conversation.", (exceptions.ManagedByHost,)
    ),
    permissions.HasOwnRoles: Rule(
        "The site does not decide about roles.", (exceptions.ManagedByHost,)
    ),
    permissions.MayGiveUpMembership: Rule(
        "The site does not decide that the caller belongs to the conversation.",
        (exceptions.ManagedByHost,),
    ),
}

#: What any action may answer before its rules are asked: why, and with which headers.
_ALWAYS: dict[HTTPStatus, tuple[str, tuple[str, ...]]] = {
    HTTPStatus.BAD_REQUEST: ("A parameter, the body or the format cannot be read.", ()),
    HTTPStatus.UNAUTHORIZED: (
        "The credentials are wrong, or nobody is logged in who has to be; `statuscode` is 997.",
        ("WWW-Authenticate",),
    ),
    HTTPStatus.PRECONDITION_FAILED: (
        "Nothing proves that no page of another site made the request: raw, in no envelope.",
        (),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("The body is too large.", ()),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("The body is neither JSON nor a form.", ()),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many wrong passwords, new guests, conversations, invitations or searches.",
        ("Retry-After",),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The database is away, or too many account passwords are verified.",
        ("Retry-After",),
    ),
}
_UNKNOWN_ROUTE = "No such route: a part of the path has another form."

_CSRF: Schema = object_of({"message": TEXT})


def failures(
    operation: Operation, rules: Sequence[type[BasePermission]], version: str, *, has_path: bool
) -> dict[str, Schema]:
    """Return the answers of failure by status."""
    errors = _errors(operation, rules)
    reasons: dict[HTTPStatus, list[str]] = defaultdict(list)
    for status, (reason, _) in _ALWAYS.items():
        reasons[status].append(reason)
    if has_path:
        reasons[HTTPStatus.NOT_FOUND].append(_UNKNOWN_ROUTE)
    for status, kinds in errors.items():
        reasons[status] += [_reason(kind) for kind in kinds]
    for status, reason in [*operation.endings.items(), *operation.texts.items()]:
        reasons[status].append(reason)
    return {
        str(int(status)): {
            "description": "\n".join(f"- {text}" for text in reasons[status]),
            **headers(*_ALWAYS.get(status, ("", ()))[1]),
            "content": (
                _ending(status)
                if status in operation.endings
                else _content(
                    status,
                    errors.get(status, []),
                    _namer(operation, version),
                    operation.texts.get(status),
                    tells_end=status in operation.tells_ends,
                )
            ),
        }
        for status in sorted(reasons)
    }


def _namer(operation: Operation, version: str) -> str:
    """Return the version as which an action names its errors."""
    return next(iter(NAMED_ERRORS)) if operation.names_errors else version


def _errors(
    operation: Operation, rules: Sequence[type[BasePermission]]
) -> dict[HTTPStatus, list[type[TalkError]]]:
    """Return the domain errors of an action by status, one for each code."""
    found: dict[HTTPStatus, dict[str, type[TalkError]]] = defaultdict(dict)
    for error in (*(each for rule in rules for each in RULES[rule].refusals), *operation.refusals):
        found[STATUSES[error]].setdefault(error.code, error)
    return {status: list(by_code.values()) for status, by_code in found.items()}


def _reason(error: type[TalkError]) -> str:
    codes = ", ".join(f"`{code}`" for code in _codes(error))
    return f"{codes}: {untranslated(error.message)}"


def _codes(error: type[TalkError]) -> tuple[str, ...]:
    """Return what an error may be called; one of settings is called by the setting."""
    return error.codes if issubclass(error, exceptions.InvalidSetting) else (error.code,)


def _content(
    status: HTTPStatus,
    errors: Iterable[type[TalkError]],
    version: str,
    text: str | None,
    *,
    tells_end: bool,
) -> dict[str, Schema]:
    """Return the forms of a failure; one may have a text for data, and one why a session ended."""
    codes = list(dict.fromkeys(code for error in errors for code in _codes(error)))
    ends = (reference("End"),) if tells_end else ()
    schema = _schema(status, codes, version, text, ends)
    value = _example(status, codes, version)
    # An unknown route is answered as text/xml (behaviour 2.1).
    content = media(schema, value, *(["text/xml"] if status == HTTPStatus.NOT_FOUND else []))
    if status == HTTPStatus.PRECONDITION_FAILED and not codes:
        return {MEDIA_JSON: content[MEDIA_JSON]}
    return content


def _ending(status: HTTPStatus) -> dict[str, Schema]:
    """Return the media types of an answer that ends polling for good."""
    data = [{"type": "usersInRoom", "data": []}]
    value = envelope.failure_v2(Failure(status, data=data))[1]
    schema = any_of(list_of(reference("News")), reference("End"))
    return media(enveloped(schema, status), value, "text/xml")


def _schema(
    status: HTTPStatus,
    codes: Sequence[str],
    version: str,
    text: str | None = None,
    ends: Sequence[Schema] = (),
) -> Schema:
    data: list[Schema] = [one_of(text)] if text else []
    if codes:
        data.append(_named(status, codes, version))
    if (
        not codes or status in _ALWAYS or status == HTTPStatus.NOT_FOUND
    ) and EMPTY_LIST not in data:
        data.append(EMPTY_LIST)
    code = envelope.OCS_UNAUTHORISED if status == HTTPStatus.UNAUTHORIZED else status
    whole = enveloped(any_of(*data, *ends), code)
    if status != HTTPStatus.PRECONDITION_FAILED:
        return whole
    return any_of(whole, _CSRF) if codes else _CSRF


def _named(status: HTTPStatus, codes: Sequence[str], version: str) -> Schema:
    """Return the data of a domain error in a version."""
    if version not in NAMED_ERRORS:
        return reference("Conflict") if status == HTTPStatus.CONFLICT else EMPTY_LIST
    fields: dict[str, Schema] = {"error": one_of(*codes)}
    if status == HTTPStatus.CONFLICT:
        fields |= properties_of(CONFLICT, version)
    return object_of(fields)


def _example(status: HTTPStatus, codes: Sequence[str], version: str) -> JSON:
    if status == HTTPStatus.PRECONDITION_FAILED and not codes:
        return {"message": "CSRF check failed"}
    if status == HTTPStatus.UNAUTHORIZED:
        return envelope.failure_v2(NOT_LOGGED_IN)[1]
    data: JSONObject = {"error": codes[0]} if codes and version in NAMED_ERRORS else {}
    if status == HTTPStatus.CONFLICT:
        data |= example_of(CONFLICT, version)
    message = "" if codes else _ALWAYS.get(status, (_UNKNOWN_ROUTE, ()))[0]
    return envelope.failure_v2(Failure(status, message, data=data or []))[1]
