"""Kill processes that deliver webhooks at random moments; then look at what the receiver has."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.progress import Progress
from tests.race import site
from tests.race.processes import Child
from tests.race.site import Site

#: Most kills wait for a claim, for so many seconds at most, and then as long as a request may take;
#: the others come at any moment.
_AIMED, _UNTIL_CLAIM, _AFTER_CLAIM, _BETWEEN = 0.8, 2.0, 0.1, 0.5

#: Seconds in which the rest has to arrive: claims of the killed end, and pauses after refusals.
_PATIENCE = 300

_COPIES = 2


def main() -> None:
    options = _options()
    random.seed(options.seed)
    site.stop_on_terminate()
    with tempfile.TemporaryDirectory(prefix="talk-calls-crashes.") as home:
        arrived = Path(home) / "arrived"
        with site.running(log=options.log) as running, _receiver(arrived) as port:
            failed = _run(running, options.crashes, arrived, port)
    sys.exit(1 if failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.webhooks.crashes", description=__doc__)
    parser.add_argument("--crashes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0, help="of the moments; the rest is chance")
    parser.add_argument("--log", type=Path, help="write the output of the processes to this file")
    return parser.parse_args()


@contextmanager
def _receiver(path: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.webhooks.crashes.receiver", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _run(running: Site, crashes: int, arrived: Path, port: int) -> bool:
    """Kill so often, wait for the rest, and print what was found; tell if anything was wrong."""
    # Models cannot be imported before the site is set up.
    from tests.webhooks.crashes import traffic, verification

    _make_endpoints(port)
    start = time.monotonic()
    deliverers = [Child(running.forkserver, "deliver", 0.05) for _ in range(_COPIES)]
    for each in deliverers:
        each.start()
    held = 0
    progress = Progress(crashes)
    with traffic.going_on(threads=3, conversations_each=6):
        for crash in range(crashes):
            progress.show(f"crash {crash + 1}")
            _await_moment()
            chosen = random.choice(deliverers)
            chosen.kill()
            held += _claims()
            chosen.start()
            progress.step()
    is_done = _wait()
    progress.close()
    findings = verification.verify(arrived)
    crashed = sum(each.crashes for each in deliverers)
    wrong = [*findings.wrong, *([] if is_done else ["not everything was delivered in time"])]
    wrong += [f"{crashed} deliverers ended by themselves"] if crashed else []
    print(
        f"{'WRONG' if wrong else 'ok'}: {crashes} crashes, {held} claims held at that moment; "
        f"{findings.events} deliveries expected, {findings.arrived} arrived, "
        f"{findings.duplicates} of them repeated ({time.monotonic() - start:.0f} s)"
    )
    print(*wrong[:20], sep="\n")
    if wrong:
        print("\nlast output of the processes:", *running.errors(), sep="\n", file=sys.stderr)
    return bool(wrong)


def _make_endpoints(port: int) -> None:
    from talk_calls.webhooks import endpoints

    for name, event_types in (("all", []), ("ends", ["call.ended", "conversation.*"])):
        url = f"http://127.0.0.1:{port}/"
        endpoint = endpoints.create(name=name, url=url, event_types=event_types)
        endpoint.url = f"{url}{name}/{urlsafe_b64encode(endpoint.secret.encode()).decode()}"
        endpoint.save()


def _await_moment() -> None:
    """Wait until something is sent, and somewhat longer; or for any time."""
    if random.random() > _AIMED:
        time.sleep(random.uniform(0, _BETWEEN))
        return
    end = time.monotonic() + _UNTIL_CLAIM
    while time.monotonic() < end and not _claims():
        time.sleep(0.005)
    time.sleep(random.uniform(0, _AFTER_CLAIM))


def _claims() -> int:
    """Return how many streams are claimed; after a kill nobody works on some of them."""
    from talk_calls.host import clock
    from talk_calls.models import WebhookStream

    return WebhookStream.objects.filter(claimed_until__gt=clock.now()).count()


def _wait() -> bool:
    """Wait until everything is delivered; tell whether it is. Pauses after refusals are cut."""
    from talk_calls.models import OutboxEvent, WebhookDelivery
    from talk_calls.webhooks.replay import replay

    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        pending = WebhookDelivery.objects.pending()
        if not pending.exists() and not OutboxEvent.objects.filter(for_webhooks=True).exists():
            return True
        replay(pending.filter(attempts__gt=0))
        time.sleep(1)
    return False


if __name__ == "__main__":
    main()
