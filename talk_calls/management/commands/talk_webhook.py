"""Register endpoints of webhooks, see what they were sent, and send it again."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.text import capfirst

from talk_calls import webhook_values
from talk_calls.constants import EventType
from talk_calls.management import webhook_output as display
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.batches import all_or_nothing
from talk_calls.management.limits import add_limit_argument, limited, positive
from talk_calls.management.lookups import get_endpoint
from talk_calls.management.questions import ask_before
from talk_calls.management.texts import lazy as _
from talk_calls.models import WebhookDelivery
from talk_calls.models.webhooks import DeliveryState
from talk_calls.reports import webhooks as reports
from talk_calls.webhooks import endpoints, replay, testing


class Command(OperatorCommand):
    """``manage.py talk_webhook add billing https://billing.example/talk``."""

    help = _(
        "Register endpoints of webhooks, enable, disable and test them, list what they were sent, "
        "and send it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, text in _ACTIONS.items():
            own = subparsers.add_parser(name, help=text, description=f"{capfirst(text)}.")
            if name in _OF_ONE:
                own.add_argument("name", help=_("the name of the endpoint, as `list` shows it"))
            if arguments := getattr(self, f"_{name}_arguments", None):
                arguments(own)
            if name in _CHANGES:
                add_reason_argument(own)
            super().add_arguments(own)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        run: Callable[[dict[str, Any]], None] = getattr(self, f"_{action}")
        run(options)

    def _add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("new_name", metavar="name", help=_("a name of its own, for people"))
        parser.add_argument("url", help=_("the address of the receiver: https://…"))
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            metavar="TYPE",
            help=_(
                "only events of this type, or group such as call.*; may be repeated: {types}"
            ).format(types=", ".join(EventType)),
        )

    def _remove_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))

    def _list_arguments(self, parser: ArgumentParser) -> None:
        add_limit_argument(parser, _("how many endpoints to list at most"))

    def _deliveries_arguments(self, parser: ArgumentParser) -> None:
        _add_endpoint(parser)
        parser.add_argument(
            "--dead", action="store_true", help=_("only those that were given up (dead letters)")
        )
        add_limit_argument(parser, _("how many deliveries to list at most"))

    def _replay_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "numbers",
            nargs="*",
            type=positive,
            metavar="NUMBER",
            help=_("the numbers of deliveries, as talk_webhook deliveries shows them"),
        )
        parser.add_argument("--dead", action="store_true", help=_("all dead letters instead"))
        _add_endpoint(parser)

    def _list(self, options: dict[str, Any]) -> None:
        found = limited(reports.endpoints(), options["limit"])
        lines = display.endpoint_lines(found.rows)
        facts = [reports.endpoint_facts(each) for each in found.rows]
        self.answer({"list": facts, "more": found.more}, [*lines, *found.lines])

    def _add(self, options: dict[str, Any]) -> None:
        made = endpoints.create(
            name=options["new_name"], url=options["url"], event_types=options["event"]
        )
        sentence = _("Endpoint {name!r} was added. Its secret is shown only now:")
        self._tell_secret(made.name, made.secret, sentence)

    def _rotate(self, options: dict[str, Any]) -> None:
        endpoint = get_endpoint(options["name"])
        secret = endpoints.rotate_secret(endpoint)
        self._tell_secret(endpoint.name, secret, _("New secret of {name!r}; it is shown only now:"))

    def _tell_secret(self, name: str, secret: str, sentence: str) -> None:
        """Print the secret alone on the last line, for scripts that do not read JSON."""
        self.answer({"name": name, "secret": secret}, [sentence.format(name=name), secret])

    def _enable(self, options: dict[str, Any]) -> None:
        endpoint = get_endpoint(options["name"])
        endpoints.enable(endpoint)
        self._done(endpoint.name, "enabled", _("Enabled."))

    def _disable(self, options: dict[str, Any]) -> None:
        endpoint = get_endpoint(options["name"])
        endpoints.disable(endpoint)
        self._done(endpoint.name, "disabled", _("Disabled."))

    def _remove(self, options: dict[str, Any]) -> None:
        endpoint = get_endpoint(options["name"])
        if not options["yes"]:
            question = _("Delete the endpoint '{name}', and what waits for it? [y/N] ")
            ask_before(question.format(name=endpoint.name), self.stderr)
        endpoints.delete(endpoint)
        self._done(endpoint.name, "removed", _("The endpoint was deleted."))

    def _secret(self, options: dict[str, Any]) -> None:
        secret = webhook_values.new_secret()
        self.answer({"secret": secret}, [secret])

    def _done(self, name: str, done: str, sentence: str) -> None:
        self.answer({"name": name, "done": done}, [self.style.SUCCESS(str(sentence))])

    def _test(self, options: dict[str, Any]) -> None:
        result = testing.send_test(get_endpoint(options["name"]))
        style = self.style.SUCCESS if result.is_success else self.style.ERROR
        self.answer(display.test_facts(result), display.test_lines(result, style))
        if not result.is_success:
            raise SystemExit(1)

    def _deliveries(self, options: dict[str, Any]) -> None:
        rows = reports.deliveries(
            endpoint=get_endpoint(options["endpoint"]) if options["endpoint"] else None,
            state=DeliveryState.DEAD if options["dead"] else None,
        )
        found = limited(rows, options["limit"])
        lines = display.delivery_lines(found.rows)
        facts = [reports.delivery_facts(each) for each in found.rows]
        self.answer({"list": facts, "more": found.more}, [*lines, *found.lines])

    def _replay(self, options: dict[str, Any]) -> None:
        if bool(options["numbers"]) == options["dead"]:
            hint = _("Write the numbers of deliveries, or --dead for all dead letters.")
            raise failure(_("What is to be sent again?"), hint)
        count = all_or_nothing(lambda: _replayed(options))
        sentence = _("To be sent again: {count}.").format(count=count)
        self.answer({"replayed": count}, [self.style.SUCCESS(sentence)])


#: What the command can do, with the first words of its help.
_ACTIONS: Mapping[str, str] = {
    "list": _("list the endpoints, and whether they work"),
    "add": _("register an endpoint; its secret is printed alone on the last line"),
    "enable": _("send to an endpoint again"),
    "disable": _("send nothing more to an endpoint"),
    "rotate": _("give an endpoint a new secret, which is printed alone on the last line"),
    "test": _("send a test at once, and show what came back"),
    "deliveries": _("list what endpoints were sent, the newest first"),
    "replay": _("send events again, by their numbers or all that were given up"),
    "remove": _("delete an endpoint, and what waits for it"),
    "secret": _("print a new secret for the setting WEBHOOKS; nothing is stored"),
}
_OF_ONE = frozenset({"enable", "disable", "rotate", "test", "remove"})
_CHANGES = frozenset({"add", "enable", "disable", "rotate", "replay", "remove"})


def _add_endpoint(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--endpoint", default="", metavar="NAME", help=_("only those of this endpoint")
    )


def _replayed(options: dict[str, Any]) -> int:
    """Send again what the options name; return how many deliveries that are."""
    endpoint = get_endpoint(options["endpoint"]) if options["endpoint"] else None
    if options["dead"]:
        return replay.replay(reports.deliveries(endpoint=endpoint, state=DeliveryState.DEAD))
    numbers = dict.fromkeys(options["numbers"])
    found = reports.deliveries(endpoint=endpoint).filter(pk__in=numbers)
    there = set(found.values_list("pk", flat=True))
    for number in numbers:
        if number not in there:
            hint = _("talk_webhook deliveries has the numbers. Nothing was changed.")
            raise failure(_("There is no delivery {number}.").format(number=number), hint)
    return replay.replay(WebhookDelivery.objects.filter(pk__in=there))
