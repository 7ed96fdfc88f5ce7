"""The one table from domain error to HTTP status, and the answer that a client gets."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from talk_calls import exceptions
from talk_calls.api.serializers.sessions import serialize_conflict
from talk_calls.exceptions import TalkError
from talk_calls.ocs import failures
from talk_calls.ocs.envelope import Failure
from talk_calls.ocs.json_types import JSONObject

STATUSES: dict[type[TalkError], HTTPStatus] = {
    exceptions.NoSuchConversation: HTTPStatus.NOT_FOUND,
    exceptions.NotParticipant: HTTPStatus.NOT_FOUND,
    exceptions.NoSession: HTTPStatus.NOT_FOUND,
    exceptions.NoSuchTarget: HTTPStatus.NOT_FOUND,
    exceptions.TalkNotAllowed: HTTPStatus.FORBIDDEN,
    exceptions.ConversationReadOnly: HTTPStatus.FORBIDDEN,
    exceptions.CallsDisabled: HTTPStatus.FORBIDDEN,
    exceptions.MayNotStartCall: HTTPStatus.FORBIDDEN,
    exceptions.SiteRefusesCall: HTTPStatus.FORBIDDEN,
    exceptions.MayNotCreate: HTTPStatus.FORBIDDEN,
    exceptions.MayNotMakePublic: HTTPStatus.FORBIDDEN,
    exceptions.MayNotMakeListable: HTTPStatus.FORBIDDEN,
    exceptions.MayNotInvite: HTTPStatus.FORBIDDEN,
    exceptions.MayNotBeInvited: HTTPStatus.FORBIDDEN,
    exceptions.NotModerator: HTTPStatus.FORBIDDEN,
    exceptions.ManagedByHost: HTTPStatus.FORBIDDEN,
    exceptions.NotGuest: HTTPStatus.FORBIDDEN,
    exceptions.NotPublic: HTTPStatus.FORBIDDEN,
    exceptions.GuestsNotAllowed: HTTPStatus.FORBIDDEN,
    exceptions.WrongPassword: HTTPStatus.FORBIDDEN,
    exceptions.CannotInviteOneself: HTTPStatus.FORBIDDEN,
    exceptions.Banned: HTTPStatus.FORBIDDEN,
    exceptions.InviteeBanned: HTTPStatus.BAD_REQUEST,
    exceptions.NotBannable: HTTPStatus.BAD_REQUEST,
    exceptions.BanNoteTooLong: HTTPStatus.BAD_REQUEST,
    exceptions.ModeratorStays: HTTPStatus.BAD_REQUEST,
    exceptions.NoBansHere: HTTPStatus.BAD_REQUEST,
    exceptions.NotBannableOneself: HTTPStatus.BAD_REQUEST,
    exceptions.TooManyBans: HTTPStatus.BAD_REQUEST,
    exceptions.LobbyActive: HTTPStatus.PRECONDITION_FAILED,
    exceptions.NotOneself: HTTPStatus.FORBIDDEN,
    exceptions.ModeratorMayEverything: HTTPStatus.FORBIDDEN,
    exceptions.NothingToWrite: HTTPStatus.FORBIDDEN,
    exceptions.OwnerStays: HTTPStatus.FORBIDDEN,
    exceptions.LastModerator: HTTPStatus.BAD_REQUEST,
    exceptions.PasswordNeeded: HTTPStatus.BAD_REQUEST,
    exceptions.ConversationFull: HTTPStatus.BAD_REQUEST,
    exceptions.InvalidValue: HTTPStatus.BAD_REQUEST,
    exceptions.InvalidSetting: HTTPStatus.BAD_REQUEST,
    exceptions.NotInCall: HTTPStatus.BAD_REQUEST,
    exceptions.ConsentNeeded: HTTPStatus.BAD_REQUEST,
    exceptions.ConsentNotOffered: HTTPStatus.BAD_REQUEST,
    exceptions.CallRunning: HTTPStatus.BAD_REQUEST,
    exceptions.NoCall: HTTPStatus.BAD_REQUEST,
    exceptions.NotRingable: HTTPStatus.BAD_REQUEST,
    exceptions.NotPromotable: HTTPStatus.BAD_REQUEST,
    exceptions.SiteRefusesModerator: HTTPStatus.BAD_REQUEST,
    exceptions.SessionConflict: HTTPStatus.CONFLICT,
    exceptions.MailboxFull: HTTPStatus.TOO_MANY_REQUESTS,
    exceptions.ServerBusy: HTTPStatus.SERVICE_UNAVAILABLE,
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer a domain error with its status, and any other exception as every OCS view does."""
    if not isinstance(exc, TalkError):
        return failures.exception_handler(exc, context)
    data: JSONObject = {}
    # Views of accounts are of no version, and a host may use this handler for its own.
    if getattr(context["view"], "names_errors", False):
        data["error"] = exc.code
    if isinstance(exc, exceptions.SessionConflict):
        data |= serialize_conflict(exc)
    return failures.respond(Failure(STATUSES[type(exc)], str(exc.client_message), data or []))
