"""Play a pyglet or arcade program: count its frames, press its keys, close its window."""

from __future__ import annotations

from time import monotonic

from .instruments import after
from .keyboard import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .instruments import Session

SETTLE_SECONDS = 0.4
STEP_SECONDS = 0.06
"""A key is held for one step and up for the next."""
TELL_SECONDS = 0.2
LEFT_BUTTON = 1


def watch(window: object, session: Session) -> None:
    """Watch and play through `pyglet.window`."""
    player = Player(window, session)
    after(window.Window, "flip", session.quiet(player.after_frame))


class Player:
    """Someone who tries the game out, on pyglet's own clock."""

    def __init__(self, window: object, session: Session) -> None:
        """Wait for a first frame."""
        self.keys = window.key
        self.session = session
        self.count = 0
        self.began = self.told = 0.0
        self.script: Iterator = iter(())

    def after_frame(self) -> None:
        """Count a frame; with the first, begin to play."""
        now = monotonic()
        self.count += 1
        if self.count == 1:
            self.began = now
            self._begin()
        if self.count == 1 or now - self.told >= TELL_SECONDS:
            self.told = now
            seconds = round(now - self.began, 2)
            self.session.observe("frames", count=self.count, seconds=seconds, replaces=True)

    def _begin(self) -> None:
        import pyglet.clock

        self.session.driving()
        plan = self.session.plan
        names = [name for name in plan["keys"] if hasattr(self.keys, name.removeprefix("key."))]
        self.script = iter(Script(names, plan["mouse"]).steps())
        pyglet.clock.schedule_interval(self._step, STEP_SECONDS)
        self.release = None

    def _step(self, _: float) -> None:
        """Do one thing. What the program's own handlers raise is its own, and goes on its way."""
        age = monotonic() - self.began
        window = self._window()
        if age < SETTLE_SECONDS or window is None:
            return
        if self.release is not None:
            release, self.release = self.release, None
            release()
            return
        step = next(self.script, None) if age < self.session.plan["play_seconds"] * 1.6 else None
        if step is not None:
            keys, point = step
            self._click(window, point) if point is not None else self._hold(window, keys)
        elif age >= self.session.plan["play_seconds"]:
            import pyglet.clock

            pyglet.clock.unschedule(self._step)
            self.session.observe("close", after_seconds=round(age, 3))
            window.dispatch_event("on_close")

    def _window(self) -> object:
        import pyglet.app

        return next((each for each in pyglet.app.windows if each.context is not None), None)

    def _hold(self, window: object, names: tuple) -> None:
        symbols = [getattr(self.keys, name.removeprefix("key.")) for name in names]

        def release() -> None:
            for symbol in symbols:
                window.dispatch_event("on_key_release", symbol, 0)

        self.release = release
        for name, symbol in zip(names, symbols, strict=True):
            self.session.observe("key", key=name)
            window.dispatch_event("on_key_press", symbol, 0)

    def _click(self, window: object, fractions: tuple) -> None:
        x, y = int(window.width * fractions[0]), int(window.height * fractions[1])

        def release() -> None:
            window.dispatch_event("on_mouse_release", x, y, LEFT_BUTTON, 0)

        self.release = release
        self.session.observe("click", x=x, y=y)
        window.dispatch_event("on_mouse_motion", x, y, 0, 0)
        window.dispatch_event("on_mouse_press", x, y, LEFT_BUTTON, 0)
