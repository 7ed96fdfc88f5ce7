"""Do the settings make sense?"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from talk_calls.doctor.findings import Finding, Visit, error, warning, well

#: Checks that are examinations of their own: the cache, and how the site is served.
_ELSEWHERE = {"talk_calls.W001", "talk_calls.W002"}


def examine(visit: Visit) -> list[Finding]:
    """Run our system checks, those for deployment too, and look at what matters to calls."""
    messages = [
        each
        for each in checks.run_checks(include_deployment_checks=True)
        if str(each.id).startswith("talk_calls.") and each.id not in _ELSEWHERE
    ]
    findings = [_finding(each) for each in messages]
    if settings.DEBUG:
        hint = "Set DEBUG = False: it keeps every statement in memory and shows the settings."
        findings.append(warning("DEBUG is on.", hint))
    if _is_plain(visit.url):
        hint = "Browsers give camera and microphone to https pages only; put TLS in front."
        findings.append(error("The site is served over plain HTTP.", hint))
    elif not visit.url and not settings.SESSION_COOKIE_SECURE:
        hint = "Set SESSION_COOKIE_SECURE = True: calls need HTTPS in every browser anyway."
        findings.append(warning("Session cookies may travel over plain HTTP.", hint))
    return findings or [well("All system checks of talk_calls pass.")]


def _is_plain(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}


def _finding(message: checks.CheckMessage) -> Finding:
    say = error if message.level >= checks.ERROR else warning
    return say(f"{message.id}: {message.msg}", message.hint or "See docs/settings.md.")
