"""The settings of a site that measures, and reading its page."""

from django.test import Client

TOKEN = "a-token-that-only-prometheus-has-0123456789"
ON = {"METRICS": True, "METRICS_TOKEN": TOKEN}


def values(text: str) -> dict[str, float]:
    """Return the samples of a page."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def page(**headers: str) -> str:
    """Return the page, as whoever has the token gets it."""
    from talk_calls.metrics import exposition

    exposition.DATABASE.forget()
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", **headers})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()
