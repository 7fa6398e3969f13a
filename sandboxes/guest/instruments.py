"""Watch a program through the libraries it uses, and use it as a person would.

A library is touched only after the program itself has imported it, by wrapping the few functions
that show something. The wrappers call the original and hand on whatever it returns or raises; what
fails in here is told as `not-instrumented` and never reaches the program.

These modules are imported in a package whose name no program can have, never by their own names: a
program may have a `game` or a `png` of its own.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

WATCHED = {
    "PIL.Image": "figures.pictures",
    "PyQt5.QtWidgets": "qt.watch",
    "PyQt6.QtWidgets": "qt.watch",
    "PySide2.QtWidgets": "qt.watch",
    "PySide6.QtWidgets": "qt.watch",
    "cv2": "figures.opencv",
    "matplotlib.pyplot": "figures.matplotlib",
    "plotly.io": "figures.plotly",
    "pygame": "game.watch",
    "pyglet.window": "pyglets.watch",
    "pyxel": "pyxels.watch",
    "tkinter": "windows.watch",
    "tkinter.simpledialog": "dialogs.watch",
    "turtle": "turtles.watch",
}
"""What is called with a module and the session once the module is complete."""
MAX_KEPT_BYTES = 24 << 20
"""Of all files of a run together; the supervisor stops a program whose events are twice as much."""


def install(job: dict, channel: object, tell_crash: Callable) -> None:
    """Arrange that the known libraries are instrumented as soon as they are imported.

    `tell_crash` takes an exception that is the program's fault even where a library caught it.
    """
    import atexit

    session = Session(job["plan"], channel, tell_crash)
    sys.meta_path.insert(0, AfterImport(WATCHED, session))
    atexit.register(session.keep_files, job["paths"]["work"], job["files"])


def load_all() -> None:
    """Load every instrument now: the program has files named like modules that they import."""
    for hook in dict.fromkeys((*WATCHED.values(), "leavings.keep")):
        __import__(f"{__package__}.{hook.split('.')[0]}")


class Session:
    """What every instrument needs: the plan, and ways to tell what was seen."""

    def __init__(self, plan: dict, channel: object, tell_crash: Callable) -> None:
        """Drive by `plan`, tell on `channel`."""
        self.plan = plan
        self.channel = channel
        self.tell_crash = tell_crash
        self.kept_bytes = 0
        self.figures = 0
        """How many were kept, of whatever library."""
        self.user: object = None
        """Who uses the windows of a tkinter program, once there is tkinter."""

    def observe(self, kind: str, **fields: object) -> None:
        """Tell one observation."""
        self.channel.tell("observed", kind=kind, **fields)

    def keep(self, path: str, data: bytes, kind: str) -> None:
        """Send a file; a later one of the same path replaces it. Beyond a bound nothing is sent."""
        if self.kept_bytes + len(data) <= MAX_KEPT_BYTES:
            self.kept_bytes += len(data)
            self.channel.tell("artifact", data, path=path, kind=kind)

    def driving(self) -> None:
        """Say that the program is being used, and is to be left alone until that is over."""
        self.channel.tell("driving")

    def seen_enough(self) -> None:
        """Say that the program may be ended: nothing more is going to be tried."""
        self.channel.tell("seen-enough")

    def quiet(self, action: Callable) -> Callable:
        """Return `action` made harmless: its first failure is told, and it is never tried again."""
        failed = False

        def attempt(*args: object) -> object:
            nonlocal failed
            if failed:
                return None
            try:
                return action(*args)
            except Exception as error:
                failed = True
                self.observe("not-instrumented", error=repr(error)[:300])
                return None

        return attempt

    def keep_files(self, work: str, given: dict) -> None:
        """Send the pictures and pages the program wrote itself; `given` are those it came with."""
        from . import leavings

        self.quiet(leavings.keep)(work, given, self)


def replace(owner: object, name: str, make: Callable) -> None:
    """Put `make(original)` in the place of a function, looking like it from outside."""
    original = getattr(owner, name)
    replacement = make(original)
    for each in ("__module__", "__name__", "__qualname__", "__doc__", "__defaults__"):
        try:
            setattr(replacement, each, getattr(original, each))
        except (AttributeError, TypeError):
            pass  # functions written in C have less to tell
    replacement.__wrapped__ = original
    setattr(owner, name, replacement)


def after(owner: object, name: str, action: Callable) -> None:
    """Call `action()` each time a function of a library has returned."""

    def make(original: Callable) -> Callable:
        def wrapper(*args: object, **kwargs: object) -> object:
            result = original(*args, **kwargs)
            action()
            return result

        return wrapper

    replace(owner, name, make)


class AfterImport:
    """A finder that finds nothing itself, and calls a hook when a module has been executed."""

    def __init__(self, hooks: dict, session: Session) -> None:
        """Call the hook of a module once, after the module is complete."""
        self.hooks = dict(hooks)
        self.session = session

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        """Let the other finders look, and wrap the loader of a module that has a hook."""
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                if spec.loader is not None:
                    self._run_after(spec, hook)
                return spec
        return None

    def _run_after(self, spec: object, hook: str) -> None:
        execute = spec.loader.exec_module

        def exec_module(module: object) -> None:
            execute(module)
            spec.loader.__dict__.pop("exec_module", None)
            # A library we do not know in this version is not the program's fault.
            self.session.quiet(self._instrument)(hook, module)

        spec.loader.exec_module = exec_module

    def _instrument(self, hook: str, module: object) -> None:
        name, function = hook.split(".")
        instrument = __import__(f"{__package__}.{name}", fromlist=[name])
        getattr(instrument, function)(module, self.session)
