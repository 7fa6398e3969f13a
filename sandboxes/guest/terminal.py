"""Give a program that draws on its terminal one, and press keys on it as a person would.

A pseudo-terminal takes the place of the three standard streams; a thread holds its other end, reads
what is drawn and types: the keys the code mentions, then what commonly leaves such a program. What
is on the screen in the end is written to the real output, so that it is in the report.
"""

from __future__ import annotations

import _thread
import os
import re
import struct
import sys
import time

from . import screen

LINES, COLUMNS = 40, 120
"""More than the usual 24 and 80: what fits a window a person has made larger fits here."""
KIND = "xterm-256color"
"""What every system's terminfo knows."""
FIRST_KEY_SECONDS = 0.6
KEY_SECONDS = 0.12
LAST_SECONDS = 0.6
"""How long a program may take to end after what ought to have ended it."""
MAX_SCREEN_BYTES = 256 << 10
"""Kept of what was drawn, from the end: what is older has been drawn over since."""
MAX_SHOWN_LINES = 80
KEYS = {
    "KEY_UP": b"\x1bOA", "KEY_DOWN": b"\x1bOB", "KEY_RIGHT": b"\x1bOC", "KEY_LEFT": b"\x1bOD",
    "KEY_ENTER": b"\r", "KEY_BACKSPACE": b"\x7f", "KEY_HOME": b"\x1bOH", "KEY_END": b"\x1bOF",
    "KEY_NPAGE": b"\x1b[6~", "KEY_PPAGE": b"\x1b[5~", "KEY_DC": b"\x1b[3~",
}  # fmt: skip
"""As terminfo spells them for that kind, in its application mode."""
LEAVING = (b"q", b"Q", b"\r", b"\x1b", b"x", b"y", b"\x04", b"\x18")
"""Enter, escape, and the ends of input and of an editor among them."""
ENTER = ("KEY_ENTER", b"\r")
MENU_ENTRIES = 8
_LETTER = re.compile(r"\bord\(\s*['\"](.)['\"]\s*\)|==\s*['\"]([a-zA-Z ])['\"]")


def around(execute: object, _: dict, job: dict, channel: object) -> object:
    """Return `execute` on a terminal of its own, with somebody at it."""
    text = b"\n".join(job["files"].values()).decode("utf-8", "replace")
    typist = Typist(_wanted(job["plan"]["keys"], text), channel)

    def on_a_terminal() -> None:
        os.environ.update(TERM=KIND, LINES=str(LINES), COLUMNS=str(COLUMNS))
        typist.sit_down()
        try:
            execute()
        finally:
            typist.get_up()

    return on_a_terminal


def _wanted(keys: list, text: str) -> list:
    """Return the names and bytes of the keys to press, those that leave a program last."""
    named = [(name, KEYS[name]) for name in keys if name in KEYS]
    letters = dict.fromkeys(match[1] or match[2] for match in _LETTER.finditer(text))
    typed = [(letter, letter.encode()) for letter in letters if letter.encode() not in LEAVING]
    arrows = [] if named else [(name, KEYS[name]) for name in ("KEY_DOWN", "KEY_UP")]
    ends = [(repr(key)[2:-1], key) for key in LEAVING]
    # The way out of a menu is its last entry; where it goes round, that is the one above the first.
    menu = [
        *[("KEY_DOWN", KEYS["KEY_DOWN"])] * MENU_ENTRIES,
        ENTER,
        ("KEY_UP", KEYS["KEY_UP"]),
        ENTER,
    ]
    return [*named, *arrows, *typed[:12], *ends, *menu]


class Typist:
    """Who holds the other end of the terminal."""

    def __init__(self, keys: list, channel: object) -> None:
        """Press `keys`, and tell `channel`."""
        self.keys = keys
        self.channel = channel
        self.drawn = bytearray()
        self.draws = 0
        self.pressed = 0
        self.over = False
        self.ours = -1
        self.kept: tuple = ()
        """The streams as they were."""

    def sit_down(self) -> None:
        """Put the terminal in the place of the standard streams."""
        import fcntl
        import termios

        self.ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.kept = tuple(os.dup(descriptor) for descriptor in (0, 1, 2))
        for descriptor in (0, 1, 2):
            os.dup2(theirs, descriptor)
        os.close(theirs)
        _thread.start_new_thread(self._read, ())
        _thread.start_new_thread(self._type, ())

    def get_up(self) -> None:
        """Put the streams back, tell what was seen, and show what was on the screen."""
        sys.stdout.flush()
        time.sleep(0.05)  # what was just written is still on its way through the terminal
        self.over = True
        for descriptor, real in enumerate(self.kept):
            os.dup2(real, descriptor)
        self._tell()

    def _read(self) -> None:
        try:
            while piece := os.read(self.ours, 1 << 14):
                self.draws += 1
                del self.drawn[: max(0, len(self.drawn) + len(piece) - MAX_SCREEN_BYTES)]
                self.drawn += piece
        except OSError:
            pass  # nobody holds the program's end any more

    def _type(self) -> None:
        time.sleep(FIRST_KEY_SECONDS)
        for name, key in self.keys:
            if self.over:
                return
            try:
                os.write(self.ours, key)
            except OSError:
                return
            self.pressed += 1
            self.channel.tell("observed", kind="key", key=name)
            time.sleep(KEY_SECONDS)
        time.sleep(LAST_SECONDS)
        if not self.over:
            self._tell()
            self.channel.tell("seen-enough")

    def _tell(self) -> None:
        self.channel.tell("observed", kind="terminal", draws=self.draws, keys=self.pressed)
        seen = screen.Screen(LINES, COLUMNS)
        seen.feed(bytes(self.drawn).decode("utf-8", "replace"))
        shown = seen.shown()[-MAX_SHOWN_LINES:]
        os.write(self.kept[1], "\n".join([*shown, ""]).encode("utf-8", "replace"))
