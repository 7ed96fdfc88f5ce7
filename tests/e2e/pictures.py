"""Take the picture of the README, a call of four: part of `make pictures`.

Each visitor has a browser of their own, whose camera is a file with a drawn figure in it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.conftest import CHROMIUM, OPTIONS
from tests.e2e.site import Meeting, Site
from tests.e2e.visitors import DESKTOP, Visitor, until

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "call-page.png"
WIDTH, HEIGHT = 640, 360

#: Luma and chroma of the wall behind a figure, and of the figure's clothes.
ROOMS = {
    "Alice": ((200, 130, 118), (60, 120, 125)),
    "Bob": ((170, 110, 120), (70, 150, 110)),
    "Carol": ((190, 120, 145), (90, 110, 170)),
    "Dana": ((150, 125, 110), (110, 140, 90)),
}
FACE = (165, 110, 150)


def main() -> None:
    """Store the picture as the owner of the conversation sees the call."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        site = Site(f"sqlite:///{folder}/site.sqlite3")
        site.prepare()
        site.start()
        try:
            take(playwright, site.converse(), folder)
        finally:
            site.stop()


def take(playwright: Playwright, meeting: Meeting, folder: Path) -> None:
    with ExitStack() as browsers:
        owner = browsers.enter_context(visitor(playwright, meeting, "Alice", folder))
        owner.log_in().join()
        others = [
            browsers.enter_context(visitor(playwright, meeting, name, folder)).open().join()
            for name in list(ROOMS)[1:]
        ]
        until(lambda: all_seen(owner), 60, owner.page)
        others[-1].button("Raise hand").click()
        owner.page.locator("#call-log > *").first.wait_for()
        until(lambda: owner.page.locator("#call-log > *").count() == 0, 30, owner.page)
        owner.page.screenshot(path=PICTURE)


def all_seen(owner: Visitor) -> bool:
    """Tell whether the owner's page shows pictures of all others."""
    frames = owner.decoded().values()
    return len(frames) == len(ROOMS) - 1 and min(frames) > 0


@contextmanager
def visitor(playwright: Playwright, meeting: Meeting, name: str, folder: Path) -> Iterator[Visitor]:
    """Start a browser with a camera for somebody; close it at the end."""
    camera = folder / f"{name}.y4m"
    camera.write_bytes(video(*ROOMS[name]))
    options = [*OPTIONS, f"--use-file-for-fake-video-capture={camera}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    try:
        yield Visitor(browser, meeting, name, viewport=DESKTOP)
    finally:
        browser.close()


def video(wall: tuple[int, int, int], clothes: tuple[int, int, int]) -> bytes:
    """Return one frame of video, in the format YUV4MPEG2: head and shoulders before a wall."""
    pixels = [[_pixel(x, y, wall, clothes) for x in range(WIDTH)] for y in range(HEIGHT)]
    luma = bytes(pixel[0] for row in pixels for pixel in row)
    blue, red = (
        bytes(pixel[plane] for row in pixels[::2] for pixel in row[::2]) for plane in (1, 2)
    )
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F6:1 Ip A1:1 C420\n".encode()
    return head + b"FRAME\n" + luma + blue + red


def _pixel(
    x: int, y: int, wall: tuple[int, int, int], clothes: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Return luma and chroma of one pixel."""
    across, down = x - WIDTH / 2, y - 140
    if (across / 55) ** 2 + (down / 70) ** 2 < 1:
        return FACE
    if (across / 140) ** 2 + ((y - HEIGHT) / 130) ** 2 < 1:
        return clothes
    return (wall[0] - y // 6, *wall[1:])


if __name__ == "__main__":
    main()
