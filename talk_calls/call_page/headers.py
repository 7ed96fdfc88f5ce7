"""The security headers of the call page."""

from talk_calls.conf import conf
from talk_calls.host.static_files import static_origins

_NOBODY = "'none'"

#: What the page may use. In a frame, this takes rights away and gives none: the page around it
#: gives them, by the attribute `allow` of the frame.
_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"


def page_headers() -> dict[str, str]:
    """Return the headers of every response with the page."""
    return {
        "Content-Security-Policy": content_security_policy(),
        "Permissions-Policy": _PERMISSIONS,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        **_frame_options(),
    }


def content_security_policy() -> str:
    """Return a policy that allows no inline code, and loads from the site or STATIC_URL only.

    With external signaling the page connects to the WebSockets of the signaling servers, too.
    """
    own = " ".join(["'self'", *static_origins()])
    servers = " ".join(["'self'", *signaling_addresses()])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            f"img-src {own} data:",
            f"font-src {own}",
            f"connect-src {servers}",
            "media-src 'self' blob: mediastream:",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(conf.frame_ancestors) or _NOBODY}",
        ]
    )


def _frame_options() -> dict[str, str]:
    """Return what older browsers read instead of ``frame-ancestors``.

    It has no words for other origins. If some are allowed there is no such header: every browser
    with WebRTC as the page uses it knows ``frame-ancestors``.
    """
    match conf.frame_ancestors:
        case []:
            return {"X-Frame-Options": "DENY"}
        case ["'self'"]:
            return {"X-Frame-Options": "SAMEORIGIN"}
        case _:
            return {}


def signaling_addresses() -> list[str]:
    """Return the addresses of the WebSockets of all signaling servers; internal mode has none."""
    if not conf.signaling.external:
        return []
    return [f"{server.url.replace('http', 'ws', 1)}/spreed" for server in conf.signaling.servers]
