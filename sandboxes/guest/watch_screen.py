"""Give a program a virtual X display, and look at it from beside: Xvfb keeps its screen in a file.

Usage: watch_screen.py READY_FD EVENTS_FD TOKEN [ROUTES]. Says it is ready by closing READY_FD, once
the display answers. Reports a window when the screen is no longer what it was when it was empty.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time

# As the runner does it: -I keeps a script's own folder off sys.path.
package = sys.modules["_guest"] = type(sys)("_guest")
package.__path__ = [os.path.dirname(os.path.abspath(__file__))]

from _guest import film, png  # noqa: E402 - after the package was made

FOLDER = "/tmp/.display"
WIDTH, HEIGHT = 1024, 768
PIXEL = "BGRX"
LOOK_SECONDS = 0.1
PICTURE_SECONDS = 0.5
"""Between two pictures of a window that moves: making one takes as long as looking ten times."""
SHOW_SECONDS = 2.5
"""How long a window is watched after it appeared, before we have seen enough."""
FILM_SECONDS = (1.2, 2.2, 4.0, 8.0)
"""When the animation so far is sent: nobody tells us before the end."""


def main() -> None:
    """Start the display, then watch it until the jail ends."""
    ready, events, token = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.makedirs(FOLDER, exist_ok=True)
    os.makedirs("/tmp/.X11-unix", exist_ok=True)
    answers, says = os.pipe()
    screen = f"{WIDTH}x{HEIGHT}x24"
    subprocess.Popen(
        ["Xvfb", ":99", "-displayfd", str(says), "-screen", "0", screen, "-fbdir", FOLDER,
         "-nolisten", "tcp", "-noreset"],
        pass_fds=(says,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(says)
    os.read(answers, 16)
    empty = read_screen()
    os.close(ready)
    Watch(events, token, empty).go_on()


class Watch:
    """What is seen on the display, from when something is."""

    def __init__(self, events: int, token: str, empty: bytes) -> None:
        """Tell on `events` what is no longer `empty`."""
        self.events = events
        self.token = token
        self.empty = self.last = empty
        self.distinct = 0
        self.appeared = self.pictured = 0.0
        self.pending = self.enough = False
        self.box = (WIDTH, HEIGHT, 0, 0)
        self.film = film.Film()
        self.film_due = list(FILM_SECONDS)

    def go_on(self) -> None:
        """Look again and again; only the end of the jail ends this."""
        while True:
            time.sleep(LOOK_SECONDS)
            screen = read_screen()
            now = time.monotonic()
            # A display that is empty again has nothing worth a picture: the window was closed.
            if screen not in (self.empty, self.last):
                self._see(screen, now)
            if self.appeared:
                self._keep(now)

    def _see(self, screen: bytes, now: float) -> None:
        self.last = screen
        self.distinct += 1
        self.pending = True
        self.appeared = self.appeared or now
        # A window grows into its place; the box around all of it is what pictures show.
        left, top, right, bottom = bounds(pixels(screen))
        box = self.box
        self.box = min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3])
        seen = {"width": WIDTH, "height": HEIGHT, "distinct": self.distinct}
        self._tell("observed", kind="window", replaces=True, **seen)

    def _keep(self, now: float) -> None:
        if self.pending and now - self.pictured >= PICTURE_SECONDS:
            self.pending, self.pictured = False, now
            size, cut = self._cut()
            data = png.encode(*size, film.thin(cut, size, 1, PIXEL))
            self._tell("artifact", data, path="window.png", kind="screenshot")
        if self.film_due and self.film.due(now):
            size, cut = self._cut()
            self.film.take(now, size, lambda _, factor: film.thin(cut, size, factor, PIXEL))
        if self.film_due and now - self.appeared >= self.film_due[0]:
            self.film_due.pop(0)
            if moving := self.film.develop():
                self._tell("artifact", moving, path="window.apng", kind="animation")
        if not self.enough and now - self.appeared > SHOW_SECONDS:
            self.enough = True
            self._tell("seen-enough", unless_driven=True)

    def _cut(self) -> tuple:
        """Return the size of the part of the screen that is not empty, and its pixels."""
        left, top, right, bottom = self.box
        data = pixels(self.last)
        rows = (data[(y * WIDTH + left) * 4 : (y * WIDTH + right) * 4] for y in range(top, bottom))
        return (right - left, bottom - top), b"".join(rows)

    def _tell(self, event: str, data: bytes = b"", **fields: object) -> None:
        header = {**fields, "event": event, "token": self.token, "size": len(data)}
        view = memoryview(b"\n" + json.dumps(header).encode() + b"\n" + data)
        # The runner writes there too, and only what fits a pipe at once is written in one piece.
        os.lockf(self.events, os.F_LOCK, 0)
        while view:
            view = view[os.write(self.events, view) :]
        os.lockf(self.events, os.F_ULOCK, 0)


def read_screen() -> bytes:
    """Return Xvfb's screen file: an XWD header, a colour map, 32-bit pixels."""
    with open(f"{FOLDER}/Xvfb_screen0", "rb") as file:
        return file.read()


def pixels(screen: bytes) -> bytes:
    """Return the pixels of a screen file (XWD, as X11's xwd writes it): blue, green, red, 0."""
    header_size = struct.unpack_from(">I", screen)[0]
    colours = struct.unpack_from(">I", screen, 76)[0]
    return screen[header_size + colours * 12 :][: WIDTH * HEIGHT * 4]


def bounds(data: bytes) -> tuple:
    """Return left, top, right, bottom of what is not the background at the screen's far corner."""
    background = data[-4:]
    row_bytes = WIDTH * 4
    blank = background * WIDTH
    filled = [y for y in range(HEIGHT) if data[y * row_bytes : (y + 1) * row_bytes] != blank]
    if not filled:
        return 0, 0, WIDTH, HEIGHT
    # A pixel is background where all of its bytes are; the first that differs is enough.
    part = data[filled[0] * row_bytes : (filled[-1] + 1) * row_bytes]
    columns = [
        x for x in range(WIDTH)
        if any(part[x * 4 + each :: row_bytes].strip(background[each : each + 1])
               for each in range(3))
    ]  # fmt: skip
    left, right = (columns[0], columns[-1] + 1) if columns else (0, WIDTH)
    return left, filled[0], right, filled[-1] + 1


if __name__ == "__main__":
    main()
