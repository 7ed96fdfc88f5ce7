"""End the call of a conversation for everybody."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.exceptions import NoCall
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.lookups import get_conversation
from talk_calls.management.texts import lazy as _
from talk_calls.services import calls


class Command(OperatorCommand):
    """``manage.py talk_end_call TOKEN``."""

    help = _(
        "End the running call of a conversation for everybody. They stay in the conversation and "
        "may start another call; lock the conversation to prevent that."
    )
    exit_codes = OperatorCommand.exit_codes | {
        0: _("the call was ended"),
        1: _("there was none, or failed"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", help=_("the token of the conversation, as in its link"))
        add_reason_argument(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, token: str, reason: str, **options: Any) -> None:
        conversation = get_conversation(token)
        try:
            calls.end(conversation=conversation, now=clock.now())
        except NoCall as refusal:
            hint = _("talk_active_calls shows where calls are running.")
            message = _("There is no call in {token!r}.").format(token=token)
            raise failure(message, hint) from refusal
        sentence = _("The call in {token} was ended.").format(token=token)
        why = [_("Reason: {reason}").format(reason=reason)] if reason else []
        facts = {"token": token, "ended": True, "reason": reason}
        self.answer(facts, [self.style.SUCCESS(" ".join([sentence, *why]))])
