"""OpenCV's windows without a screen: what `imshow` shows is kept, and `waitKey` answers keys.

The headless build has no windows at all, the other one ends the process where there is no display;
so both get these, whose answers are those of a window somebody looks at and then closes with `q`.
"""

from __future__ import annotations

from time import monotonic, sleep

from .figures import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

WATCH_SECONDS = 1.5
"""How long a loop that shows one picture after the other is watched before a key is pressed."""
KEYS = (ord("q"), 27, ord(" "), 13)
"""What ends such a loop, likeliest first: q, Escape, space, Enter."""
PICTURE_SECONDS = 0.5
NO_KEY = -1
WITHOUT_EFFECT = (
    "namedWindow", "destroyWindow", "destroyAllWindows", "moveWindow", "resizeWindow",
    "setWindowTitle", "setWindowProperty", "setMouseCallback",
)  # fmt: skip


class Windows:
    """Every window the program opened, and who sits before them."""

    def __init__(self, cv2: object, session: Session) -> None:
        """Show nothing yet."""
        self.cv2 = cv2
        self.session = session
        self.shown: dict = {}
        self.values: dict = {}
        self.began = self.pressed = 0.0
        self.keys = 0

    def take_the_place_of(self, cv2: object) -> None:
        """Replace the functions of OpenCV that need a window."""
        self.show_itself = cv2.imshow
        instead = {
            "imshow": self.show,
            "waitKey": self.wait,
            "waitKeyEx": self.wait,
            "pollKey": lambda: self.wait(1),
            "getWindowProperty": lambda *_: 0.0 if self.keys else 1.0,
            "createTrackbar": self.add_slider,
            "getTrackbarPos": lambda name, winname: self.values.get((winname, name), -1),
            "setTrackbarPos": self.move_slider,
            "startWindowThread": lambda: 0,
            **dict.fromkeys(WITHOUT_EFFECT, _do_nothing),
        }
        for name, function in instead.items():
            if hasattr(cv2, name):
                setattr(cv2, name, _named(function, name))

    def show(self, winname: str, mat: object) -> None:
        """Keep the first picture of each window, and another from time to time."""
        if mat is None or not getattr(mat, "size", 0):
            self.show_itself(winname, mat)  # it says what is wrong with it
            return
        now = monotonic()
        self.began = self.began or now
        if now - self.shown.get(winname, float("-inf")) >= PICTURE_SECONDS:
            self.shown[winname] = now
            self.session.quiet(self._keep)(mat)

    def _keep(self, mat: object) -> None:
        if mat.dtype.kind == "f":
            mat = (mat * 255).clip(0, 255).astype("uint8")
        done, data = self.cv2.imencode(".png", mat)
        if done:
            send(self.session, data.tobytes())

    def wait(self, delay: int = 0) -> int:
        """Answer no key for a while, then those that end a loop; at once where it waits for one."""
        now = monotonic()
        self.began = self.began or now
        if delay > 0:
            sleep(min(delay, 1000) / 1000)
            if monotonic() - self.began < WATCH_SECONDS:
                return NO_KEY
        key = KEYS[self.keys % len(KEYS)]
        self.keys += 1
        self.session.observe("key", key=chr(key) if chr(key).isprintable() else f"code {key}")
        return key

    def add_slider(self, name: str, winname: str, value: int, *_: object) -> None:
        """Remember where a slider stands."""
        self.values[winname, name] = value

    def move_slider(self, name: str, winname: str, pos: int) -> None:
        """Move a slider."""
        self.values[winname, name] = pos


def _do_nothing(*_: object, **__: object) -> None:
    pass


def _named(method: Callable, name: str) -> Callable:
    def function(*args: object, **kwargs: object) -> object:
        return method(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    return function
