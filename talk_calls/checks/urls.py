"""Checks of the site's URLs: whether those of the app are there, and lead to the app."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.urls import (
    LocalePrefixPattern,
    NoReverseMatch,
    Resolver404,
    URLResolver,
    get_resolver,
    get_script_prefix,
    resolve,
    reverse,
)

#: An include, after the includes that it stands in.
_Nesting = tuple[URLResolver, ...]


@dataclass(frozen=True, eq=False)
class Include:
    """URLs of the app that a site may include.

    ``probes`` are names of routes and their arguments; what is true of them is taken to be true of
    the other routes. A route that a site may well have of its own, as that of avatars, is none.
    """

    module: str
    app_name: str
    probes: Mapping[str, Mapping[str, object]]

    def is_included(self) -> bool:
        """Tell whether ROOT_URLCONF includes it; not so if that cannot be imported."""
        return bool(self.places())

    def places(self) -> list[_Nesting]:
        """Return where ROOT_URLCONF includes it; nowhere if that cannot be imported."""
        if not getattr(settings, "ROOT_URLCONF", None):
            return []
        try:
            found = list(_includes(get_resolver()))
        except Exception:  # noqa: BLE001 -- any error of the site's modules; Django reports it
            return []
        return [nesting for nesting in found if nesting[-1].app_name == self.app_name]


API = Include(
    "talk_calls.urls",
    "talk_calls",
    {
        "talk_calls:v4:room-list": {"ocs_version": 2},
        "talk_calls:v4:call-detail": {"ocs_version": 1, "token": "probe"},
        "talk_calls:unknown-route": {"ocs_version": 2},
    },
)
ACCOUNTS = Include(
    "talk_calls.accounts.urls",
    "talk_accounts",
    {
        "talk_accounts:status": {},
        "talk_accounts:capabilities": {"ocs_version": 2},
        "talk_accounts:login-start": {},
        "talk_accounts:login-direct": {},
        "talk_accounts:app-passwords": {},
    },
)
CALL_PAGE = Include("talk_calls.call_page.urls", "talk_web", {"talk_web:call": {"token": "probe"}})
METRICS = Include("talk_calls.metrics.urls", "talk_metrics", {"talk_metrics:metrics": {}})


def check_urls(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that the API is included, and that every included route leads to its view."""
    found: list[checks.CheckMessage] = []
    for include in (API, ACCOUNTS, CALL_PAGE, METRICS):
        if places := include.places():
            found += _faults(include, places)
        elif include is API and _can_be_imported():
            found.append(_is_missing())
    return found


def _faults(include: Include, places: list[_Nesting]) -> Iterator[checks.CheckMessage]:
    if all(_has_language(nesting) for nesting in places):
        yield _has_a_language(include)
        return
    for name, arguments in include.probes.items():
        try:
            path = reverse(name, kwargs=dict(arguments))
        except NoReverseMatch:
            yield _is_not_reversible(include)
            return
        if fault := _fault_of_path(include, path):
            yield fault
            return


def _fault_of_path(include: Include, path: str) -> checks.CheckMessage | None:
    try:
        match = resolve(f"/{path.removeprefix(get_script_prefix())}")
    except Resolver404:
        return _leads_elsewhere(include, path, "nowhere")
    if include.app_name in match.app_names:
        return None
    return _leads_elsewhere(include, path, f"to {match.view_name} by the route {match.route!r}")


def _can_be_imported() -> bool:
    if not getattr(settings, "ROOT_URLCONF", None):
        return False
    try:
        return get_resolver().url_patterns is not None
    except Exception:  # noqa: BLE001 -- any error of the site's modules; Django reports it
        return False


def _includes(resolver: URLResolver, outer: _Nesting = ()) -> Iterator[_Nesting]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            nesting = (*outer, pattern)
            yield nesting
            yield from _includes(pattern, nesting)


def _has_language(nesting: _Nesting) -> bool:
    return any(
        isinstance(each.pattern, LocalePrefixPattern) and each.pattern.prefix_default_language
        for each in nesting
    )


def _is_missing() -> checks.CheckMessage:
    return checks.Warning(
        "ROOT_URLCONF does not include talk_calls.urls, so there is no call API.",
        hint=(
            'Add path("", include("talk_calls.urls")). If a middleware chooses other URLs '
            "(request.urlconf), include it there and silence this warning."
        ),
        id="talk_calls.W005",
    )


def _is_not_reversible(include: Include) -> checks.CheckMessage:
    return checks.Error(
        f"{include.module} is included where its routes have other names or more arguments.",
        hint=(
            f'Write path("", include("{include.module}")) in ROOT_URLCONF itself, '
            "outside of other namespaces and of paths with arguments."
        ),
        id="talk_calls.E017",
    )


def _has_a_language(include: Include) -> checks.CheckMessage:
    return checks.Error(
        f"{include.module} is included inside of i18n_patterns.",
        hint=(
            "Move it out of i18n_patterns: clients know the addresses without a language. "
            "Texts are in the language of the browser all the same."
        ),
        id="talk_calls.E018",
    )


def _leads_elsewhere(include: Include, path: str, where: str) -> checks.CheckMessage:
    return checks.Error(
        f"{include.module} is included, but {path} leads {where}.",
        hint=f'Move path("", include("{include.module}")) up, before routes that match any path.',
        id="talk_calls.E019",
    )
