"""Use a tkinter program: fill it in, press everything, then close it as a person would.

All of it goes on inside Tk's own event loop, step by step, so it holds for `mainloop`, for a
program's own loop around `update`, and within dialogs that wait.
"""

from __future__ import annotations

from time import monotonic

from . import widgets
from .bindings import Bindings
from .dialogs import answer_natively
from .instruments import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

SETTLE_MS = 400
STEP_MS = 40
CALM_MS = 250
"""After the last press, before the window is closed: what it set off is to be seen."""
UNATTENDED_SECONDS = 1.5
"""How long a program that runs no main loop is left to build its windows, or to draw."""
PATIENCE_SECONDS = 0.5
"""How long something that was pressed may go on, handling events, before more is tried."""
MAX_STEPS = 60


def watch(tkinter: object, session: Session) -> None:
    """Watch through `tkinter`."""
    user = session.user = User(tkinter, session)
    _after_tk_is_made(tkinter, session.quiet(user.sit_down))
    around_main_loop(tkinter.Misc, "mainloop", user)
    around_main_loop(tkinter, "mainloop", user)
    _after_binding(tkinter, session.quiet(user.bindings.note))
    _hear_crashes(tkinter, user, session)


def _after_tk_is_made(tkinter: object, made: Callable) -> None:
    def make(original: Callable) -> Callable:
        def __init__(self: object, *args: object, **kwargs: object) -> None:  # noqa: N807 - it is
            original(self, *args, **kwargs)
            made(self)

        return __init__

    replace(tkinter.Tk, "__init__", make)


def around_main_loop(owner: object, name: str, user: User) -> None:
    """Let the user know while a function that is a main loop runs."""

    def make(original: Callable) -> Callable:
        def mainloop(*args: object, **kwargs: object) -> object:
            user.loops += 1
            try:
                return original(*args, **kwargs)
            finally:
                user.loops -= 1

        return mainloop

    replace(owner, name, make)


def _after_binding(tkinter: object, noted: Callable) -> None:
    def make(original: Callable) -> Callable:
        def _bind(
            self: object, what: tuple, sequence: object, func: object, *args: object,
            **kwargs: object,
        ) -> object:  # fmt: skip
            result = original(self, what, sequence, func, *args, **kwargs)
            if func and sequence:
                noted(self, what, sequence, func)
            return result

        return _bind

    replace(tkinter.Misc, "_bind", make)


def _hear_crashes(tkinter: object, user: User, session: Session) -> None:
    tell = session.quiet(session.tell_crash)

    def make(original: Callable) -> Callable:
        def report_callback_exception(
            self: object, exc: type, val: BaseException, tb: object
        ) -> object:
            # What was going on when its window was closed ends in Tk's error, whoever closed it.
            # A turtle that draws on when it is ended says so too, whoever ended it.
            if exc.__name__ != "Terminator" and not (user.closing and exc.__name__ == "TclError"):
                tell(val)
            return original(self, exc, val, tb)

        return report_callback_exception

    replace(tkinter.Tk, "report_callback_exception", make)


class User:
    """Somebody who sits before the program's windows."""

    def __init__(self, tkinter: object, session: Session) -> None:
        """Use nothing yet: there is no window."""
        self.tkinter = tkinter
        self.session = session
        self.bindings = Bindings(session)
        self.roots: list = []
        self.loops = 0
        """How many main loops of the program's stand above each other now."""
        self.done: set = set()
        self.closing = False
        self.acting = 0
        """How many things done are not over yet: they drew, or wait."""
        self.steps = 0
        self.last_at = 0.0
        self.began = 0.0
        self.is_loop: Callable = lambda: True
        """Tells whether what handles events outside a main loop is a loop of the program's own."""
        self.tks_own: set = set()
        """The answers to being closed that are not the program's: Tk destroys the window."""
        self.closes_itself = True
        """False where a library has an answer of its own."""

    def sit_down(self, root: object) -> None:
        """Begin to use a root window as soon as its events are looked at."""
        if not getattr(root, "_tkloaded", True):
            return  # an interpreter of Tcl alone has no windows
        answer_natively(root, self.session)
        self.tks_own.add(widgets.close_command(root))
        self.roots.append(root)
        if len(self.roots) == 1:
            self.session.driving()
            self.began = monotonic()
            self._later(SETTLE_MS)

    def _later(self, milliseconds: int) -> None:
        # Straight to Tcl: `after` would show our call among the program's own.
        alive = self._alive()
        if alive:
            root = alive[0]
            name = root.tk.call("info", "commands", "_guest_step")
            if not name:
                root.tk.createcommand("_guest_step", self._step)
            root.tk.call("after", milliseconds, "_guest_step")

    def _alive(self) -> list:
        return [root for root in self.roots if _exists(root)]

    def _step(self) -> None:
        """Do one thing, and arrange for the next before it: what is pressed may wait for more."""
        try:
            if not self._ready():
                self._later(SETTLE_MS // 4)
                return
            self._later(STEP_MS)
            self._act()
        except self.tkinter.TclError:
            pass  # the window was closed meanwhile
        except Exception as error:
            self.session.observe("not-instrumented", error=repr(error)[:300])

    def _ready(self) -> bool:
        if self.loops:
            return True
        return monotonic() - self.began >= UNATTENDED_SECONDS and bool(self.is_loop())

    def _act(self) -> None:
        now = monotonic()
        if self.acting and now - self.last_at < PATIENCE_SECONDS and not self._asked():
            return
        action = self._next() if self.steps < MAX_STEPS else None
        if action is not None:
            self.steps += 1
            self.last_at = now
            self.acting += 1
            try:
                action()
            finally:
                self.acting -= 1
        elif (now - self.last_at) * 1000 >= CALM_MS and self._long_enough(now):
            self._close()

    def _long_enough(self, now: float) -> bool:
        return now - self.began >= min(self.session.plan["play_seconds"], 1.5)

    def _next(self) -> Callable | None:
        """Return what to do next; None where everything was tried."""
        windows = self._windows()
        modal = next((each for each in windows if _holds_everything(each)), None)
        if modal is not None:
            return (
                widgets.next_action([modal], self.done, self.session)
                or widgets.next_action([modal], self.done, self.session, leaving=True)
                or (lambda: _close_window(modal))
            )
        return (
            widgets.next_action(windows, self.done, self.session)
            or self.bindings.next_action(self.done)
            or widgets.next_action(windows, self.done, self.session, leaving=True)
        )

    def _asked(self) -> bool:
        return any(map(_holds_everything, self._windows()))

    def _windows(self) -> list:
        return [window for root in self._alive() for window in widgets.windows(root)]

    def _close(self) -> None:
        """Close every window through its own answer to that, the last opened first."""
        self.steps = MAX_STEPS
        self.last_at = float("inf")
        windows = self._windows()
        answers = set(map(widgets.close_command, windows)) - self.tks_own - {""}
        handled = self.closes_itself and answers
        if not self.loops and not handled:
            # A loop of the program's own that never said what closing means would end in Tk's
            # error whoever closed it; there is nothing to be learned from that.
            self.session.seen_enough()
            return
        self.closing = True
        self.session.observe("close", after_seconds=round(monotonic() - self.began, 3))
        for window in reversed(windows):
            if _exists(window):
                _close_window(window)


def _close_window(window: object) -> None:
    command = widgets.close_command(window)
    if command:
        window.tk.call(command)
    else:
        window.destroy()


def _holds_everything(window: object) -> bool:
    """Tell whether nothing but this window can be used now."""
    return str(window.tk.call("grab", "current", str(window))) == str(window)


def _exists(widget: object) -> bool:
    try:
        return bool(int(widget.tk.call("winfo", "exists", str(widget))))
    except Exception:
        return False
