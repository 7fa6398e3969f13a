"""Watch a program through the libraries it uses: frames of a game, figures of a plot.

A library is touched only after the program itself has imported it, by wrapping the one function
that shows something. The wrappers call the original first and hand on whatever it returns.
"""

from __future__ import annotations

import sys
import time

import png


def install(plan: dict, channel: object) -> None:
    """Arrange that the known libraries are instrumented as soon as they are imported."""
    sys.meta_path.insert(0, AfterImport({
        "pygame": lambda module: Game(module, plan, channel),
        "matplotlib.pyplot": lambda module: Figures(module, channel),
    }, channel))  # fmt: skip


class AfterImport:
    """A finder that finds nothing itself, and calls a hook when a module has been executed."""

    def __init__(self, hooks: dict, channel: object) -> None:
        """Call `hooks[name](module)` once, after the module of that name is complete."""
        self.hooks = hooks
        self.channel = channel

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        """Let the other finders look, and wrap the loader of a module that has a hook."""
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                _run_after(spec, hook, self.channel)
                return spec
        return None


def _run_after(spec: object, hook: object, channel: object) -> None:
    execute = spec.loader.exec_module

    def exec_module(module: object) -> None:
        execute(module)
        spec.loader.__dict__.pop("exec_module", None)
        # A library we do not know in this version is not the program's fault.
        try:
            hook(module)
        except Exception as error:
            channel.tell("observed", kind="not-instrumented", error=repr(error)[:300])

    spec.loader.exec_module = exec_module


class Game:
    """Count the frames of a pygame program, keep pictures, press its keys, close its window."""

    SETTLE_SECONDS = 0.5
    KEY_SECONDS = 0.12
    REPORT_SECONDS = 0.2
    PICTURE_SECONDS = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)

    def __init__(self, pygame: object, plan: dict, channel: object) -> None:
        """Wrap `flip` and `update` of `pygame.display`."""
        self.pygame = pygame
        self.channel = channel
        self.play_seconds = plan["play_seconds"]
        self.keys = list(plan["keys"])
        self.count = 0
        self.distinct = 0
        self.last_hash = None
        self.began = self.reported = self.pressed = 0.0
        self.held = None
        self.pictures = list(self.PICTURE_SECONDS)
        self.closed = self.broken = False
        for name in ("flip", "update"):
            self._wrap(name)

    def _wrap(self, name: str) -> None:
        original = getattr(self.pygame.display, name)

        def shown(*args: object, **kwargs: object) -> object:
            result = original(*args, **kwargs)
            if not self.broken:
                try:
                    self._after_frame()
                except Exception as error:
                    self.broken = True
                    self.channel.tell("observed", kind="not-instrumented", error=repr(error)[:300])
            return result

        shown.__name__ = shown.__qualname__ = name
        shown.__doc__ = original.__doc__
        setattr(self.pygame.display, name, shown)

    def _after_frame(self) -> None:
        now = time.monotonic()
        self.count += 1
        if self.count == 1:
            self.began = self.reported = now
        age = now - self.began
        if self.count == 1 or now - self.reported >= self.REPORT_SECONDS:
            self.reported = now
            self._look()
        if self.pictures and age >= self.pictures[0]:
            while self.pictures and age >= self.pictures[0]:
                self.pictures.pop(0)
            self._picture()
        if age >= self.SETTLE_SECONDS and now - self.pressed >= self.KEY_SECONDS:
            self.pressed = now
            self._press()
        if age >= self.play_seconds and not self.closed:
            self.closed = True
            self._look()
            self._picture()
            self.channel.tell("observed", kind="close", after_seconds=round(age, 3))
            self.pygame.event.post(self.pygame.event.Event(self.pygame.QUIT))

    def _look(self) -> None:
        surface = self.pygame.display.get_surface()
        if surface is not None:
            seen = hash(bytes(surface.get_buffer()))
            self.distinct += seen != self.last_hash
            self.last_hash = seen
        self.channel.tell(
            "observed", kind="frames", count=self.count, distinct=self.distinct, replaces=True
        )

    def _picture(self) -> None:
        surface = self.pygame.display.get_surface()
        if surface is None:
            return
        width, height = surface.get_size()
        rgb = self.pygame.image.tostring(surface, "RGB")
        self.channel.tell(
            "artifact", png.encode(width, height, rgb), path="window.png", kind="screenshot"
        )

    def _press(self) -> None:
        pygame = self.pygame
        if self.held is not None:
            pygame.event.post(pygame.event.Event(pygame.KEYUP, self.held))
            self.held = None
        while self.keys:
            name = self.keys.pop(0)
            key = getattr(pygame, name, None)
            if isinstance(key, int):
                text = name[2:] if len(name) == 3 else ""
                self.held = {"key": key, "mod": 0, "unicode": text, "scancode": 0}
                self.channel.tell("observed", kind="key", key=name)
                pygame.event.post(pygame.event.Event(pygame.KEYDOWN, self.held))
                return


class Figures:
    """Keep what matplotlib would have shown."""

    MAX_FIGURES = 8

    def __init__(self, pyplot: object, channel: object) -> None:
        """Wrap `pyplot.show`, and look for figures never shown when the program ends."""
        import atexit

        self.pyplot = pyplot
        self.channel = channel
        self.kept: set = set()
        original = pyplot.show

        def show(*args: object, **kwargs: object) -> object:
            import warnings

            self.keep()
            with warnings.catch_warnings():
                # Agg says that it cannot show; the figure has just been kept instead.
                warnings.filterwarnings("ignore", message=".*non-interactive.*")
                result = original(*args, **kwargs)
            # On a screen a closed figure is gone when show() returns.
            pyplot.close("all")
            return result

        show.__doc__ = original.__doc__
        pyplot.show = show
        atexit.register(self.keep)

    def keep(self) -> None:
        """Send every open figure that was not sent before."""
        import io

        for number in self.pyplot.get_fignums():
            figure = self.pyplot.figure(number)
            if id(figure) in self.kept or len(self.kept) >= self.MAX_FIGURES:
                continue
            self.kept.add(id(figure))
            file = io.BytesIO()
            figure.savefig(file, format="png")
            name = f"figure-{len(self.kept)}.png"
            self.channel.tell("artifact", file.getvalue(), path=name, kind="figure")
            self.channel.tell("observed", kind="figure", path=name)
