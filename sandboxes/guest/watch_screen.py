"""Give a program a virtual X display, and look at it from beside: Xvfb keeps its screen in a file.

Usage: watch_screen.py READY_FD EVENTS_FD TOKEN. Says it is ready by closing READY_FD, once the
display answers. Reports a window when the screen is no longer what it was when it was empty.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time

import_path = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, import_path)

import png  # noqa: E402 - -I keeps a script's own folder off sys.path

FOLDER = "/tmp/.display"
WIDTH, HEIGHT = 1024, 768
LOOK_SECONDS = 0.1
SHOW_SECONDS = 2.5
"""How long a window is watched after it appeared, before we have seen enough."""


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
    watch(events, token, empty)


def watch(events: int, token: str, empty: bytes) -> None:
    """Report the first window and keep the latest picture of it."""
    appeared, last, enough = None, empty, False
    while True:
        time.sleep(LOOK_SECONDS)
        now = read_screen()
        if now != empty and now != last:
            last = now
            if appeared is None:
                appeared = time.monotonic()
                tell(events, token, event="observed", kind="window", width=WIDTH, height=HEIGHT)
            tell(
                events, token, picture(now), event="artifact", path="window.png", kind="screenshot"
            )
        if appeared and not enough and time.monotonic() - appeared > SHOW_SECONDS:
            enough = True
            tell(events, token, event="seen-enough", unless_driven=True)


def tell(events: int, token: str, data: bytes = b"", **fields: object) -> None:
    """Send one event; pipe writes above PIPE_BUF may interleave, so one writer is all there is."""
    line = json.dumps({**fields, "token": token, "size": len(data)}).encode() + b"\n" + data
    view = memoryview(line)
    while view:
        view = view[os.write(events, view) :]


def read_screen() -> bytes:
    """Return Xvfb's screen file: an XWD header, a colour map, 32-bit pixels."""
    with open(f"{FOLDER}/Xvfb_screen0", "rb") as file:
        return file.read()


def picture(screen: bytes) -> bytes:
    """Return the part of the screen that is not empty as a PNG (the XWD format of X11's xwd)."""
    header_size, colours = (
        struct.unpack_from(">I", screen)[0],
        struct.unpack_from(">I", screen, 76)[0],
    )
    pixels = screen[header_size + colours * 12 :][: WIDTH * HEIGHT * 4]
    rgb = bytearray(WIDTH * HEIGHT * 3)
    rgb[0::3], rgb[1::3], rgb[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
    left, top, right, bottom = _bounds(pixels)
    rows = (rgb[(y * WIDTH + left) * 3 : (y * WIDTH + right) * 3] for y in range(top, bottom))
    return png.encode(right - left, bottom - top, b"".join(rows))


def _bounds(pixels: bytes) -> tuple:
    """Return left, top, right, bottom of what is not the background at the screen's far corner."""
    background = pixels[-4:]
    row_bytes = WIDTH * 4
    blank = background * WIDTH
    filled = [y for y in range(HEIGHT) if pixels[y * row_bytes : (y + 1) * row_bytes] != blank]
    if not filled:
        return 0, 0, WIDTH, HEIGHT
    columns = [
        x for x in range(WIDTH)
        if pixels[x * 4 + filled[0] * row_bytes : (filled[-1] + 1) * row_bytes : row_bytes].strip(
            background[:1]
        )
    ]  # fmt: skip
    left, right = (columns[0], columns[-1] + 1) if columns else (0, WIDTH)
    return left, filled[0], right, filled[-1] + 1


main()
