"""Keep what a program would have shown: figures, pictures, pages and the frames of a video."""

from __future__ import annotations

from .instruments import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

MAX_FIGURES = 8
MAX_BYTES = 4 << 20
MAX_PIXELS = 4_000_000
"""A larger figure is drawn with fewer dots to the inch."""


def send(session: Session, data: bytes, suffix: str = ".png") -> bool:
    """Keep one figure; False once there are enough of them."""
    if session.figures >= MAX_FIGURES or not 0 < len(data) <= MAX_BYTES:
        return False
    session.figures += 1
    name = f"figure-{session.figures}{suffix}"
    session.keep(name, data, "figure")
    session.observe("figure", path=name)
    return True


def matplotlib(pyplot: object, session: Session) -> None:
    """Keep every figure at `pyplot.show`, and those never shown when the program ends."""
    import atexit

    kept: list = []

    def keep() -> None:
        for figure in _open_figures(pyplot):
            # Compared by identity and held on to: a later figure may get the number of this one.
            if not any(figure is each for each in kept) and session.figures < MAX_FIGURES:
                kept.append(figure)
                send(session, _drawn(figure))

    keep_quietly = session.quiet(keep)

    def keep_the_rest() -> None:
        # Drawing takes its time, and after a crash it is not the program's any more.
        if not session.channel.crashed:
            keep_quietly()

    def make(original: Callable) -> Callable:
        def show(*args: object, **kwargs: object) -> object:
            import warnings

            _draw_awaited(pyplot)
            keep_quietly()
            with warnings.catch_warnings():
                # Agg says that it cannot show; the figure has just been kept instead.
                warnings.filterwarnings("ignore", message=".*non-interactive.*")
                result = original(*args, **kwargs)
            if _waits(pyplot, *args, **kwargs):
                # On a screen show() returns once its figures were closed, and they are gone then.
                pyplot.close("all")
            return result

        return show

    replace(pyplot, "show", make)
    atexit.register(keep_the_rest)


def _draw_awaited(pyplot: object) -> None:
    """Draw the figures whose drawing something waits for, an animation mostly.

    On a screen they are drawn by show(), and what that raises is the program's.
    """
    for figure in _open_figures(pyplot):
        if figure.canvas.callbacks.callbacks.get("draw_event"):
            figure.canvas.draw()


def _waits(pyplot: object, block: object = None, **_: object) -> bool:
    """Tell whether `show`, called so, returns only when its figures were closed."""
    return not pyplot.isinteractive() if block is None else bool(block)


def _open_figures(pyplot: object) -> list:
    """Return the open figures, and leave the current one current: `pyplot.figure` would not."""
    managers = pyplot._pylab_helpers.Gcf.figs  # noqa: SLF001 - there is no other way to them
    return [managers[number].canvas.figure for number in pyplot.get_fignums()]


def _drawn(figure: object) -> bytes:
    import io

    file = io.BytesIO()
    width, height = figure.get_size_inches()
    dpi = min(figure.get_dpi(), (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def plotly(io: object, session: Session) -> None:
    """Keep the page `plotly.io.show` would have opened in a browser, and open none."""

    def make(original: Callable) -> Callable:
        def show(fig: object, *args: object, **kwargs: object) -> None:
            page = session.quiet(_page)(io, fig)
            if page is None:
                original(fig, *args, **kwargs)
            else:
                send(session, page.encode(), ".html")

        return show

    replace(io, "show", make)


def _page(io: object, figure: object) -> str:
    return io.to_html(figure, include_plotlyjs="cdn")


def pictures(image: object, session: Session) -> None:
    """Keep what `PIL.Image.Image.show` would have shown, and start no viewer."""

    def keep(picture: object) -> None:
        import io

        file = io.BytesIO()
        shown = picture if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else None
        (shown or picture.convert("RGB")).save(file, format="PNG")
        send(session, file.getvalue())

    def make(_: Callable) -> Callable:
        def show(self: object, title: str | None = None) -> None:  # noqa: ARG001 - PIL's own
            # A picture that cannot be read says so here, as it would on its way to the viewer.
            self.load()
            session.quiet(keep)(self)

        return show

    replace(image.Image, "show", make)


def opencv(cv2: object, session: Session) -> None:
    """Stand in for OpenCV's windows: keep what they show, and press keys in them."""
    from .highgui import Windows

    Windows(cv2, session).take_the_place_of(cv2)
