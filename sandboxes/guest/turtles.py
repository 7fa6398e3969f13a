"""Watch a turtle program: its drawing runs at full speed, its keys are pressed while it waits."""

from __future__ import annotations

from .instruments import replace
from .windows import around_main_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session


def watch(turtle: object, session: Session) -> None:
    """Watch through `turtle`, which opens its window and binds its keys through tkinter."""

    def make_hasty(_: Callable) -> Callable:
        def _delay(*_: object) -> None:
            """Wait for nothing: the picture is the same, and there sooner."""

        return _delay

    replace(turtle.TurtleScreenBase, "_delay", make_hasty)
    user = session.user
    # Tk's own loop is called there, below everything tkinter knows of.
    around_main_loop(turtle.TurtleScreenBase, "mainloop", user)
    user.is_loop = lambda: _is_loop(turtle, user)
    user.closes_itself = False


def _is_loop(turtle: object, user: object) -> bool:
    """Tell whether a program without a main loop is waiting for somebody, and not just drawing."""
    screen = vars(turtle.Turtle).get("_screen")
    return bool(user.bindings.known) or (screen is not None and screen.tracer() == 0)
