"""Play a pyxel program: count its frames, press its keys, let it run."""

from __future__ import annotations

from time import monotonic

from .instruments import replace
from .keyboard import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .instruments import Session

SETTLE_SECONDS = 0.4
HOLD_FRAMES = 4
LOOK_SECONDS = 0.2


def watch(pyxel: object, session: Session) -> None:
    """Watch and play through `pyxel.flip`, which `run` and `show` are made of here.

    pyxel's own never return: they end the process from below Python, with whatever the program has
    raised, so that neither its end nor its crash could be told from any other.
    """
    player = Player(pyxel, session)
    loop = Loop(pyxel, player, session.quiet(player.around_frame))
    for name in ("flip", "run", "show", "quit"):
        replace(pyxel, name, lambda _, name=name: _function(getattr(loop, name)))


def _function(method: Callable) -> Callable:
    """Return a function for a method, which would not take another's name and documentation."""

    def function(*args: object, **kwargs: object) -> object:
        return method(*args, **kwargs)

    return function


class Loop:
    """pyxel's functions that begin, hold and end its loop."""

    def __init__(self, pyxel: object, player: Player, frame: Callable) -> None:
        """Call `frame` after each frame, until the player has had enough."""
        self.flip_itself = pyxel.flip
        self.player = player
        self.frame = frame

    def flip(self) -> None:
        """Show what was drawn."""
        self.flip_itself()
        self.frame()
        if self.player.over:
            raise SystemExit(0)

    def run(self, update: Callable, draw: Callable) -> None:
        """Show one frame after the other."""
        while True:
            update()
            draw()
            self.flip()

    def show(self) -> None:
        """Show one frame until the window is closed."""
        while True:
            self.flip()

    def quit(self) -> None:
        """End the program."""
        raise SystemExit(0)


class Player:
    """Someone who tries the game out, frame by frame."""

    def __init__(self, pyxel: object, session: Session) -> None:
        """Wait for a first frame."""
        self.pyxel = pyxel
        self.session = session
        self.count = self.distinct = 0
        self.began = self.looked = 0.0
        self.seen: int | None = None
        self.script: Iterator | None = None
        self.held: tuple = ()
        self.until = 0
        self.over = False

    def around_frame(self) -> None:
        """Count a frame, and press what is to be pressed in the next."""
        self.after_frame()
        self.before_frame()

    def after_frame(self) -> None:
        """Count a frame, and look at it now and then."""
        now = monotonic()
        self.count += 1
        if self.count == 1:
            self.began = now
            self.session.driving()
        if self.count == 1 or now - self.looked >= LOOK_SECONDS:
            self.looked = now
            self._look(now)

    def before_frame(self) -> None:
        """Press what is to be pressed in the coming frame."""
        if not self.count or self.over:
            return
        age = monotonic() - self.began
        if self.count < self.until or age < SETTLE_SECONDS:
            return
        for name in self.held:
            self.pyxel.set_btn(getattr(self.pyxel, name), False)
        steps = self._steps()
        step = next(steps, None) if age < self.session.plan["play_seconds"] * 1.6 else None
        self.held, point = step or ((), None)
        self.until = self.count + HOLD_FRAMES
        if point is not None:
            self.held = ("MOUSE_BUTTON_LEFT",)
            x, y = self.pyxel.width * point[0], self.pyxel.height * point[1]
            self.pyxel.set_mouse_pos(x, y)
            self.session.observe("click", x=int(x), y=int(y))
        for name in self.held:
            if point is None:
                self.session.observe("key", key=name)
            self.pyxel.set_btn(getattr(self.pyxel, name), True)
        if step is None and age >= self.session.plan["play_seconds"]:
            self.over = True
            self._tell(monotonic())
            self.session.observe("close", after_seconds=round(age, 3))

    def _steps(self) -> Iterator:
        if self.script is None:
            plan = self.session.plan
            names = [name for name in plan["keys"] if hasattr(self.pyxel, name)]
            steps = Script([name for name in names if name.startswith("KEY_")], plan["mouse"])
            self.script = iter(steps.steps())
        return self.script

    def _look(self, now: float) -> None:
        screen = self.pyxel.screen
        seen = hash(bytes(screen.data_ptr()[: screen.width * screen.height]))
        self.distinct += seen != self.seen
        self.seen = seen
        self._tell(now)

    def _tell(self, now: float) -> None:
        self.session.observe(
            "frames", count=self.count, distinct=self.distinct,
            seconds=round(now - self.began, 2), replaces=True,
        )  # fmt: skip
