"""The security headers of the call page."""

from urllib.parse import urlsplit

from django.templatetags.static import static

_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"


def page_headers() -> dict[str, str]:
    """Return the headers of every response with the page."""
    return {
        "Content-Security-Policy": content_security_policy(),
        "Permissions-Policy": _PERMISSIONS,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def content_security_policy() -> str:
    """Return a policy that allows no inline code, and loads from the site or STATIC_URL only."""
    own = " ".join(["'self'", *static_origins()])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            f"img-src {own} data:",
            f"font-src {own}",
            "connect-src 'self'",
            "media-src 'self' blob: mediastream:",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def static_origins() -> list[str]:
    """Return the origin of ``STATIC_URL`` in a list, which is empty if that is the site's own."""
    address = urlsplit(static("talk_calls/call/call.css"))
    if not address.netloc:
        return []
    scheme = f"{address.scheme}://" if address.scheme else ""
    return [f"{scheme}{address.netloc}"]
