"""The one table from domain error to what a client is told."""

from http import HTTPStatus

from talk_calls import exceptions
from talk_calls.api.serializers.json_types import JSONObject
from talk_calls.api.serializers.sessions import serialize_conflict
from talk_calls.exceptions import TalkError
from talk_calls.ocs.envelope import Failure
from talk_calls.ocs.failures import OCSError

STATUSES: dict[type[TalkError], HTTPStatus] = {
    exceptions.NoSuchConversation: HTTPStatus.NOT_FOUND,
    exceptions.NotParticipant: HTTPStatus.NOT_FOUND,
    exceptions.NoSession: HTTPStatus.NOT_FOUND,
    exceptions.NoSuchTarget: HTTPStatus.NOT_FOUND,
    exceptions.TalkNotAllowed: HTTPStatus.FORBIDDEN,
    exceptions.ConversationReadOnly: HTTPStatus.FORBIDDEN,
    exceptions.CallsDisabled: HTTPStatus.FORBIDDEN,
    exceptions.MayNotStartCall: HTTPStatus.FORBIDDEN,
    exceptions.NotModerator: HTTPStatus.FORBIDDEN,
    exceptions.NotGuest: HTTPStatus.FORBIDDEN,
    exceptions.NotPublic: HTTPStatus.FORBIDDEN,
    exceptions.GuestsNotAllowed: HTTPStatus.FORBIDDEN,
    exceptions.WrongPassword: HTTPStatus.FORBIDDEN,
    exceptions.CannotInviteOneself: HTTPStatus.FORBIDDEN,
    exceptions.LobbyActive: HTTPStatus.PRECONDITION_FAILED,
    exceptions.NotOneself: HTTPStatus.FORBIDDEN,
    exceptions.OwnerStays: HTTPStatus.FORBIDDEN,
    exceptions.LastModerator: HTTPStatus.BAD_REQUEST,
    exceptions.InvalidValue: HTTPStatus.BAD_REQUEST,
    exceptions.NotInCall: HTTPStatus.BAD_REQUEST,
    exceptions.ConsentNeeded: HTTPStatus.BAD_REQUEST,
    exceptions.ConsentNotOffered: HTTPStatus.BAD_REQUEST,
    exceptions.CallRunning: HTTPStatus.BAD_REQUEST,
    exceptions.NoCall: HTTPStatus.BAD_REQUEST,
    exceptions.NotRingable: HTTPStatus.BAD_REQUEST,
    exceptions.NotPromotable: HTTPStatus.BAD_REQUEST,
    exceptions.SessionConflict: HTTPStatus.CONFLICT,
    exceptions.MailboxFull: HTTPStatus.TOO_MANY_REQUESTS,
}


def translate(error: Exception, *, named: bool) -> Exception:
    """Return the failure that a domain error stands for; any other error as it is.

    ``named`` adds the error's code as ``data.error``, for those who read it.
    """
    if not isinstance(error, TalkError):
        return error
    data: JSONObject = {"error": error.code} if named else {}
    if isinstance(error, exceptions.SessionConflict):
        data |= serialize_conflict(error)
    return OCSError(Failure(STATUSES[type(error)], error.message, data=data or []))
