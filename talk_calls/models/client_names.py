"""The names by which people know clients, made of what clients say about themselves.

A client names itself by the User-Agent of its first request. That is stored as it is, so that it is
read in the language of the reader, and those of older logins as well.
"""

import re

from django.utils.translation import gettext as _

#: The apps for phones put their device before the name of the app.
_APP_ON_DEVICE = re.compile(r"(?P<device>[^();/]{1,60}) \((?:Nextcloud )?Talk\)")

_TALK = re.compile(r"\b(?:Nextcloud[ -])?Talk\b", re.IGNORECASE)

#: What stands for a browser; those that name others as well, to be served alike, come first.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome"}
_BROWSERS |= {"CriOS/": "Chrome", "FxiOS/": "Firefox", "Safari/": "Safari"}

#: What stands for a system, in the order in which one is looked for.
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "iOS": "iOS"}
_SYSTEMS |= {"Windows": "Windows", "Macintosh": "macOS", "Mac OS": "macOS", "Darwin": "macOS"}
_SYSTEMS |= {"CrOS": "ChromeOS", "Linux": "Linux", "X11": "Linux"}

#: The device in what browsers of Android say; those that hide it say "K".
_ANDROID_DEVICE = re.compile(
    r"Android [\d.]+; (?!K\))(?P<device>[^;)]{2,60}?)(?: Build/[^;)]*)?[;)]"
)


def recognisable(name: str) -> str:
    """Return a client's name as people know it, such as "Talk for Android".

    It is in the active language. What is no User-Agent of a known form, such as a name that
    somebody typed, stays as it is.
    """
    if on_device := _APP_ON_DEVICE.fullmatch(name):
        return _("Talk on {device}").format(device=on_device["device"])
    system = _first(_SYSTEMS, name)
    if not name.startswith("Mozilla/") or system is None:
        return name
    app = "Talk" if _TALK.search(name) else _first(_BROWSERS, name)
    if app is None:
        return name
    device = _ANDROID_DEVICE.search(name)
    if device is None:
        return _("{app} for {system}").format(app=app, system=system)
    return _("{app} for {system} on {device}").format(
        app=app, system=system, device=device["device"]
    )


def _first(known: dict[str, str], text: str) -> str | None:
    return next((name for mark, name in known.items() if mark in text), None)
