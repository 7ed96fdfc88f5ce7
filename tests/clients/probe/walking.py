"""Going through a table of steps, and judging each answer."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tests.clients.probe.device import Answer, Device, Unknown
from tests.clients.probe.steps import Step

_ERROR, _SERVER_ERROR = 400, 500


@dataclass(frozen=True)
class Result:
    """A step that was asked, or was not; ``status`` 0 means that nothing came back.

    ``problem`` is empty where all is well, and ``reason`` says why a refusal is.
    """

    client: str
    step: str
    status: int
    seconds: float
    problem: str = ""
    reason: str = ""


def walk(client: str, steps: Iterable[Step], devices: Mapping[str, Device]) -> list[Result]:
    """Send the steps in turn, those that wait beside the next ones; return all results in order."""
    results: list[Future[Result]] = []
    with ThreadPoolExecutor() as beside:
        for step in steps:
            future = beside.submit(_result, client, step, devices[step.by])
            if not step.waits:
                future.result()
            results.append(future)
    return [future.result() for future in results]


def _result(client: str, step: Step, device: Device) -> Result:
    try:
        answer = device.send(step)
    except Unknown as unknown:
        return Result(client, step.name, 0, 0, f"not asked: no answer before had {unknown}")
    if refusal := step.expected(answer.status):
        return Result(client, step.name, answer.status, answer.seconds, reason=refusal.reason)
    problem = _problem(answer) or (step.why_refused and f"not refused, though {step.why_refused}")
    if not problem and (missing := device.keep(step, answer)):
        problem = f"there is no {', '.join(missing)} in the answer"
    return Result(client, step.name, answer.status, answer.seconds, problem)


def _problem(answer: Answer) -> str:
    if answer.problem:
        return answer.problem
    if answer.status >= _SERVER_ERROR:
        return "the server failed"
    return "not expected" if answer.status >= _ERROR else ""
