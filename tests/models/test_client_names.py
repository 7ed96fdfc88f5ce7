"""How people read what clients say about themselves."""

import pytest
from django.utils import translation

from talk_calls.models.client_names import recognisable

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mozilla/5.0 (Android) Nextcloud-Talk v20.1.0", "Talk for Android"),
        ("Mozilla/5.0 (iOS) Nextcloud-Talk v20.1.0", "Talk for iOS"),
        ("Mozilla/5.0 (Windows) Nextcloud-Talk v1.0.0", "Talk for Windows"),
        ("Google Pixel 8 (Nextcloud Talk)", "Talk on Google Pixel 8"),
        ("Ann's iPhone (Talk)", "Talk on Ann's iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", "Firefox for Linux"),
        (f"Mozilla/5.0 (Macintosh; Mac OS X 10) {KIT} Chrome/120.0", "Chrome for macOS"),
        (f"Mozilla/5.0 (Windows NT 10.0) {KIT} Chrome/1 Edg/1", "Edge for Windows"),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/A) {KIT} Chrome/1",
            "Chrome for Android on Pixel 8",
        ),
        (f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/120.0 Mobile", "Chrome for Android"),
        # Others are as they are.
        *((name, name) for name in ("", "phone", "Mozilla/5.0", "Mozilla/5.0 (Linux)", "curl/8.0")),
        ("Talk for Windows in {device}", "Talk for Windows in {device}"),
        ("{0} {device} (Talk)", "Talk on {0} {device}"),
    ],
)
def test_recognisable(name, shown):
    """Clients of Talk and browsers have a name, others the one that they gave."""
    assert recognisable(name) == shown


def test_german():
    """It is in the language of the reader."""
    with translation.override("de"):
        assert recognisable("Mozilla/5.0 (Android) Nextcloud-Talk v20.1.0") == "Talk für Android"


def test_nobody_can_make_it_slow():
    """A name has a hundred characters; no form of it takes long to read."""
    for name in ("(" * 100, "Mozilla/ Android 1; " + "Build/" * 13, "a " * 50, " " * 95 + "(Talk"):
        assert len(recognisable(name)) <= 200
