"""End the call of a conversation for everybody."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.exceptions import NoCall
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.lookups import get_conversation
from talk_calls.services import calls


class Command(OperatorCommand):
    """``manage.py talk_end_call TOKEN``."""

    help = (
        "End the running call of a conversation for everybody. They stay in the conversation and "
        "may start another call; lock the conversation to prevent that. Exits with 0 if the call "
        "was ended, with 1 if there was none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", help="the conversation, as in its link")
        add_reason_argument(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, token: str, reason: str, **options: Any) -> None:
        conversation = get_conversation(token)
        try:
            calls.end(conversation=conversation, now=clock.now())
        except NoCall as refusal:
            hint = "talk_active_calls shows where calls are running."
            raise failure(f"There is no call in {token!r}.", hint) from refusal
        why = f" Reason: {reason}" if reason else ""
        facts = {"token": token, "ended": True, "reason": reason}
        self.answer(facts, [f"The call in {token} was ended.{why}"])
