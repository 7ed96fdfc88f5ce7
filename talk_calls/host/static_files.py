"""Where the static files of the site come from, for the headers of pages."""

from urllib.parse import urlsplit

from django.templatetags.static import static


def static_origins() -> list[str]:
    """Return the origin of ``STATIC_URL`` in a list, which is empty if that is the site's own."""
    address = urlsplit(static("talk_calls/call/main.js"))
    if not address.netloc:
        return []
    scheme = f"{address.scheme}://" if address.scheme else ""
    return [f"{scheme}{address.netloc}"]
