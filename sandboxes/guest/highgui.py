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
        self.imshow_itself = cv2.imshow
        for name in (
            "imshow", "waitKey", "waitKeyEx", "pollKey", "namedWindow", "destroyWindow",
            "destroyAllWindows", "moveWindow", "resizeWindow", "setWindowTitle",
            "setWindowProperty", "getWindowProperty", "setMouseCallback", "createTrackbar",
            "getTrackbarPos", "setTrackbarPos", "startWindowThread",
        ):  # fmt: skip
            if hasattr(cv2, name):
                setattr(cv2, name, _named(getattr(self, name), name))

    def imshow(self, winname: str, mat: object) -> None:
        """Keep the first picture of each window, and another from time to time."""
        if mat is None or not getattr(mat, "size", 0):
            self.imshow_itself(winname, mat)  # it says what is wrong with it
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

    def waitKey(self, delay: int = 0) -> int:  # noqa: N802 - OpenCV's own name
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

    def waitKeyEx(self, delay: int = 0) -> int:  # noqa: N802 - OpenCV's own name
        """Answer as `waitKey` does."""
        return self.waitKey(delay)

    def pollKey(self) -> int:  # noqa: N802 - OpenCV's own name
        """Answer as `waitKey(1)` does."""
        return self.waitKey(1)

    def namedWindow(self, winname: str, flags: int = 1) -> None:  # noqa: N802 - OpenCV's own name
        """Open a window."""

    def destroyWindow(self, winname: str) -> None:  # noqa: N802 - OpenCV's own name
        """Close one window."""

    def destroyAllWindows(self) -> None:  # noqa: N802 - OpenCV's own name
        """Close all windows."""

    def moveWindow(self, winname: str, x: int, y: int) -> None:  # noqa: N802 - OpenCV's own name
        """Leave it where it is."""

    def resizeWindow(self, winname: str, *size: object) -> None:  # noqa: N802 - OpenCV's own name
        """Leave it as large as it is."""

    def setWindowTitle(self, winname: str, title: str) -> None:  # noqa: N802 - OpenCV's own name
        """Leave its name."""

    def setWindowProperty(self, *args: object) -> None:  # noqa: N802 - OpenCV's own name
        """Leave it as it is."""

    def getWindowProperty(self, winname: str, prop_id: int) -> float:  # noqa: N802 - OpenCV's own
        """Say that it is open and visible until somebody has pressed a key."""
        return 0.0 if self.keys else 1.0

    def setMouseCallback(self, *args: object) -> None:  # noqa: N802 - OpenCV's own name
        """Move no mouse."""

    def createTrackbar(  # noqa: N802 - OpenCV's own name
        self, name: str, winname: str, value: int, count: int, on_change: Callable | None = None
    ) -> None:
        """Remember where it stands."""
        self.values[winname, name] = value

    def getTrackbarPos(self, name: str, winname: str) -> int:  # noqa: N802 - OpenCV's own name
        """Return where it stands."""
        return self.values.get((winname, name), -1)

    def setTrackbarPos(self, name: str, winname: str, pos: int) -> None:  # noqa: N802
        """Move it."""
        self.values[winname, name] = pos

    def startWindowThread(self) -> int:  # noqa: N802 - OpenCV's own name
        """Start nothing."""
        return 0


def _named(method: Callable, name: str) -> Callable:
    def function(*args: object, **kwargs: object) -> object:
        return method(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    return function
